//! Commits as the orders service writes them.

use commit::Commit;
use contracts::order::CATEGORY;
use contracts::{ConsumerId, Money, OrderEvent, OrderId, RestaurantId};
use fixtures::{amazing_view, vindaloos};
use jiff::Timestamp;
use testkit::commit;
use uuid::Uuid;

pub(crate) fn order(number: u128) -> OrderId {
    OrderId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn consumer(number: u128) -> ConsumerId {
    ConsumerId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn restaurant(number: u128) -> RestaurantId {
    RestaurantId::from_uuid(Uuid::from_u128(number))
}

fn money(minor: i64) -> Money {
    Money::from_minor(minor).unwrap()
}

/// Returns the creation of an order of consumer 7 at restaurant 9, for 61.70.
pub(crate) fn created() -> OrderEvent {
    created_by(7, 9, 6_170)
}

pub(crate) fn created_by(by: u128, at: u128, minor: i64) -> OrderEvent {
    OrderEvent::OrderCreated {
        consumer_id: consumer(by),
        restaurant_id: restaurant(at),
        restaurant_name: "Ajanta".parse().unwrap(),
        line_items: vindaloos(5),
        order_total: money(minor),
        delivery_address: amazing_view(),
        delivery_time: "2026-11-23T19:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn approved() -> OrderEvent {
    OrderEvent::OrderApproved {}
}

pub(crate) fn rejected() -> OrderEvent {
    let reason = "INSUFFICIENT_CREDIT".parse().unwrap();
    OrderEvent::OrderRejected { reason }
}

pub(crate) fn cancel_requested() -> OrderEvent {
    OrderEvent::OrderCancelRequested {}
}

pub(crate) fn cancel_refused() -> OrderEvent {
    let reason = "TICKET_PREPARING".parse().unwrap();
    OrderEvent::OrderCancelRefused { reason }
}

pub(crate) fn cancelled() -> OrderEvent {
    OrderEvent::OrderCancelled {}
}

pub(crate) fn proposed(minor: i64) -> OrderEvent {
    OrderEvent::OrderRevisionProposed {
        revision: 1,
        line_items: vindaloos(5),
        current_order_total: money(6_170),
        new_order_total: money(minor),
        delivery: None,
    }
}

pub(crate) fn revised(minor: i64) -> OrderEvent {
    OrderEvent::OrderRevised {
        revision: 1,
        line_items: vindaloos(5),
        current_order_total: money(6_170),
        new_order_total: money(minor),
        delivery: None,
    }
}

pub(crate) fn revision_rejected() -> OrderEvent {
    OrderEvent::OrderRevisionRejected {
        revision: 1,
        reason: "INSUFFICIENT_CREDIT".parse().unwrap(),
        line_items: vindaloos(5),
        order_total: money(6_170),
    }
}

pub(crate) fn completed() -> OrderEvent {
    OrderEvent::OrderCompleted {}
}

/// Writes the commits of one order, with increasing versions, eight hours apart.
pub(crate) struct Life {
    stream: String,
    version: u64,
    clock: Timestamp,
}

impl Life {
    pub(crate) fn new(number: u128, begins: &str) -> Self {
        Self {
            stream: format!("{CATEGORY}#{}", order(number)),
            version: 0,
            clock: begins.parse().unwrap(),
        }
    }

    pub(crate) fn commit(&mut self, events: &[OrderEvent]) -> Commit {
        let (first, time) = (self.version + 1, self.clock);
        self.version += events.len() as u64;
        self.clock = Timestamp::from_second(time.as_second() + 8 * 3_600).unwrap();
        commit(&self.stream, first, time, events)
    }

    /// Returns each event as a commit of its own.
    pub(crate) fn commits(&mut self, events: &[OrderEvent]) -> Vec<Commit> {
        events
            .iter()
            .map(|event| self.commit(std::slice::from_ref(event)))
            .collect()
    }
}
