//! Commits as the services write them.

use commit::{Commit, Event};
use contracts::{
    ConsumerId, CourierId, DeclineReason, DeliveryEvent, LineItem, LineItems, Money, OrderEvent, OrderId,
    PaymentEvent, RestaurantId, TicketEvent, delivery, order, payment, ticket,
};
use fixtures::{amazing_view, line, vindaloos};
use jiff::Timestamp;
use std::collections::BTreeMap;
use testkit::commit;
use uuid::Uuid;

pub(crate) const AJANTA: &str = "Ajanta";
pub(crate) const VINDALOO: &str = "Chicken Vindaloo";

pub(crate) fn consumer() -> ConsumerId {
    ConsumerId::from_uuid(Uuid::from_u128(7))
}

pub(crate) fn order_id(number: u128) -> OrderId {
    OrderId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Returns the creation of an order of five portions of Chicken Vindaloo at 12.34, from Ajanta.
pub(crate) fn created() -> OrderEvent {
    created_with(AJANTA, &[VINDALOO])
}

pub(crate) fn created_with(restaurant: &str, items: &[&str]) -> OrderEvent {
    let line = |(n, name): (usize, &&str)| LineItem {
        name: name.parse().unwrap(),
        ..line(&(n + 1).to_string(), "12.34", 5)
    };
    let line_items = LineItems::new(items.iter().enumerate().map(line).collect()).unwrap();
    OrderEvent::OrderCreated {
        consumer_id: consumer(),
        restaurant_id: RestaurantId::from_uuid(Uuid::from_u128(9)),
        restaurant_name: restaurant.parse().unwrap(),
        order_total: line_items.total(),
        line_items,
        delivery_address: amazing_view(),
        delivery_time: "2026-11-23T19:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn rejected() -> OrderEvent {
    OrderEvent::OrderRejected {
        reason: "INSUFFICIENT_CREDIT".parse().unwrap(),
    }
}

fn total() -> Money {
    "61.70".parse().unwrap()
}

pub(crate) fn authorized(order: OrderId) -> PaymentEvent {
    PaymentEvent::PaymentAuthorized {
        order_id: order,
        consumer_id: consumer(),
        amount: total(),
    }
}

pub(crate) fn declined(order: OrderId) -> PaymentEvent {
    PaymentEvent::PaymentDeclined {
        order_id: order,
        consumer_id: consumer(),
        amount: total(),
        reason: DeclineReason::InsufficientCredit,
    }
}

pub(crate) fn ticket_created() -> TicketEvent {
    let OrderEvent::OrderCreated {
        restaurant_id,
        line_items,
        ..
    } = created()
    else {
        unreachable!("expected the creation");
    };
    TicketEvent::TicketCreated {
        restaurant_id,
        line_items,
    }
}

pub(crate) fn accepted() -> TicketEvent {
    TicketEvent::TicketAccepted {
        ready_by: "2026-11-23T18:30:00Z".parse().unwrap(),
    }
}

/// Returns the proposal of ten portions instead of five.
pub(crate) fn proposed() -> OrderEvent {
    OrderEvent::OrderRevisionProposed {
        revision: 1,
        line_items: vindaloos(10),
        current_order_total: total(),
        new_order_total: "123.40".parse().unwrap(),
        delivery: None,
    }
}

pub(crate) fn revised() -> OrderEvent {
    OrderEvent::OrderRevised {
        revision: 1,
        line_items: vindaloos(10),
        current_order_total: total(),
        new_order_total: "123.40".parse().unwrap(),
        delivery: None,
    }
}

pub(crate) fn payment_revised(order: OrderId) -> PaymentEvent {
    PaymentEvent::PaymentRevised {
        order_id: order,
        consumer_id: consumer(),
        revision: 1,
        amount: "123.40".parse().unwrap(),
    }
}

pub(crate) fn ticket_revised() -> TicketEvent {
    TicketEvent::TicketRevised {
        revision: 1,
        line_items: vindaloos(10),
    }
}

pub(crate) fn captured(order: OrderId) -> PaymentEvent {
    PaymentEvent::PaymentCaptured {
        order_id: order,
        consumer_id: consumer(),
        amount: "123.40".parse().unwrap(),
    }
}

pub(crate) fn courier() -> CourierId {
    CourierId::from_uuid(Uuid::from_u128(11))
}

pub(crate) fn delivery_created() -> DeliveryEvent {
    DeliveryEvent::DeliveryCreated {
        restaurant_id: RestaurantId::from_uuid(Uuid::from_u128(9)),
        delivery_address: amazing_view(),
        delivery_time: "2026-11-23T19:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn scheduled() -> DeliveryEvent {
    DeliveryEvent::DeliveryScheduled {
        courier_id: courier(),
        pickup_time: "2026-11-23T18:30:00Z".parse().unwrap(),
        delivery_time: "2026-11-23T19:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn seen(latitude: f64, longitude: f64) -> DeliveryEvent {
    DeliveryEvent::DeliveryLocationUpdated {
        position: contracts::Position {
            latitude: latitude.try_into().unwrap(),
            longitude: longitude.try_into().unwrap(),
        },
    }
}

/// Writes the commits of one order's four streams, with increasing versions.
pub(crate) struct Life {
    pub(crate) id: OrderId,
    versions: BTreeMap<&'static str, u64>,
    clock: Timestamp,
}

impl Life {
    /// Starts the order with this number. One commit per second, from this time on.
    pub(crate) fn new(number: u128, begins: &str) -> Self {
        Self {
            id: order_id(number),
            versions: BTreeMap::new(),
            clock: at(begins),
        }
    }

    /// Returns a commit of events of one category.
    pub(crate) fn commit(&mut self, category: &'static str, events: &[impl Event]) -> Commit {
        let version = self.versions.entry(category).or_default();
        let first = *version + 1;
        *version += events.len() as u64;
        let time = self.clock;
        self.clock = Timestamp::from_millisecond(time.as_millisecond() + 1_000).unwrap();
        commit(&format!("{category}#{}", self.id), first, time, events)
    }

    pub(crate) fn order(&mut self, event: OrderEvent) -> Commit {
        self.commit(order::CATEGORY, &[event])
    }

    pub(crate) fn payment(&mut self, event: PaymentEvent) -> Commit {
        self.commit(payment::CATEGORY, &[event])
    }

    pub(crate) fn ticket(&mut self, event: TicketEvent) -> Commit {
        self.commit(ticket::CATEGORY, &[event])
    }

    pub(crate) fn delivery(&mut self, event: DeliveryEvent) -> Commit {
        self.commit(delivery::CATEGORY, &[event])
    }

    /// Returns the commits from the creation through a revision to the delivery, in order.
    pub(crate) fn to_the_door(number: u128) -> Vec<Commit> {
        let id = order_id(number);
        let mut life = Self::new(number, "2026-11-23T17:00:00Z");
        vec![
            life.order(created()),
            life.ticket(ticket_created()),
            life.payment(authorized(id)),
            life.order(OrderEvent::OrderApproved {}),
            life.ticket(TicketEvent::TicketConfirmed {}),
            life.delivery(delivery_created()),
            life.order(proposed()),
            life.ticket(ticket_revised()),
            life.payment(payment_revised(id)),
            life.order(revised()),
            life.ticket(accepted()),
            life.delivery(DeliveryEvent::DeliveryCourierRequested {
                ready_by: "2026-11-23T18:30:00Z".parse().unwrap(),
            }),
            life.delivery(scheduled()),
            life.ticket(TicketEvent::TicketPreparationStarted {}),
            life.ticket(TicketEvent::TicketPreparationCompleted {}),
            life.ticket(TicketEvent::TicketPickedUp {}),
            life.delivery(DeliveryEvent::DeliveryPickedUp {}),
            life.delivery(seen(37.8044, -122.2712)),
            life.delivery(seen(37.8060, -122.2700)),
            life.delivery(DeliveryEvent::DeliveryDelivered {
                courier_id: courier(),
            }),
            life.order(OrderEvent::OrderCompleted {}),
            life.payment(captured(id)),
        ]
    }

    /// Returns the commits from the creation to the assignment of the courier, in order.
    pub(crate) fn to_the_courier(number: u128) -> Vec<Commit> {
        let mut life = Self::new(number, "2026-11-23T17:00:00Z");
        vec![
            life.order(created()),
            life.ticket(ticket_created()),
            life.payment(authorized(order_id(number))),
            life.order(OrderEvent::OrderApproved {}),
            life.ticket(TicketEvent::TicketConfirmed {}),
            life.ticket(accepted()),
            life.commit(
                ticket::CATEGORY,
                &[
                    TicketEvent::TicketPreparationStarted {},
                    TicketEvent::TicketPreparationCompleted {},
                ],
            ),
            life.ticket(TicketEvent::TicketPickedUp {}),
        ]
    }

    /// Returns the commits from the creation to the rejection.
    pub(crate) fn to_the_rejection(number: u128) -> Vec<Commit> {
        let mut life = Self::new(number, "2026-11-23T17:00:00Z");
        vec![
            life.order(created()),
            life.payment(declined(order_id(number))),
            life.ticket(ticket_created()),
            life.order(rejected()),
            life.ticket(TicketEvent::TicketCancelled {}),
        ]
    }
}
