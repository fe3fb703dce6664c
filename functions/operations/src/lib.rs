//! Operating the views and reactors: rebuilds, sweeps and what stands still, over HTTP; and the worker that does the work.
//!
//! [`router`] is the API of an operator. What it decides stands in the views' own tables, by
//! [`projection::operations::Control`]; what is to be done is rung for at a queue of tasks, and a
//! [`Worker`](projection::operations::Worker) takes them. [`subscribers`] is the list of all views and reactors: who writes a
//! new view adds a line there.
//!
//! ```
//! use axum::body::Body;
//! use http::Request;
//! use operations::{Numbers, Operations, Queues, router};
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
//! let (router, _) = router(nobody).split_for_parts();
//! let request = Request::get("/operations/views").body(Body::empty())?;
//! let answer = http_api::finish(router).oneshot(request).await?;
//! assert_eq!(answer.status(), 200);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod api;
mod cloudwatch;
mod environment;
mod queues;
mod run;
mod sqs_bell;
mod sqs_queues;
mod subscribers;

pub use api::{BODIES_WITH_DEFAULTS, Operations, router};
pub use cloudwatch::CloudWatch;
pub use lambda_runtime::Error;
pub use queues::{Lag, Numbers, Queue, Queues};
pub use run::{run, work};
pub use sqs_bell::SqsBell;
pub use sqs_queues::SqsQueues;
pub use subscribers::{Tables, UnwiredError, subscribers};
