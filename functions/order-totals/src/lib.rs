//! Counters of what restaurants sell and consumers spend.
//!
//! The view ([`OrderTotals`]) is a pure fold: a document per order holds the order's contribution to two counters, that
//! of its restaurant's day and that of its consumer. The projection adds the difference to the previous contribution, in
//! one transaction with the document, so a duplicate, a replay or a crash counts nothing twice. The query function
//! ([`router`]) only reads.
//!
//! ```
//! use commit::{CommandId, Commit, CommitId, Event, Metadata};
//! use contracts::OrderEvent;
//! use order_totals::OrderTotals;
//! use projection::{View, testing::fold};
//! use serde_json::json;
//!
//! let restaurant_id = "rst_0193a5b2c4d67e8f9a0b1c2d3e4f5061";
//! let created = json!({ "t": "OrderCreated", "d": {
//!     "consumerId": "con_0193a5b2c4d67e8f9a0b1c2d3e4f5062",
//!     "restaurantId": restaurant_id,
//!     "restaurantName": "Ajanta",
//!     "lineItems": [{ "menuItemId": "1", "name": "Chicken Vindaloo", "price": "12.34", "quantity": 5 }],
//!     "orderTotal": "61.70",
//!     "deliveryAddress": { "street1": "9 Amazing View", "city": "Oakland", "state": "CA", "zip": "94612" },
//!     "deliveryTime": "2026-11-23T19:00:00Z",
//! }});
//! let created: OrderEvent = serde_json::from_value(created)?;
//! let commit = Commit {
//!     stream: "order#ord_0193a5b2c4d67e8f9a0b1c2d3e4f5063".parse()?,
//!     first: 1,
//!     count: 2,
//!     id: CommitId::random(),
//!     command_id: CommandId::random(),
//!     previous: None,
//!     time: "2026-11-23T17:00:00Z".parse()?,
//!     metadata: Metadata::default(),
//!     events: vec![created.encode()?, OrderEvent::OrderApproved {}.encode()?],
//! };
//! let tallies = OrderTotals::tallies(&fold::<OrderTotals>(&[commit]));
//! let sales = tallies.iter().find(|tally| tally.key == format!("{restaurant_id}#2026-11-23"));
//! assert_eq!(sales.map(|sales| sales.amounts["turnover"]), Some(6170));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod amount;
mod day;
mod query;
#[cfg(test)]
mod tests;
mod view;

pub use day::MAX_DAYS;
pub use query::router;
pub use view::{OrderDocument, OrderTotals};

use function::Part;

/// Describes the view with its projector and its query function.
#[must_use]
pub fn part() -> Part {
    Part::view::<OrderTotals>(router)
}
