//! An SQS FIFO queue as a state machine: no clock, no task, no lock of its own. The embedded stack and the simulator use it.
//!
//! ```
//! use fifo::{Envelope, Fifo, Outcome};
//! use std::time::Duration;
//! use tokio::time::Instant;
//!
//! let now = Instant::now();
//! let mut queue = Fifo::new(Duration::from_secs(180));
//! let sent = queue.send(
//!     Envelope {
//!         id: "1".to_owned(),
//!         group: "lane-7".to_owned(),
//!         dedup: "order-1".to_owned(),
//!         body: "{}".to_owned(),
//!     },
//!     now,
//! );
//! assert!(sent);
//! let received = queue.receive(now, 10);
//! assert_eq!(received.batch[0].receive_count, 1);
//! queue.settle(&received.batch, now, |_| Outcome::Deleted);
//! assert_eq!(queue.depth().messages, 0);
//! ```

mod message;
mod queue;
mod recent;
#[cfg(test)]
mod tests;

pub use message::{DeadLetter, Delivery, Depth, Envelope, Outcome, Received};
pub use queue::Fifo;
