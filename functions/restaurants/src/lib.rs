//! The restaurants service: menus, opening hours and delivery areas.
//!
//! The service has one event table and one aggregate ([`Restaurant`]). It publishes
//! [`RestaurantEvent`](contracts::RestaurantEvent)s and consumes no events; the orders service keeps its own replica of
//! the menus.
//!
//! ```
//! use contracts::{Menu, MenuItem};
//! use event_store::testing::given;
//! use restaurants::{Restaurant, RestaurantCommand, RestaurantError};
//!
//! let naan = MenuItem { id: "1".parse()?, name: "Naan".parse()?, price: "2.50".parse()? };
//! given::<Restaurant>([])
//!     .when(RestaurantCommand::ReviseMenu(Menu::new(vec![naan])?))
//!     .then_error(RestaurantError::NotCreated);
//! # Ok::<(), contracts::Invalid>(())
//! ```

mod codes;
mod http;
mod request;
mod restaurant;
#[cfg(test)]
mod tests;

pub use http::{RestaurantBody, router};
pub use restaurant::{Restaurant, RestaurantCommand, RestaurantDetails, RestaurantError, RestaurantState};

use function::Part;

/// Describes the restaurants service.
#[must_use]
pub fn part() -> Part {
    Part::service("restaurants", &[contracts::restaurant::CATEGORY]).commands(router)
}
