//! The consumers service: who may order.
//!
//! One event table of its own, one aggregate ([`Consumer`]), two endpoints. It publishes
//! [`ConsumerEvent`](contracts::ConsumerEvent)s and listens to nobody.
//!
//! ```
//! use consumers::{Consumer, ConsumerCommand};
//! use contracts::{ConsumerEvent, PersonName};
//! use event_store::testing::given;
//!
//! let name = PersonName { first_name: "Jane".parse()?, last_name: "Doe".parse()? };
//! given::<Consumer>([])
//!     .when(ConsumerCommand::Create { name: name.clone() })
//!     .then([ConsumerEvent::ConsumerCreated { name }]);
//! # Ok::<(), contracts::Invalid>(())
//! ```

mod consumer;
mod http;
#[cfg(test)]
mod tests;

pub use consumer::{Consumer, ConsumerCommand, ConsumerError, ConsumerState};
pub use http::{ConsumerBody, router};

use function::Part;

/// The consumers service.
#[must_use]
pub fn part() -> Part {
    Part::service("consumers", &[contracts::consumer::CATEGORY]).commands(router)
}
