//! Fixtures of the marketplace: the restaurant Ajanta, what it cooks, and where it is taken.
//!
//! The functions panic when a text that they are given is not what its type allows.

use contracts::restaurant::{Menu, MenuItem, RestaurantEvent};
use contracts::{Address, ConsumerId, LineItem, LineItems, OrderEvent, Quantity, RestaurantId};
use serde_json::{Value, json};

/// The name of the one dish that all menus have.
const VINDALOO: &str = "Chicken Vindaloo";

/// Where orders go, as a client writes it.
#[must_use]
pub fn amazing_view_json() -> Value {
    json!({ "street1": "9 Amazing View", "city": "Oakland", "state": "CA", "zip": "94612" })
}

/// Where orders go.
#[must_use]
pub fn amazing_view() -> Address {
    serde_json::from_value(amazing_view_json()).expect("an address")
}

/// Another address in the same part of town.
#[track_caller]
#[must_use]
pub fn address(street: &str) -> Address {
    Address {
        street1: street.parse().expect("a street"),
        ..amazing_view()
    }
}

/// Where Ajanta is, as a client writes it.
#[must_use]
pub fn main_street_json() -> Value {
    json!({ "street1": "1 Main Street", "city": "Oakland", "state": "CA", "zip": "94611" })
}

/// Where Ajanta is.
#[must_use]
pub fn main_street() -> Address {
    serde_json::from_value(main_street_json()).expect("an address")
}

/// A menu of these items, by id and price. They are all called Chicken Vindaloo.
#[track_caller]
#[must_use]
pub fn menu(items: &[(&str, &str)]) -> Menu {
    let items = items.iter().map(|(id, price)| MenuItem {
        id: id.parse().expect("an id"),
        name: VINDALOO.parse().expect("a name"),
        price: price.parse().expect("a price"),
    });
    Menu::new(items.collect()).expect("a menu")
}

/// The creation of Ajanta, or of another restaurant at its address.
#[track_caller]
#[must_use]
pub fn restaurant_created(name: &str, menu: Menu) -> RestaurantEvent {
    RestaurantEvent::RestaurantCreated {
        name: name.parse().expect("a name"),
        address: main_street(),
        menu,
        opening_hours: vec![],
        service_area: vec![],
        time_zone: "UTC".parse().expect("a time zone"),
    }
}

/// So many of an item, which is called Chicken Vindaloo.
#[track_caller]
#[must_use]
pub fn line(id: &str, price: &str, quantity: u32) -> LineItem {
    LineItem {
        menu_item_id: id.parse().expect("an id"),
        name: VINDALOO.parse().expect("a name"),
        price: price.parse().expect("a price"),
        quantity: Quantity::new(quantity).expect("a quantity"),
    }
}

/// So many of item 1 at 12.34: five are 61.70.
#[track_caller]
#[must_use]
pub fn vindaloos(quantity: u32) -> LineItems {
    LineItems::new(vec![line("1", "12.34", quantity)]).expect("an order")
}

/// The creation of an order at Ajanta for the evening of 24 December 2026.
#[must_use]
pub fn order_created(
    consumer_id: ConsumerId,
    restaurant_id: RestaurantId,
    line_items: LineItems,
) -> OrderEvent {
    OrderEvent::OrderCreated {
        consumer_id,
        restaurant_id,
        restaurant_name: "Ajanta".parse().expect("a name"),
        order_total: line_items.total(),
        line_items,
        delivery_address: amazing_view(),
        delivery_time: "2026-12-24T18:00:00Z".parse().expect("a time"),
    }
}
