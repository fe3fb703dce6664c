//! G6: after any delivery, the table equals the fold of the events.

use crate::KitchenBoard;
use crate::tests::{accepted, created, restaurant, ticket};
use contracts::TicketEvent;
use fixtures::vindaloos;
use proptest::prelude::*;
use testkit::converges;

fn course() -> impl Strategy<Value = Vec<TicketEvent>> {
    (0..=7_usize, any::<bool>()).prop_map(|(steps, cancelled)| {
        let mut events = vec![
            created(restaurant(1)),
            TicketEvent::TicketConfirmed {},
            TicketEvent::TicketRevised {
                revision: 1,
                line_items: vindaloos(10),
            },
            accepted(),
            TicketEvent::TicketPreparationStarted {},
            TicketEvent::TicketPreparationCompleted {},
            TicketEvent::TicketPickedUp {},
        ];
        events.truncate(steps);
        if cancelled && (1..=4).contains(&steps) {
            events.push(TicketEvent::TicketCancelled {});
        }
        events
    })
}

#[test]
fn g6_the_board_converges_under_any_delivery() {
    let histories = prop::collection::vec(course(), 1..4).prop_map(|courses| {
        let numbered = (1..).zip(&courses);
        numbered
            .flat_map(|(number, events)| ticket(number, events))
            .collect()
    });
    converges::<KitchenBoard>(histories, 100);
}
