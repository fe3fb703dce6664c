//! Operates views and reactors: rebuilds, sweeps and the quarantine over HTTP, and the worker that executes them.
//!
//! [`router`] is the API of an operator. [`projection::operations::Control`] stores its decisions in the views' own
//! tables and sends tasks to a queue, which a [`Worker`](projection::operations::Worker) executes. The list of views and
//! reactors follows from the system.
//!
//! ```
//! use axum::body::Body;
//! use http::Request;
//! use http_api::{Caller, CallerId};
//! use operations::{Numbers, Operations, Queues, routes};
//! use std::{collections::BTreeMap, sync::Arc};
//! use tower::ServiceExt;
//!
//! /// A deployment without queues.
//! struct NoQueues;
//! impl Queues for NoQueues {
//!     fn numbers(&self) -> futures::future::BoxFuture<'_, BTreeMap<String, Numbers>> {
//!         Box::pin(async { BTreeMap::new() })
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! let nobody = Operations::new([], Arc::new(NoQueues));
//! let (router, _) = routes(nobody).split_for_parts();
//! let operator = Caller::new(CallerId::named("operator of the example")).role(http_api::OPERATOR);
//! let request = Request::get("/operations/views").extension(operator).body(Body::empty())?;
//! let answer = http_api::finish(router).oneshot(request).await?;
//! assert_eq!(answer.status(), 200);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod api;
#[cfg(feature = "lambda")]
mod cloudwatch;
#[cfg(feature = "lambda")]
mod environment;
mod origins;
mod queues;
#[cfg(feature = "lambda")]
mod run;
#[cfg(feature = "lambda")]
mod sqs_bell;
#[cfg(feature = "lambda")]
mod sqs_queues;
#[cfg(test)]
mod tests;
mod work;

pub use api::{Operations, router, routes};
#[cfg(feature = "lambda")]
pub use cloudwatch::CloudWatch;
pub use origins::Origins;
pub use queues::{Lag, Numbers, Queue, Queues};
#[cfg(feature = "lambda")]
pub use run::run;
#[cfg(feature = "lambda")]
pub use sqs_bell::SqsBell;
#[cfg(feature = "lambda")]
pub use sqs_queues::SqsQueues;
pub use work::work;

use function::{Function, Part, Trigger, settings};

/// The API of operators, and the worker that does what they ask for. Its binary is built with the system, whose views it
/// folds.
#[must_use]
pub fn part() -> Part {
    Part::function("operations")
        .about("Lag, rebuilds, sweeps and the quarantine over HTTP, for callers that may execute-api:Invoke on /operations (docs/runbook.md).\nIt only decides and writes down what is to be done; the worker does it.")
        .with(Function::http("operations", "api", router))
        .with(
            Function::new("operations-worker", "worker", Trigger::Tasks)
                .timeout(settings::WORKER_TIMEOUT)
                .memory(settings::WORKER_MEMORY),
        )
}
