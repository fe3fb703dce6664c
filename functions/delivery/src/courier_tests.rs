use super::*;
use event_store::testing::given;
use proptest::prelude::*;

fn at(minute: i64) -> Moment {
    let second = 1_800_000_000 + 60 * minute;
    Moment::new(Timestamp::from_second(second).unwrap()).unwrap()
}

fn order(number: u128) -> OrderId {
    OrderId::from_uuid(uuid::Uuid::from_u128(number))
}

fn name() -> CourierName {
    "Ada Lovelace".parse().unwrap()
}

fn plan(number: u128) -> Plan {
    Plan {
        order_id: order(number),
        pickup_time: at(60),
        delivery_time: at(90),
    }
}

fn created() -> CourierEvent {
    CourierEvent::CourierCreated { name: name() }
}

fn available(available: bool) -> CourierEvent {
    CourierEvent::CourierAvailabilityChanged { available }
}

fn assigned() -> CourierEvent {
    CourierEvent::CourierAssigned {
        order_id: order(1),
        pickup_time: at(60),
        delivery_time: at(90),
    }
}

fn released() -> CourierEvent {
    CourierEvent::CourierReleased { order_id: order(1) }
}

/// The outcome in one cell of the table.
#[derive(Clone)]
enum Then {
    Happens(CourierEvent),
    Nothing,
    Refused(CourierError),
}

fn every_command() -> [CourierCommand; 7] {
    [
        CourierCommand::Create { name: name() },
        CourierCommand::SetAvailability { available: true },
        CourierCommand::SetAvailability { available: false },
        CourierCommand::Assign(plan(1)),
        CourierCommand::Assign(plan(2)),
        CourierCommand::Release { order_id: order(1) },
        CourierCommand::Release { order_id: order(2) },
    ]
}

/// Returns, for each history, the outcome of each of [`every_command`].
fn table() -> Vec<(Vec<CourierEvent>, [Then; 7])> {
    use Then::{Happens, Nothing, Refused};
    let exists = || Refused(CourierError::Exists);
    let unavailable = || Refused(CourierError::Unavailable);
    let busy = || Refused(CourierError::Busy { order_id: order(1) });
    let unknown = || Refused(CourierError::NotCreated);
    let assigned_to = |number| {
        let Plan {
            order_id,
            pickup_time,
            delivery_time,
        } = plan(number);
        Happens(CourierEvent::CourierAssigned {
            order_id,
            pickup_time,
            delivery_time,
        })
    };
    vec![
        (
            vec![],
            [
                Happens(created()),
                unknown(),
                unknown(),
                unknown(),
                unknown(),
                Nothing,
                Nothing,
            ],
        ),
        (
            vec![created()],
            [
                exists(),
                Happens(available(true)),
                Nothing,
                unavailable(),
                unavailable(),
                Nothing,
                Nothing,
            ],
        ),
        (
            vec![created(), available(true)],
            [
                exists(),
                Nothing,
                Happens(available(false)),
                assigned_to(1),
                assigned_to(2),
                Nothing,
                Nothing,
            ],
        ),
        (
            vec![created(), available(true), assigned()],
            [
                exists(),
                Nothing,
                Happens(available(false)),
                Nothing,
                busy(),
                Happens(released()),
                Nothing,
            ],
        ),
        (
            vec![created(), available(true), assigned(), available(false)],
            [
                exists(),
                Happens(available(true)),
                Nothing,
                Nothing,
                busy(),
                Happens(released()),
                Nothing,
            ],
        ),
        (
            vec![created(), available(true), assigned(), released()],
            [
                exists(),
                Nothing,
                Happens(available(false)),
                assigned_to(1),
                assigned_to(2),
                Nothing,
                Nothing,
            ],
        ),
    ]
}

#[test]
fn every_command_after_every_history_matches_the_table() {
    for (history, row) in table() {
        for (command, then) in every_command().into_iter().zip(row) {
            let test = given::<Courier>(history.clone()).when(command);
            match then {
                Then::Happens(event) => test.then([event]),
                Then::Nothing => test.then_nothing(),
                Then::Refused(error) => test.then_error(error),
            }
        }
    }
}

#[test]
fn unavailable_courier_keeps_the_assigned_delivery() {
    let state = given::<Courier>([created(), available(true), assigned(), available(false)]).state();
    assert_eq!(state.0.unwrap().plan, Some(plan(1)));
}

#[test]
fn available_courier_without_a_delivery_is_free() {
    let is_free = |history: &[CourierEvent]| given::<Courier>(history.to_vec()).state().0.unwrap().is_free();
    assert!(!is_free(&[created()]));
    assert!(is_free(&[created(), available(true)]));
    assert!(!is_free(&[created(), available(true), assigned()]));
    assert!(!is_free(&[
        created(),
        available(true),
        assigned(),
        available(false),
        released()
    ]));
    assert!(is_free(&[created(), available(true), assigned(), released()]));
}

#[test]
fn plan_has_pickup_at_ready_by_and_delivery_half_an_hour_later() {
    assert_eq!(Plan::new(order(1), at(60), at(0).timestamp()), plan(1));
}

#[test]
fn plan_of_ready_food_has_pickup_now() {
    let late = Plan::new(order(1), at(60), at(75).timestamp());
    assert_eq!((late.pickup_time, late.delivery_time), (at(75), at(105)));
}

#[test]
fn plan_at_the_last_moment_does_not_fail() {
    let last: Moment = "2199-12-31T23:59:59.999Z".parse().unwrap();
    assert_eq!(Plan::new(order(1), last, at(0).timestamp()).delivery_time, last);
}

proptest! {
    #[test]
    fn courier_has_at_most_one_delivery_until_it_is_released(
        choices in prop::collection::vec(0..7_usize, 0..40)
    ) {
        let mut state = CourierState::default();
        let commands = every_command();
        for choice in choices {
            let before = state.0.as_ref().and_then(|courier| courier.plan);
            state = decide(&state, &commands[choice]).iter().flatten().fold(state, evolve);
            let after = state.0.as_ref().and_then(|courier| courier.plan);
            if let Some(plan) = before {
                let released = commands[choice] == CourierCommand::Release { order_id: plan.order_id };
                prop_assert_eq!(after, (!released).then_some(plan));
            }
        }
    }
}
