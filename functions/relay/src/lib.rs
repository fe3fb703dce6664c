//! Turns stream records into queue messages.
//!
//! There is one relay per event table, the only reader of its stream. It extracts the commits from the stream's records,
//! drops the attributes that are private to the service, packs the commits in order into as few FIFO messages as
//! possible, and sends them to every subscriber's queue. It decides nothing, stores nothing, and does not read the
//! content of an event.
//!
//! Nothing is lost silently (G11): a refused message is sent again for some seconds. If its queue still refuses it and another
//! queue accepts messages, its commits are put aside: the worker of operations heals the subscriber when its queue is back.
//! What is neither accepted nor put aside is reported, so that Lambda repeats it. Messages of a group are not reordered: each
//! is sent only after the previous one was accepted.
//!
//! ```
//! use relay::{Destination, Failed, MessageSink, OutgoingMessage, Relay, SinkError};
//! use std::time::{Duration, Instant};
//!
//! struct Printer;
//!
//! impl MessageSink for Printer {
//!     async fn send(&self, queue: &str, batch: Vec<OutgoingMessage>) -> Result<Vec<Failed>, SinkError> {
//!         println!("{} messages to {queue}", batch.len());
//!         Ok(vec![])
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! let history = Destination::new("order-history", "https://sqs/order-history.fifo", &["order", "ticket"]);
//! let relay = Relay::new(Printer, vec![history], 64);
//! let event = serde_json::from_str(r#"{"Records": []}"#)?;
//! let answer = relay.handle(event, Instant::now() + Duration::from_secs(20)).await?;
//! assert!(answer.batch_item_failures.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod aside;
mod backoff;
mod deliver;
mod destination;
mod handle;
mod pack;
mod parcel;
mod record;
#[cfg(feature = "lambda")]
mod run;
mod sink;
#[cfg(feature = "lambda")]
mod sqs;
#[cfg(test)]
mod tests;

pub use destination::Destination;
pub use handle::{Relay, RelayError};
#[cfg(feature = "lambda")]
pub use run::run;
pub use sink::{
    Failed, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_MESSAGE_BYTES, MessageSink, OutgoingMessage, SinkError,
};
#[cfg(feature = "lambda")]
pub use sqs::SqsSink;

use function::{Function, Part, Trigger, settings};

/// The relay: one binary, deployed once for each event table.
#[must_use]
pub fn part() -> Part {
    Part::function("relay")
        .with(Function::new("relay", "relay", Trigger::Stream).timeout(settings::RELAY_TIMEOUT))
}
