//! The consumers service: who may order.
//!
//! One event table of its own, one aggregate ([`Consumer`]), two endpoints. It publishes
//! [`ConsumerEvent`](contracts::ConsumerEvent)s and listens to nobody.

mod consumer;
mod http;
mod run;

pub use consumer::{Consumer, ConsumerCommand, ConsumerError, ConsumerState};
pub use http::{ConsumerBody, ConsumersService, router};
pub use run::run;
