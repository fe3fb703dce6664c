//! Events of others, and commits of them.

use commit::{CommandId, Commit, CommitId, Event, Metadata};
use contracts::{
    Address, ConsumerId, DeliveryChange, LineItem, LineItems, Moment, OrderEvent, Quantity, RestaurantId,
    TicketEvent,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// So many seconds from now.
pub(crate) fn in_seconds(seconds: i64) -> Moment {
    Moment::new(Timestamp::now() + SignedDuration::from_secs(seconds)).unwrap()
}

pub(crate) fn address(street: &str) -> Address {
    Address {
        street1: street.parse().unwrap(),
        street2: None,
        city: "Oakland".parse().unwrap(),
        state: "CA".parse().unwrap(),
        zip: "94612".parse().unwrap(),
    }
}

pub(crate) fn line_items() -> LineItems {
    LineItems::new(vec![LineItem {
        menu_item_id: "1".parse().unwrap(),
        name: "Chicken Vindaloo".parse().unwrap(),
        price: "12.34".parse().unwrap(),
        quantity: Quantity::new(5).unwrap(),
    }])
    .unwrap()
}

pub(crate) fn order_created() -> OrderEvent {
    OrderEvent::OrderCreated {
        consumer_id: ConsumerId::from_uuid(Uuid::from_u128(8)),
        restaurant_id: RestaurantId::from_uuid(Uuid::from_u128(7)),
        restaurant_name: "Ajanta".parse().unwrap(),
        order_total: line_items().total(),
        line_items: line_items(),
        delivery_address: address("9 Amazing View"),
        delivery_time: "2026-12-24T18:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn order_revised(revision: u32, delivery: Option<DeliveryChange>) -> OrderEvent {
    OrderEvent::OrderRevised {
        revision,
        line_items: line_items(),
        current_order_total: line_items().total(),
        new_order_total: line_items().total(),
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

/// One commit for each of these events.
pub(crate) fn commits(stream: &str, events: &[impl Event]) -> Vec<Commit> {
    (1..)
        .zip(events)
        .map(|(first, event)| Commit {
            stream: stream.parse().unwrap(),
            first,
            count: 1,
            id: CommitId::random(),
            command_id: CommandId::random(),
            time: "2026-11-23T18:00:00Z".parse().unwrap(),
            metadata: Metadata::default(),
            events: vec![event.encode().unwrap()],
        })
        .collect()
}
