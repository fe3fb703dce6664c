//! Commits for the tests of the view and the reactor.

use commit::{CommandId, Commit, CommitId, Event, Metadata};
use contracts::restaurant::{Menu, MenuItem, RestaurantEvent};

pub(crate) fn commit(stream: &str, first: u64, event: &impl Event) -> Commit {
    Commit {
        stream: stream.parse().unwrap(),
        first,
        count: 1,
        id: CommitId::from_bytes([u8::try_from(first).unwrap(); 16]),
        command_id: CommandId::derive(&[stream, &first.to_string()]),
        time: "2026-11-23T18:00:00Z".parse().unwrap(),
        metadata: Metadata::default(),
        events: vec![event.encode().unwrap()],
    }
}

pub(crate) fn menu(price: &str) -> Menu {
    Menu::new(vec![MenuItem {
        id: "1".parse().unwrap(),
        name: "Chicken Vindaloo".parse().unwrap(),
        price: price.parse().unwrap(),
    }])
    .unwrap()
}

pub(crate) fn created(name: &str, price: &str) -> RestaurantEvent {
    RestaurantEvent::RestaurantCreated {
        name: name.parse().unwrap(),
        address: contracts::Address {
            street1: "1 Main Street".parse().unwrap(),
            street2: None,
            city: "Oakland".parse().unwrap(),
            state: "CA".parse().unwrap(),
            zip: "94611".parse().unwrap(),
        },
        menu: menu(price),
        opening_hours: vec![],
        service_area: vec![],
        time_zone: "UTC".parse().unwrap(),
    }
}
