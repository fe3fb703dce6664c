use super::*;
use event_store::testing::given;
use fixtures::{address, amazing_view};
use proptest::prelude::*;

fn at(minute: i64) -> Moment {
    let second = 1_800_000_000 + 60 * minute;
    Moment::new(jiff::Timestamp::from_second(second).unwrap()).unwrap()
}

fn restaurant() -> RestaurantId {
    RestaurantId::from_uuid(uuid::Uuid::from_u128(7))
}

fn courier(number: u128) -> CourierId {
    CourierId::from_uuid(uuid::Uuid::from_u128(number))
}

fn position(latitude: f64) -> Position {
    Position {
        latitude: latitude.try_into().unwrap(),
        longitude: (-122.2712).try_into().unwrap(),
    }
}

fn create() -> DeliveryCommand {
    DeliveryCommand::Create {
        restaurant_id: restaurant(),
        delivery_address: amazing_view(),
        delivery_time: at(120),
    }
}

fn revise() -> DeliveryCommand {
    DeliveryCommand::Revise {
        delivery_address: address("1 Other Street"),
        delivery_time: at(180),
    }
}

fn request() -> DeliveryCommand {
    DeliveryCommand::RequestCourier { ready_by: at(60) }
}

fn schedule_with(number: u128) -> DeliveryCommand {
    DeliveryCommand::Schedule(Schedule {
        courier_id: courier(number),
        pickup_time: at(60),
        delivery_time: at(90),
    })
}

fn locate(latitude: f64) -> DeliveryCommand {
    DeliveryCommand::UpdateLocation {
        position: position(latitude),
    }
}

fn created() -> DeliveryEvent {
    DeliveryEvent::DeliveryCreated {
        restaurant_id: restaurant(),
        delivery_address: amazing_view(),
        delivery_time: at(120),
    }
}

fn requested() -> DeliveryEvent {
    DeliveryEvent::DeliveryCourierRequested { ready_by: at(60) }
}

fn scheduled() -> DeliveryEvent {
    DeliveryEvent::DeliveryScheduled {
        courier_id: courier(1),
        pickup_time: at(60),
        delivery_time: at(90),
    }
}

fn picked_up() -> DeliveryEvent {
    DeliveryEvent::DeliveryPickedUp {}
}

fn delivered() -> DeliveryEvent {
    DeliveryEvent::DeliveryDelivered {
        courier_id: courier(1),
    }
}

fn cancelled() -> DeliveryEvent {
    DeliveryEvent::DeliveryCancelled { courier_id: None }
}

fn every_command() -> Vec<DeliveryCommand> {
    vec![
        create(),
        revise(),
        request(),
        schedule_with(1),
        schedule_with(2),
        DeliveryCommand::PickUp,
        locate(37.8),
        DeliveryCommand::Deliver,
        DeliveryCommand::Cancel,
    ]
}

/// The domain's table, written down a second time to compare the decider with: for each history, the outcome of each of
/// [`every_command`]. `-` is refused, `=` changes nothing, `x` stores the event.
fn table() -> Vec<(DeliveryStatus, Vec<DeliveryEvent>, &'static str)> {
    use DeliveryStatus::{Cancelled, Delivered, Pending, PickedUp, Scheduled};
    let until = |events: &[fn() -> DeliveryEvent]| events.iter().map(|event| event()).collect();
    vec![
        // create, revise, request, schedule, schedule with another, pick up, locate, deliver, cancel
        (Pending, until(&[created]), "=xx-----x"),
        (Pending, until(&[created, requested]), "=x=xx---x"),
        (Scheduled, until(&[created, requested, scheduled]), "-x-=-xx-x"),
        (
            PickedUp,
            until(&[created, requested, scheduled, picked_up]),
            "-x-=-=xx-",
        ),
        (
            Delivered,
            until(&[created, requested, scheduled, picked_up, delivered]),
            "-------=-",
        ),
        (Cancelled, until(&[created, cancelled]), "--------="),
        (
            Cancelled,
            until(&[created, requested, scheduled, cancelled]),
            "--------=",
        ),
    ]
}

#[test]
fn every_command_after_every_history_matches_the_table() {
    for (status, history, row) in table() {
        let delivery = given::<Delivery>(history.clone()).state().0.unwrap();
        assert_eq!(delivery.status, status);
        for (command, cell) in every_command().into_iter().zip(row.chars()) {
            let name = command.name();
            let test = given::<Delivery>(history.clone()).when(command.clone());
            match cell {
                'x' => test.then(command.event(&delivery)),
                '=' => test.then_nothing(),
                _ => test.then_error(DeliveryError::InvalidTransition {
                    command: name,
                    status,
                }),
            };
        }
    }
}

#[test]
fn a_delivery_that_does_not_exist_can_only_be_created() {
    for command in every_command().into_iter().skip(1) {
        given::<Delivery>([])
            .when(command)
            .then_error(DeliveryError::NotCreated);
    }
    given::<Delivery>([]).when(create()).then([created()]);
}

#[test]
fn a_delivery_waits_for_a_courier_from_the_request_to_the_schedule() {
    let waits = |history: &[DeliveryEvent]| {
        let state = given::<Delivery>(history.to_vec()).state().0.unwrap();
        state.waits_for_courier()
    };
    assert_eq!(waits(&[created()]), None);
    assert_eq!(waits(&[created(), requested()]), Some(at(60)));
    assert_eq!(waits(&[created(), requested(), scheduled()]), None);
    assert_eq!(waits(&[created(), requested(), cancelled()]), None);
}

#[test]
fn cancellation_after_scheduling_names_the_courier() {
    given::<Delivery>([created(), requested(), scheduled()])
        .when(DeliveryCommand::Cancel)
        .then([DeliveryEvent::DeliveryCancelled {
            courier_id: Some(courier(1)),
        }]);
}

#[test]
fn courier_request_with_another_time_is_refused() {
    given::<Delivery>([created(), requested()])
        .when(DeliveryCommand::RequestCourier { ready_by: at(61) })
        .then_error(DeliveryError::InvalidTransition {
            command: "request a courier",
            status: DeliveryStatus::Pending,
        });
}

#[test]
fn revision_that_changes_nothing_stores_no_event() {
    given::<Delivery>([created()])
        .when(DeliveryCommand::Revise {
            delivery_address: amazing_view(),
            delivery_time: at(120),
        })
        .then_nothing();
}

#[test]
fn unchanged_position_stores_no_event() {
    let here = DeliveryEvent::DeliveryLocationUpdated {
        position: position(37.8),
    };
    let history = [created(), requested(), scheduled(), here];
    given::<Delivery>(history.clone())
        .when(locate(37.8))
        .then_nothing();
    given::<Delivery>(history)
        .when(locate(37.9))
        .then([DeliveryEvent::DeliveryLocationUpdated {
            position: position(37.9),
        }]);
}

#[test]
fn state_size_does_not_grow_with_positions() {
    let size = |positions: u32| {
        let moved = (1..=positions).map(|n| DeliveryEvent::DeliveryLocationUpdated {
            position: position(37.0 + f64::from(n % 9 + 1) / 10.0),
        });
        let history = [created(), requested(), scheduled()].into_iter().chain(moved);
        let state = given::<Delivery>(history).state();
        serde_json::to_vec(&state).unwrap().len()
    };
    assert_eq!(size(1_000), size(1));
}

proptest! {
    #[test]
    fn no_command_sequence_restores_an_earlier_status_or_changes_the_courier(choices in prop::collection::vec(0..9_usize, 0..40)) {
        let mut state = DeliveryState::default();
        let commands = every_command();
        for choice in choices {
            let before = state.clone();
            let decided = decide(&state, &commands[choice]);
            state = decided.iter().flatten().fold(state, evolve);
            let (Some(before), Some(after)) = (&before.0, &state.0) else {
                prop_assert_eq!(state.0.is_some(), choice == 0);
                continue;
            };
            prop_assert!(after.status >= before.status);
            prop_assert!(before.schedule.is_none() || after.schedule == before.schedule);
            let has_courier = after.schedule.is_some();
            match after.status {
                DeliveryStatus::Pending => prop_assert!(!has_courier),
                DeliveryStatus::Cancelled => {}
                _ => prop_assert!(has_courier),
            }
        }
    }
}
