//! Events of other services, and commits of them.

use commit::{Commit, CommitId, Event};
use contracts::{ConsumerId, DeliveryChange, Moment, OrderEvent, RestaurantId, TicketEvent};
use fixtures::vindaloos;
use jiff::{SignedDuration, Timestamp};
use testkit::commit;
use uuid::Uuid;

/// Returns the moment this many seconds from now.
pub(crate) fn in_seconds(seconds: i64) -> Moment {
    Moment::new(Timestamp::now() + SignedDuration::from_secs(seconds)).unwrap()
}

pub(crate) fn order_created() -> OrderEvent {
    let consumer = ConsumerId::from_uuid(Uuid::from_u128(8));
    let restaurant = RestaurantId::from_uuid(Uuid::from_u128(7));
    fixtures::order_created(consumer, restaurant, vindaloos(5))
}

pub(crate) fn order_revised(revision: u32, delivery: Option<DeliveryChange>) -> OrderEvent {
    OrderEvent::OrderRevised {
        revision,
        line_items: vindaloos(5),
        current_order_total: vindaloos(5).total(),
        new_order_total: vindaloos(5).total(),
        delivery,
    }
}

pub(crate) fn order_rejected() -> OrderEvent {
    OrderEvent::OrderRejected {
        reason: "INSUFFICIENT_CREDIT".parse().unwrap(),
    }
}

pub(crate) fn ticket_accepted(ready_by: &str) -> TicketEvent {
    TicketEvent::TicketAccepted {
        ready_by: ready_by.parse().unwrap(),
    }
}

/// Returns one commit for each of these events.
pub(crate) fn commits(stream: &str, events: &[impl Event]) -> Vec<Commit> {
    let time = "2026-11-23T18:00:00Z".parse().unwrap();
    (1..)
        .zip(events)
        .map(|(first, event)| Commit {
            id: CommitId::random(),
            ..commit(stream, first, time, std::slice::from_ref(event))
        })
        .collect()
}
