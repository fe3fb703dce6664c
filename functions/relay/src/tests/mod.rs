//! The relay through its public interface, with queues in memory that fail on purpose.

mod aside;
mod by_hand;
mod properties;
mod queues;
mod records;
mod sizes;
#[cfg(feature = "lambda")]
mod sqs;
