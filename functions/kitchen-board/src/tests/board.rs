//! The board that given events produce.

use crate::tests::{accepted, created, restaurant, ticket};
use crate::{BoardTicket, KitchenBoard};
use contracts::{TicketEvent, TicketStatus};
use fixtures::vindaloos;
use projection::testing::{assert_commutes, fold};
use projection::{Index, View};

#[track_caller]
fn shown(events: &[TicketEvent]) -> BoardTicket {
    fold::<KitchenBoard>(&ticket(1, events)).expect("the ticket was created")
}

fn listed(events: &[TicketEvent]) -> Index {
    KitchenBoard::index(&fold::<KitchenBoard>(&ticket(1, events))).unwrap()
}

#[test]
fn every_step_updates_the_status() {
    let steps = [
        (created(restaurant(1)), TicketStatus::CreatePending),
        (TicketEvent::TicketConfirmed {}, TicketStatus::AwaitingAcceptance),
        (accepted(), TicketStatus::Accepted),
        (TicketEvent::TicketPreparationStarted {}, TicketStatus::Preparing),
        (
            TicketEvent::TicketPreparationCompleted {},
            TicketStatus::ReadyForPickup,
        ),
        (TicketEvent::TicketPickedUp {}, TicketStatus::PickedUp),
    ];
    let events: Vec<TicketEvent> = steps.iter().map(|(event, _)| event.clone()).collect();
    for (number, (_, status)) in steps.iter().enumerate() {
        assert_eq!(shown(&events[..=number]).status, *status);
    }
}

#[test]
fn a_ticket_leaves_the_open_side_when_it_is_picked_up_or_cancelled() {
    let open = format!("{}#open", restaurant(1));
    let done = format!("{}#done", restaurant(1));
    assert_eq!(listed(&[created(restaurant(1)), accepted()]).partition, open);
    for end in [TicketEvent::TicketPickedUp {}, TicketEvent::TicketCancelled {}] {
        assert_eq!(listed(&[created(restaurant(1)), end]).partition, done);
    }
}

#[test]
fn revision_and_its_revert_change_the_lines() {
    let revised = TicketEvent::TicketRevised {
        revision: 1,
        line_items: vindaloos(10),
    };
    let undone = TicketEvent::TicketRevisionUndone {
        revision: 1,
        line_items: vindaloos(5),
    };
    let events = [created(restaurant(1)), accepted(), revised, undone];
    assert_eq!(shown(&events[..3]).line_items, vindaloos(10));
    assert_eq!(shown(&events).line_items, vindaloos(5));
    assert_eq!(shown(&events).status, TicketStatus::Accepted);
}

#[test]
fn refusal_does_not_change_the_board() {
    let reason = || "TICKET_PREPARING".parse().unwrap();
    let before = [created(restaurant(1)), TicketEvent::TicketPreparationStarted {}];
    for refusal in [
        TicketEvent::TicketCancelRefused { reason: reason() },
        TicketEvent::TicketRevisionRefused {
            revision: 1,
            reason: reason(),
        },
    ] {
        assert_eq!(shown(&[&before[..], &[refusal]].concat()), shown(&before));
    }
}

#[test]
fn board_does_not_depend_on_delivery() {
    assert_commutes::<KitchenBoard>(&ticket(
        1,
        &[
            created(restaurant(1)),
            TicketEvent::TicketConfirmed {},
            accepted(),
        ],
    ));
}
