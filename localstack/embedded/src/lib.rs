//! The whole system in one process, for one machine.

mod backoff;
mod feed;
mod outstanding;
pub mod queues;
pub mod topology;
