//! Given these events, the board shows that.

use crate::tests::{accepted, created, restaurant, ticket};
use crate::{BoardTicket, KitchenBoard};
use contracts::{TicketEvent, TicketStatus};
use fixtures::vindaloos;
use projection::testing::{assert_commutes, fold};
use projection::{Index, View};

#[track_caller]
fn shown(events: &[TicketEvent]) -> BoardTicket {
    fold::<KitchenBoard>(&ticket(1, events)).expect("it was created")
}

fn listed(events: &[TicketEvent]) -> Index {
    KitchenBoard::index(&fold::<KitchenBoard>(&ticket(1, events))).unwrap()
}

#[test]
fn every_step_of_a_ticket_moves_it_on() {
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
fn a_revised_ticket_shows_what_to_cook_now_and_an_undone_one_what_it_was() {
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
fn a_refusal_changes_nothing() {
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
fn every_delivery_gives_the_same_board() {
    assert_commutes::<KitchenBoard>(&ticket(
        1,
        &[
            created(restaurant(1)),
            TicketEvent::TicketConfirmed {},
            accepted(),
        ],
    ));
}
