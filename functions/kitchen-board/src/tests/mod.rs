//! The kitchen board: the fold, that it converges, and what it answers over HTTP.

mod board;
mod convergence;
mod http;

use commit::{CommandId, Commit, CommitId, Event, Metadata};
use contracts::{LineItem, LineItems, Quantity, RestaurantId, TicketEvent};
use jiff::Timestamp;
use uuid::Uuid;

pub(crate) fn restaurant(number: u128) -> RestaurantId {
    RestaurantId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn order(number: u128) -> String {
    contracts::OrderId::from_uuid(Uuid::from_u128(number)).to_string()
}

pub(crate) fn vindaloo(quantity: u32) -> LineItems {
    LineItems::new(vec![LineItem {
        menu_item_id: "1".parse().unwrap(),
        name: "Chicken Vindaloo".parse().unwrap(),
        price: "12.34".parse().unwrap(),
        quantity: Quantity::new(quantity).unwrap(),
    }])
    .unwrap()
}

pub(crate) fn created(restaurant: RestaurantId) -> TicketEvent {
    TicketEvent::TicketCreated {
        restaurant_id: restaurant,
        line_items: vindaloo(5),
    }
}

pub(crate) fn accepted() -> TicketEvent {
    TicketEvent::TicketAccepted {
        ready_by: "2026-11-23T18:30:00Z".parse().unwrap(),
    }
}

/// One commit per event of the ticket with this number, a second after one another, from a time that grows with the number.
pub(crate) fn ticket(number: u128, events: &[TicketEvent]) -> Vec<Commit> {
    let begins = 1_795_000_000 + i64::try_from(number).unwrap() * 60;
    events
        .iter()
        .zip(1_u64..)
        .map(|(event, version)| Commit {
            stream: format!("ticket#{}", order(number)).parse().unwrap(),
            first: version,
            count: 1,
            id: CommitId::from_bytes(CommandId::derive(&[&number.to_string(), &version.to_string()]).bytes()),
            command_id: CommandId::random(),
            time: Timestamp::from_second(begins + version.cast_signed()).unwrap(),
            metadata: Metadata::default(),
            events: vec![event.encode().unwrap()],
        })
        .collect()
}
