//! Logs and metrics for every function.
//!
//! A metric is a wide event: one thing that happened, with its numbers, few dimensions, and properties to search by. On
//! Lambda it becomes one line in CloudWatch's embedded metric format; no agent, no call. Elsewhere it is dropped, and a test
//! reads it back:
//!
//! ```
//! use telemetry::{Metrics, capture};
//!
//! let captured = capture();
//! Metrics::event("RelayBatch")
//!     .dimension("Table", "orders")
//!     .count("CommitsIn", 7)
//!     .milliseconds("Duration", 12.5)
//!     .emit();
//!
//! let events = captured.events();
//! assert_eq!(events[0].name(), "RelayBatch");
//! assert_eq!(events[0].sum("CommitsIn"), 7.0);
//! ```
//!
//! **Never personal data**: no names, addresses, bodies, client keys. Ids of streams are fine as properties, never as
//! dimensions: every distinct dimension value is a metric that is billed by itself.

mod capture;
mod emf;
mod logs;
mod metrics;

pub use capture::{Capture, capture};
pub use logs::{Lines, capture_lines, init_lambda, init_local};
pub use metrics::{Metrics, Unit};
