//! The kitchen board: its fold, its convergence and its HTTP responses.

mod board;
mod convergence;
mod http;

use commit::Commit;
use contracts::{RestaurantId, TicketEvent};
use fixtures::vindaloos;
use jiff::Timestamp;
use testkit::commits;
use uuid::Uuid;

pub(crate) fn restaurant(number: u128) -> RestaurantId {
    RestaurantId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn order(number: u128) -> String {
    contracts::OrderId::from_uuid(Uuid::from_u128(number)).to_string()
}

pub(crate) fn created(restaurant: RestaurantId) -> TicketEvent {
    TicketEvent::TicketCreated {
        restaurant_id: restaurant,
        line_items: vindaloos(5),
    }
}

pub(crate) fn accepted() -> TicketEvent {
    TicketEvent::TicketAccepted {
        ready_by: "2026-11-23T18:30:00Z".parse().unwrap(),
    }
}

/// Returns one commit per event of the ticket with this number, one second apart, starting later for higher numbers.
pub(crate) fn ticket(number: u128, events: &[TicketEvent]) -> Vec<Commit> {
    let begins = 1_795_000_000 + i64::try_from(number).unwrap() * 60;
    let begins = Timestamp::from_second(begins + 1).unwrap();
    commits(&format!("ticket#{}", order(number)), begins, events)
}
