//! The couriers view: each courier's availability and assigned delivery, from the couriers' events.
//!
//! The view ([`Couriers`]) is a pure fold; the projector writes it, and the query function ([`router`]) only reads it.
//! The delivery service decides who gets which delivery, and does not use this list, which is eventually consistent.
//!
//! ```
//! use commit::{CommandId, Commit, CommitId, Event, Metadata};
//! use contracts::CourierEvent;
//! use couriers::Couriers;
//! use projection::testing::fold;
//!
//! let joined = Commit {
//!     stream: "courier#cou_0193a5b2c4d67e8f9a0b1c2d3e4f5064".parse()?,
//!     first: 1,
//!     count: 2,
//!     id: CommitId::random(),
//!     command_id: CommandId::random(),
//!     previous: None,
//!     time: "2026-11-23T17:00:00Z".parse()?,
//!     metadata: Metadata::default(),
//!     events: vec![
//!         CourierEvent::CourierCreated { name: "Mia Wong".parse()? }.encode()?,
//!         CourierEvent::CourierAvailabilityChanged { available: true }.encode()?,
//!     ],
//! };
//! let mia = fold::<Couriers>(&[joined]).expect("the courier was created");
//! assert!(mia.available && mia.delivery.is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod query;
#[cfg(test)]
mod tests;
mod view;

pub use query::router;
pub use view::{Couriers, ListedCourier, ListedDelivery};

use function::Part;

/// Describes the view with its projector and its query function.
#[must_use]
pub fn part() -> Part {
    Part::view::<Couriers>(router)
}
