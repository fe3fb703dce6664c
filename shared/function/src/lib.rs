//! The common building blocks of the system's functions.
//!
//! A crate under `functions/` describes itself as a [`Part`]: what it owns, what it deploys, what it may read. A [`System`] is
//! a list of parts, from which everything else is derived: tables, queues, routes, the embedded stack, the simulator, the list
//! of subscribers for operators, and the template. A function is built from a [`Wiring`], which names its tables; on Lambda the
//! wiring comes from the environment (with the feature `lambda`).
//!
//! ```
//! use function::{Part, System, Wiring};
//! use utoipa_axum::router::OpenApiRouter;
//!
//! fn router(_: &Wiring) -> OpenApiRouter {
//!     OpenApiRouter::new()
//! }
//!
//! let consumers = Part::service("consumers", &["consumer"]).commands(router);
//! let system = System::new("A shop", "Orders of a shop.").with(consumers);
//! assert_eq!(system.owner("consumer").map(|table| table.name).as_deref(), Some("consumers-events"));
//! assert!(system.mistakes().is_empty());
//! ```

mod api;
mod filled;
mod in_process;
#[cfg(feature = "lambda")]
pub mod lambda;
mod neighbour;
mod part;
mod subscriber;
mod system;
mod wiring;

pub use neighbour::{Asking, CallError, Neighbour, Reply, function_variable};
pub use part::{Function, Part, ReadView, Router, Trigger};
pub use subscriber::{Kind, Subscriber};
pub use system::{EventTable, System};
pub use wiring::{UnwiredError, WarmError, Wiring};

/// Timeouts, retries and sizes of queues and streams.
pub use settings;
