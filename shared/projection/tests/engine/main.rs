//! The engine against a DynamoDB in the process.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod batches;
mod convergence;
mod crashes;
mod desk;
mod diary;
mod exactness;
mod filling;
mod journal;
mod library;
mod logs;
mod page_walks;
mod property;
mod quarantine;
mod reactor;
mod reading;
mod rebuilding;
mod rows;
mod sweep;
mod sweeping;
mod tallies;
mod undeclared;
mod writing;
