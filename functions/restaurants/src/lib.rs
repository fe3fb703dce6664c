//! The restaurants service: who cooks what, when, and for whom.
//!
//! One event table of its own, one aggregate ([`Restaurant`]). It publishes
//! [`RestaurantEvent`](contracts::RestaurantEvent)s and listens to nobody; the order service keeps its own replica of the
//! menus.

mod http;
mod request;
mod restaurant;
mod run;

pub use http::{RestaurantBody, RestaurantsService, router};
pub use restaurant::{Restaurant, RestaurantCommand, RestaurantDetails, RestaurantError, RestaurantState};
pub use run::run;
