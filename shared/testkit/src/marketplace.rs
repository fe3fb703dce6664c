//! Fixtures of the marketplace: the restaurant Ajanta, its menu, and the addresses that it delivers to.
//!
//! The functions panic if a text is not a valid value of its type.

use contracts::restaurant::{Menu, MenuItem, RestaurantEvent};
use contracts::{Address, ConsumerId, LineItem, LineItems, OrderEvent, Quantity, RestaurantId};
use serde_json::{Value, json};

/// The name of the one dish that all menus have.
const VINDALOO: &str = "Chicken Vindaloo";

/// Returns the delivery address as a client sends it.
#[must_use]
pub fn amazing_view_json() -> Value {
    json!({ "street1": "9 Amazing View", "city": "Oakland", "state": "CA", "zip": "94612" })
}

/// Returns the delivery address.
#[must_use]
pub fn amazing_view() -> Address {
    serde_json::from_value(amazing_view_json()).expect("an address")
}

/// Returns another address in the same city.
#[track_caller]
#[must_use]
pub fn address(street: &str) -> Address {
    Address {
        street1: street.parse().expect("a street"),
        ..amazing_view()
    }
}

/// Returns Ajanta's address as a client sends it.
#[must_use]
pub fn main_street_json() -> Value {
    json!({ "street1": "1 Main Street", "city": "Oakland", "state": "CA", "zip": "94611" })
}

/// Returns Ajanta's address.
#[must_use]
pub fn main_street() -> Address {
    serde_json::from_value(main_street_json()).expect("an address")
}

/// Returns a menu of these items, by id and price. All items are called Chicken Vindaloo.
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

/// Returns the creation of Ajanta, or of another restaurant at its address.
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

/// Returns a line with this quantity of an item, which is called Chicken Vindaloo.
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

/// Returns one line with this quantity of item 1 at 12.34: five cost 61.70.
#[track_caller]
#[must_use]
pub fn vindaloos(quantity: u32) -> LineItems {
    LineItems::new(vec![line("1", "12.34", quantity)]).expect("an order")
}

/// Returns the creation of an order at Ajanta for the evening of 24 December 2026.
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
