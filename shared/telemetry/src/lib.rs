//! Logs and metrics for every function.
//!
//! A metric is a wide event: one occurrence, with its numbers, few dimensions, and properties to search by. On Lambda
//! it is written as one line in CloudWatch's embedded metric format, without an agent or a call. Elsewhere it is
//! dropped. A test can read it back:
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
//! **Events must not contain personal data**: no names, addresses, bodies, client keys. Stream ids may be properties
//! but not dimensions: every distinct dimension value is billed as a metric of its own.

mod capture;
mod emf;
mod history;
mod logs;
mod metrics;

pub use capture::{Capture, capture};
pub use history::history_changed;
pub use logs::{Lines, capture_lines, init_lambda, init_local};
pub use metrics::{Metrics, Unit};
