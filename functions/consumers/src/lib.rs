//! The consumers service: registers the consumers who may order.
//!
//! The service has one event table, one aggregate ([`Consumer`]) and two endpoints. It publishes
//! [`ConsumerEvent`](contracts::ConsumerEvent)s and consumes no events.
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

/// Describes the consumers service.
#[must_use]
pub fn part() -> Part {
    Part::service("consumers", &[contracts::consumer::CATEGORY]).commands(router)
}
