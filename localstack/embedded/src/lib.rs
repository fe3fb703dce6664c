//! A whole system in one process, for local use.
//!
//! It runs DynamoDB in process behind its real wire API, the services on the real SDK, stream records captured from successful
//! commits, the relays, FIFO queues in memory, projectors and reactors. These are the libraries that the Lambda functions run,
//! wired as the system describes itself; this crate adds no logic of its own.
//!
//! ```no_run
//! use embedded::{Stack, StackOptions};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let system = function::System::new("Shop", "Baskets of a shop.");
//! let stack = Stack::start(system, StackOptions::default()).await?;
//! println!("POST {}/baskets", stack.url());
//! stack.quiet(std::time::Duration::from_secs(5)).await?;
//! stack.stop().await;
//! # Ok(()) }
//! ```

mod backoff;
mod feed;
mod outstanding;
pub mod program;
pub mod queues;
pub mod stack;

pub use stack::{Stack, StackOptions};
