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

/// What a revision asks for.
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

/// Every command, how a refusal calls it, the event when it happens, and the event when the ticket says by one that it
/// is too late. The last two differ in the lines: others than the ticket's, and the ticket's own.
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

/// The domain's table, written down a second time so that the decider is compared with something: for each status,
/// what each of [`every_command`] does. `-` refused, `=` nothing to do, `x` happens, `!` too late, and an event says so.
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
fn every_cell_of_the_table_is_as_the_domain_says() {
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
fn an_answer_to_a_revision_or_a_late_cancellation_leaves_the_status_as_it_is() {
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
fn a_cancellation_that_is_asked_for_again_is_answered_again() {
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
fn a_revised_ticket_shows_what_to_cook_now() {
    let state = given::<Ticket>([created(), revised(1)]).state();
    assert_eq!(state.0.unwrap().line_items, other_lines());
}

#[test]
fn a_revision_that_was_answered_is_not_answered_again() {
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
fn a_revision_is_undone_even_when_its_lines_are_already_being_cooked() {
    let mut history = history(TicketStatus::Accepted);
    history.extend([revised(1), TicketEvent::TicketPreparationStarted {}]);
    given::<Ticket>(history)
        .when(undo(1, lines()))
        .then([undone(1, lines())]);
}

#[test]
fn an_undoing_that_comes_after_the_next_revision_does_not_touch_that() {
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
                    // A ticket with other lines than those of its creation is not the one that is created again.
                    prop_assert_eq!(decided.is_err(), cell == b'-' || (choice == 0 && state.0.as_ref().unwrap().line_items != lines()));
                    // Only the steps and the cancellation lead on, and nothing leads back.
                    prop_assert_eq!(after != before, cell == b'x' && choice < 7);
                    prop_assert!(after >= before);
                }
            }
        }
    }

    #[test]
    fn every_revision_is_answered_once_and_undone_for_good(
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
            // The last commands come now, and so do the ones before them, once more.
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
