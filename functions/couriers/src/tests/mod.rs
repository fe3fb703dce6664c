//! The couriers view: its fold, its convergence and its HTTP responses.

mod http;
mod view;

use commit::Commit;
use contracts::{CourierEvent, CourierId, OrderId};
use jiff::Timestamp;
use testkit::commits;
use uuid::Uuid;

pub(crate) fn courier(number: u128) -> String {
    CourierId::from_uuid(Uuid::from_u128(number)).to_string()
}

pub(crate) fn order(number: u128) -> OrderId {
    OrderId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn created() -> CourierEvent {
    CourierEvent::CourierCreated {
        name: "Mia Wong".parse().unwrap(),
    }
}

pub(crate) fn available(available: bool) -> CourierEvent {
    CourierEvent::CourierAvailabilityChanged { available }
}

pub(crate) fn assigned(number: u128) -> CourierEvent {
    CourierEvent::CourierAssigned {
        order_id: order(number),
        pickup_time: "2026-11-23T18:30:00Z".parse().unwrap(),
        delivery_time: "2026-11-23T19:00:00Z".parse().unwrap(),
    }
}

pub(crate) fn released(number: u128) -> CourierEvent {
    CourierEvent::CourierReleased {
        order_id: order(number),
    }
}

/// Returns one commit per event of the courier with this number.
pub(crate) fn life(number: u128, events: &[CourierEvent]) -> Vec<Commit> {
    let begins = Timestamp::from_second(1_795_000_001).unwrap();
    commits(&format!("courier#{}", courier(number)), begins, events)
}
