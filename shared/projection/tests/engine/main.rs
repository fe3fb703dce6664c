//! Tests of the engine on a DynamoDB in the process.
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod batches;
mod convergence;
mod counting;
mod crashes;
mod deadlines;
mod desk;
mod diary;
mod exactness;
mod filling;
mod journal;
mod library;
mod logs;
mod marks;
mod page_walks;
mod property;
mod put_back;
mod quarantine;
mod reactor;
mod reading;
mod rebuilding;
mod rounds;
mod rows;
mod sweep;
mod sweeping;
mod tallies;
mod undeclared;
mod writing;
