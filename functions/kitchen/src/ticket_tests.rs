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
    fixtures::vindaloos(5)
}

/// The lines of a revision.
fn other_lines() -> LineItems {
    LineItems::new(vec![contracts::LineItem {
        menu_item_id: "2".parse().unwrap(),
        name: "Naan".parse().unwrap(),
        price: "2.50".parse().unwrap(),
        quantity: contracts::Quantity::new(2).unwrap(),
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

/// Returns a history that ends in this status.
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

fn revise(revision: u32) -> TicketCommand {
    TicketCommand::Revise {
        revision,
        line_items: other_lines(),
    }
}

fn undo(revision: u32, line_items: LineItems) -> TicketCommand {
    TicketCommand::UndoRevision { revision, line_items }
}

fn revised(revision: u32) -> TicketEvent {
    TicketEvent::TicketRevised {
        revision,
        line_items: other_lines(),
    }
}

fn undone(revision: u32, line_items: LineItems) -> TicketEvent {
    TicketEvent::TicketRevisionUndone { revision, line_items }
}

fn because_it_is(status: TicketStatus) -> ReasonCode {
    let reason = match status {
        TicketStatus::Preparing => "TICKET_PREPARING",
        TicketStatus::ReadyForPickup => "TICKET_READY_FOR_PICKUP",
        TicketStatus::PickedUp => "TICKET_PICKED_UP",
        TicketStatus::Cancelled => "TICKET_CANCELLED",
        on_the_way => panic!("{on_the_way} is no reason"),
    };
    ReasonCode::new(reason).unwrap()
}

/// Returns every command, its name in refusals, its event, and the event if it is too late. The last two commands differ
/// in the lines: other lines than the ticket's, and the ticket's own.
fn every_command(status: TicketStatus) -> Vec<(TicketCommand, &'static str, Vec<TicketEvent>)> {
    let mut cancel = vec![TicketEvent::TicketCancelled {}];
    let mut revise_1 = vec![revised(1)];
    if status >= TicketStatus::Preparing {
        let reason = because_it_is(status);
        cancel.push(TicketEvent::TicketCancelRefused {
            reason: reason.clone(),
        });
        revise_1.push(TicketEvent::TicketRevisionRefused { revision: 1, reason });
    }
    vec![
        (create(), "be created", vec![created()]),
        (
            TicketCommand::Confirm,
            "be confirmed",
            vec![TicketEvent::TicketConfirmed {}],
        ),
        (accept(), "be accepted", vec![accepted()]),
        (
            TicketCommand::StartPreparation,
            "begin to be prepared",
            vec![TicketEvent::TicketPreparationStarted {}],
        ),
        (
            TicketCommand::CompletePreparation,
            "become ready for pickup",
            vec![TicketEvent::TicketPreparationCompleted {}],
        ),
        (
            TicketCommand::PickUp,
            "be picked up",
            vec![TicketEvent::TicketPickedUp {}],
        ),
        (TicketCommand::Cancel, "", cancel),
        (revise(1), "", revise_1),
        (undo(1, other_lines()), "", vec![undone(1, other_lines())]),
        (undo(1, lines()), "", vec![]),
    ]
}

/// The domain's table, written down a second time to compare the decider with: for each status, the outcome of each of
/// [`every_command`]. `-` is refused, `=` changes nothing, `x` stores the event, `!` stores an event that says it is too
/// late.
const TABLE: [(TicketStatus, &str); 7] = [
    // create, confirm, accept, start, complete, pick up, cancel, revise, undo to other lines, undo to its own lines
    (TicketStatus::CreatePending, "=x----xxx="),
    (TicketStatus::AwaitingAcceptance, "-=x---xxx="),
    (TicketStatus::Accepted, "--=x--xxx="),
    (TicketStatus::Preparing, "---=x-!!x="),
    (TicketStatus::ReadyForPickup, "----=x!!x="),
    (TicketStatus::PickedUp, "-----=!!x="),
    (TicketStatus::Cancelled, "------=!x="),
];

#[test]
fn every_command_in_every_status_matches_the_table() {
    for (status, row) in TABLE {
        let commands = every_command(status);
        assert_eq!(commands.len(), row.len());
        for ((command, name, events), cell) in commands.into_iter().zip(row.chars()) {
            let test = given::<Ticket>(history(status)).when(command);
            match cell {
                'x' => test.then([events[0].clone()]),
                '!' => test.then([events[1].clone()]),
                '=' => test.then([]),
                _ => test.then_error(TicketError::InvalidTransition {
                    command: name,
                    status,
                }),
            }
        }
    }
}

#[test]
fn revision_and_late_cancel_answers_keep_the_status() {
    for status in TicketStatus::ALL {
        for command in [revise(1), undo(1, other_lines())] {
            let after = given::<Ticket>(history(status)).when(command).then_state();
            assert_eq!(after.0.unwrap().status, status);
        }
    }
    for status in [
        TicketStatus::Preparing,
        TicketStatus::ReadyForPickup,
        TicketStatus::PickedUp,
    ] {
        let before = given::<Ticket>(history(status)).state();
        let after = given::<Ticket>(history(status))
            .when(TicketCommand::Cancel)
            .then_state();
        assert_eq!(after, before);
    }
}

#[test]
fn repeated_cancel_request_is_answered_again() {
    let refused = TicketEvent::TicketCancelRefused {
        reason: because_it_is(TicketStatus::Preparing),
    };
    let mut history = history(TicketStatus::Preparing);
    history.push(refused.clone());
    given::<Ticket>(history)
        .when(TicketCommand::Cancel)
        .then([refused]);
}

#[test]
fn revised_ticket_has_the_new_lines() {
    let state = given::<Ticket>([created(), revised(1)]).state();
    assert_eq!(state.0.unwrap().line_items, other_lines());
}

#[test]
fn answered_revision_is_not_answered_again() {
    given::<Ticket>([created(), revised(1)]).when(revise(1)).then([]);
    let mut refused = history(TicketStatus::Preparing);
    refused.push(TicketEvent::TicketRevisionRefused {
        revision: 1,
        reason: because_it_is(TicketStatus::Preparing),
    });
    given::<Ticket>(refused).when(revise(1)).then([]);
    let undone = [created(), revised(1), undone(1, lines())];
    given::<Ticket>(undone).when(revise(1)).then([]);
}

#[test]
fn the_next_revision_is_answered() {
    given::<Ticket>([created(), revised(1), undone(1, lines())])
        .when(revise(2))
        .then([revised(2)]);
}

#[test]
fn revision_is_reverted_during_preparation() {
    let mut history = history(TicketStatus::Accepted);
    history.extend([revised(1), TicketEvent::TicketPreparationStarted {}]);
    given::<Ticket>(history)
        .when(undo(1, lines()))
        .then([undone(1, lines())]);
}

#[test]
fn late_revert_does_not_change_the_next_revision() {
    given::<Ticket>([created(), revised(1), undone(1, lines()), revised(2)])
        .when(undo(1, lines()))
        .then([]);
}

#[test]
fn a_ticket_that_does_not_exist_can_only_be_created() {
    for (command, ..) in every_command(TicketStatus::CreatePending).into_iter().skip(1) {
        given::<Ticket>([])
            .when(command)
            .then_error(TicketError::NotCreated);
    }
    given::<Ticket>([]).when(create()).then([created()]);
}

#[test]
fn ready_by_equal_to_the_commit_time_is_refused() {
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
fn repeated_acceptance_after_ready_by_succeeds() {
    given::<Ticket>(history(TicketStatus::Accepted))
        .when(TicketCommand::Accept {
            ready_by: ready(60),
            now: at(3_600),
        })
        .then([]);
}

#[test]
fn accepted_ticket_refuses_another_ready_by() {
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
    fn no_sequence_of_commands_leaves_the_table(choices in prop::collection::vec(0..10_usize, 0..60)) {
        let mut state = TicketState::default();
        for choice in choices {
            let before = state.0.as_ref().map(|t| t.status);
            let (command, ..) = every_command(before.unwrap_or(TicketStatus::CreatePending)).swap_remove(choice);
            let decided = decide(&state, &command);
            state = decided.iter().flatten().fold(state, evolve);
            let after = state.0.as_ref().map(|t| t.status);
            match before {
                None => prop_assert_eq!(after.is_some(), choice == 0),
                Some(status) => {
                    let row = TABLE.iter().find(|(s, _)| *s == status).unwrap().1;
                    let cell = row.as_bytes()[choice];
                    // Creation with other lines than those of the first creation is not a repetition.
                    prop_assert_eq!(decided.is_err(), cell == b'-' || (choice == 0 && state.0.as_ref().unwrap().line_items != lines()));
                    // Only the steps and the cancellation change the status, and no command restores an earlier one.
                    prop_assert_eq!(after != before, cell == b'x' && choice < 7);
                    prop_assert!(after >= before);
                }
            }
        }
    }

    #[test]
    fn every_revision_is_answered_once_and_reverted_once(
        revisions in prop::collection::vec((any::<bool>(), 0..4_usize), 1..12)
    ) {
        let mut state = given::<Ticket>([created()]).state();
        let mut answers = 0;
        let mut asked: Vec<TicketCommand> = Vec::new();
        for (revision, (keeps, repeats)) in (1..).zip(&revisions) {
            let before = state.0.as_ref().unwrap().line_items.clone();
            asked.push(revise(revision));
            if *keeps {
                asked.push(undo(revision, before.clone()));
            }
            // The latest commands are executed, and then earlier ones again.
            let late = asked.iter().rev().skip(2).take(*repeats);
            for command in asked.iter().rev().take(1 + usize::from(*keeps)).rev().chain(late) {
                let events = decide(&state, command).unwrap();
                answers += events.iter().filter(|e| matches!(e, TicketEvent::TicketRevised { .. })).count();
                state = events.iter().fold(state, evolve);
            }
            prop_assert_eq!(answers, revision as usize);
            let expected = if *keeps { before } else { other_lines() };
            prop_assert_eq!(&state.0.as_ref().unwrap().line_items, &expected);
        }
    }
}
