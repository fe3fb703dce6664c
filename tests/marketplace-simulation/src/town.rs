//! The participants.

use anyhow::Context;
use contracts::{ConsumerId, CourierId, LineItem, LineItems, OrderId, Quantity, RestaurantId};
use orders::Draft;
use restaurants::RestaurantDetails;
use serde_json::{Value, json};
use simulator::Rng;
use uuid::Uuid;

/// The promised time of all food, and the delivery time of all orders.
pub(crate) const LATER: &str = "2040-01-01T18:30:00Z";

/// The values that all clients of a run share.
pub(crate) struct Town {
    pub(crate) consumer: ConsumerId,
    pub(crate) restaurant: RestaurantId,
    pub(crate) courier: CourierId,
    pub(crate) orders: [OrderId; 2],
}

impl Town {
    pub(crate) fn draw(random: &mut Rng) -> Self {
        let mut id = || Uuid::from_u128(random.u128(..));
        Self {
            consumer: ConsumerId::from_uuid(id()),
            restaurant: RestaurantId::from_uuid(id()),
            courier: CourierId::from_uuid(id()),
            orders: [OrderId::from_uuid(id()), OrderId::from_uuid(id())],
        }
    }

    /// Returns an order of this quantity.
    pub(crate) fn draft(&self, quantity: u32) -> anyhow::Result<Draft> {
        let line = LineItem {
            menu_item_id: "1".parse()?,
            name: "Chicken Vindaloo".parse()?,
            price: "12.34".parse()?,
            quantity: Quantity::new(quantity)?,
        };
        Ok(Draft {
            consumer_id: self.consumer,
            restaurant_id: self.restaurant,
            restaurant_name: "Ajanta".parse()?,
            line_items: LineItems::new(vec![line])?,
            delivery_address: serde_json::from_value(address())?,
            delivery_time: LATER.parse()?,
        })
    }
}

fn address() -> Value {
    json!({ "street1": "9 Amazing View", "city": "Oakland", "state": "CA", "zip": "94612" })
}

/// Returns the restaurant.
pub(crate) fn ajanta() -> anyhow::Result<RestaurantDetails> {
    let details = json!({
        "name": "Ajanta",
        "address": address(),
        "menu": { "menuItems": [{ "id": "1", "name": "Chicken Vindaloo", "price": "12.34" }] },
        "openingHours": [{ "dayOfWeek": "MONDAY", "opens": "08:00", "closes": "22:00" }],
        "serviceArea": ["94612"],
        "timeZone": "America/Los_Angeles",
        "closed": false,
    });
    serde_json::from_value(details).context("a restaurant")
}
