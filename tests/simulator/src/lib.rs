//! The pipeline on a virtual clock: the real event store, relay, projection engine, rebuilds, services and views, in a world
//! where everything else comes from a seed: DynamoDB, streams, queues, functions that die, clients and an operator.
//!
//! ```
//! let report = simulator::run(7, false);
//! assert_eq!(report.failure, None);
//! // The same seed is the same run, call by call.
//! assert_eq!(report.hash, simulator::run(7, false).hash);
//! ```
//!
//! What is real, what is simulated and what has to hold is in `README.md`.

mod campaign;
pub mod cli;
mod consumer;
mod dynamo;
mod faults;
mod lambda;
mod lists;
mod operator;
mod promises;
mod queue;
mod run;
mod scenario;
mod shelf;
mod stream;
mod subject;
mod system;
mod trace;
mod workshop;
mod world;

pub use campaign::{Campaign, Summary};
pub use faults::{Counts, Fault};
pub use run::{Report, run};

use std::sync::Arc;

/// A client of an empty DynamoDB of the simulator's with these tables, where nothing goes wrong: to compare it with others.
///
/// It belongs into a `tokio` runtime.
#[must_use]
pub fn dynamodb(tables: impl IntoIterator<Item = tables::TableDefinition>) -> aws_sdk_dynamodb::Client {
    let world = Arc::new(world::World::quiet());
    tables.into_iter().for_each(|table| world.create(table));
    dynamo::client(&world)
}
