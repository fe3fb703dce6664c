//! The pipeline on a virtual clock.

mod consumer;
mod dynamo;
mod faults;
mod lambda;
mod operator;
mod poison;
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

pub use faults::{Counts, Fault};
pub use run::{Report, run};
