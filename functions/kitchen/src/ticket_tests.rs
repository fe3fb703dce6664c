use super::*;
use event_store::testing::given;
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn ready(second: i64) -> Moment {
    Moment::new(at(second)).unwrap()
}

fn lines() -> LineItems {
    LineItems::new(vec![contracts::LineItem {
        menu_item_id: "1".parse().unwrap(),
        name: "Chicken Vindaloo".parse().unwrap(),
        price: "12.34".parse().unwrap(),
        quantity: contracts::Quantity::new(5).unwrap(),
    }])
    .unwrap()
}

fn restaurant() -> RestaurantId {
    RestaurantId::from_uuid(uuid::Uuid::from_u128(7))
}

fn create() -> TicketCommand {
    TicketCommand::Create {
        restaurant_id: restaurant(),
        line_items: lines(),
    }
}

fn accept() -> TicketCommand {
    TicketCommand::Accept {
        ready_by: ready(60),
        now: at(0),
    }
}

fn created() -> TicketEvent {
    TicketEvent::TicketCreated {
        restaurant_id: restaurant(),
        line_items: lines(),
    }
}

fn accepted() -> TicketEvent {
    TicketEvent::TicketAccepted { ready_by: ready(60) }
}

/// A history that ends in this status.
fn history(status: TicketStatus) -> Vec<TicketEvent> {
    let way = [
        (TicketStatus::CreatePending, created()),
        (TicketStatus::AwaitingAcceptance, TicketEvent::TicketConfirmed {}),
        (TicketStatus::Accepted, accepted()),
        (TicketStatus::Preparing, TicketEvent::TicketPreparationStarted {}),
        (
            TicketStatus::ReadyForPickup,
            TicketEvent::TicketPreparationCompleted {},
        ),
        (TicketStatus::PickedUp, TicketEvent::TicketPickedUp {}),
    ];
    if status == TicketStatus::Cancelled {
        return vec![created(), TicketEvent::TicketCancelled {}];
    }
    let steps = way.iter().position(|(s, _)| *s == status).unwrap();
    way.into_iter().take(steps + 1).map(|(_, event)| event).collect()
}

fn every_command() -> Vec<TicketCommand> {
    vec![
        create(),
        TicketCommand::Confirm,
        accept(),
        TicketCommand::StartPreparation,
        TicketCommand::CompletePreparation,
        TicketCommand::PickUp,
        TicketCommand::Cancel,
    ]
}

/// The domain's table, written down a second time so that the decider is compared with something: for each status,
/// what each of [`every_command`] does. `-` refused, `=` nothing to do, `x` happens.
const TABLE: [(TicketStatus, &str); 7] = [
    //                                   create, confirm, accept, start, complete, pick up, cancel
    (TicketStatus::CreatePending, "=x----x"),
    (TicketStatus::AwaitingAcceptance, "-=x---x"),
    (TicketStatus::Accepted, "--=x--x"),
    (TicketStatus::Preparing, "---=x--"),
    (TicketStatus::ReadyForPickup, "----=x-"),
    (TicketStatus::PickedUp, "-----=-"),
    (TicketStatus::Cancelled, "------="),
];

#[test]
fn every_cell_of_the_table_is_as_the_domain_says() {
    for (status, row) in TABLE {
        for (command, cell) in every_command().into_iter().zip(row.chars()) {
            let name = command.name();
            let test = given::<Ticket>(history(status)).when(command.clone());
            match cell {
                'x' => test.then([command.event()]),
                '=' => test.then([]),
                _ => test.then_error(TicketError::InvalidTransition {
                    command: name,
                    status,
                }),
            };
        }
    }
}

#[test]
fn a_ticket_that_does_not_exist_can_only_be_created() {
    for command in every_command().into_iter().skip(1) {
        given::<Ticket>([])
            .when(command)
            .then_error(TicketError::NotCreated);
    }
    given::<Ticket>([]).when(create()).then([created()]);
}

#[test]
fn a_ticket_cannot_be_ready_at_the_moment_of_its_acceptance() {
    given::<Ticket>(history(TicketStatus::AwaitingAcceptance))
        .when(TicketCommand::Accept {
            ready_by: ready(60),
            now: at(60),
        })
        .then_error(TicketError::ReadyByNotInFuture {
            ready_by: ready(60),
            now: at(60),
        });
}

#[test]
fn an_acceptance_repeated_after_its_time_has_passed_is_still_a_success() {
    given::<Ticket>(history(TicketStatus::Accepted))
        .when(TicketCommand::Accept {
            ready_by: ready(60),
            now: at(3_600),
        })
        .then([]);
}

#[test]
fn an_accepted_ticket_does_not_take_another_time() {
    given::<Ticket>(history(TicketStatus::Accepted))
        .when(TicketCommand::Accept {
            ready_by: ready(90),
            now: at(0),
        })
        .then_error(TicketError::InvalidTransition {
            command: "be accepted",
            status: TicketStatus::Accepted,
        });
}

#[test]
fn a_ticket_is_not_created_again_with_other_lines() {
    let other = TicketCommand::Create {
        restaurant_id: RestaurantId::from_uuid(uuid::Uuid::from_u128(8)),
        line_items: lines(),
    };
    given::<Ticket>(history(TicketStatus::CreatePending))
        .when(other)
        .then_error(TicketError::InvalidTransition {
            command: "be created",
            status: TicketStatus::CreatePending,
        });
}

proptest! {
    #[test]
    fn no_sequence_of_commands_leaves_the_table(choices in prop::collection::vec(0..7_usize, 0..40)) {
        let mut state = TicketState::default();
        let commands = every_command();
        for choice in choices {
            let before = state.0.as_ref().map(|t| t.status);
            let decided = decide(&state, &commands[choice]);
            state = decided.iter().flatten().fold(state, evolve);
            let after = state.0.as_ref().map(|t| t.status);
            match before {
                None => prop_assert_eq!(after.is_some(), choice == 0),
                Some(status) => {
                    let row = TABLE.iter().find(|(s, _)| *s == status).unwrap().1;
                    let cell = row.as_bytes()[choice];
                    prop_assert_eq!(decided.is_err(), cell == b'-');
                    prop_assert_eq!(after != before, cell == b'x');
                    // Nothing leads back.
                    prop_assert!(after >= before);
                }
            }
        }
    }
}
