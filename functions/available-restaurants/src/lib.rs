//! The restaurants that deliver to a zip code and are open at a moment.
//!
//! The view ([`AvailableRestaurants`]) is a pure fold: a restaurant has a row under each of its zip codes for each
//! weekday on which it is open, with its hours in minutes of its local time. The fold needs no clock and no time zone
//! database; only the query function ([`router`]) does. A restaurant that closed for good has no rows.
//!
//! ```
//! use available_restaurants::AvailableRestaurants;
//! use commit::{CommandId, Commit, CommitId, Event, Metadata};
//! use contracts::restaurant::RestaurantEvent;
//! use projection::{View, testing::fold};
//! use serde_json::json;
//!
//! let created = json!({ "t": "RestaurantCreated", "d": {
//!     "name": "Ajanta",
//!     "address": { "street1": "1888 Solano Ave", "city": "Berkeley", "state": "CA", "zip": "94707" },
//!     "menu": { "menuItems": [{ "id": "1", "name": "Chicken Vindaloo", "price": "12.34" }] },
//!     "openingHours": [{ "dayOfWeek": "SUNDAY", "opens": "23:00", "closes": "02:00" }],
//!     "serviceArea": ["94612"],
//!     "timeZone": "America/Los_Angeles",
//! }});
//! let created = Commit {
//!     stream: "restaurant#rst_0193a5b2c4d67e8f9a0b1c2d3e4f5061".parse()?,
//!     first: 1,
//!     count: 1,
//!     id: CommitId::random(),
//!     command_id: CommandId::random(),
//!     previous: None,
//!     time: "2026-11-23T17:00:00Z".parse()?,
//!     metadata: Metadata::default(),
//!     events: vec![serde_json::from_value::<RestaurantEvent>(created)?.encode()?],
//! };
//! let rows = AvailableRestaurants::rows(&fold::<AvailableRestaurants>(&[created]));
//! let found: Vec<_> = rows.iter().map(|row| (&*row.partition, &row.data["spans"])).collect();
//! // From an hour before midnight to two hours after it, in minutes from each day's own midnight.
//! assert_eq!(found, [
//!     ("94612#MONDAY", &json!([[-60, 120]])),
//!     ("94612#SUNDAY", &json!([[1380, 1560]])),
//! ]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod clock;
mod hours;
mod query;
mod search;
#[cfg(test)]
mod tests;
mod view;

pub use query::router;
pub use search::ROWS_PER_QUERY;
pub use view::{AvailableRestaurants, RestaurantDocument};

use function::Part;

/// Describes the view with its projector and its query function.
#[must_use]
pub fn part() -> Part {
    Part::view::<AvailableRestaurants>(router)
}
