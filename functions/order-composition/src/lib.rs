//! An order by API composition: every service is asked for its part, at every call.
//!
//! It is the alternative to a view that the pattern language names
//! (<https://microservices.io/patterns/data/api-composition.html>), built to be compared with `order-history`: the README
//! has the calls, units and times of both side by side. It needs no table, no queue and no projection, and it is never
//! behind. It also costs four calls per order whatever the page, is as slow as the slowest service and as available as all
//! of them together, and cannot list, filter or sort: no service knows "the orders of this consumer by status".
//!
//! A service that does not answer in time costs its part, not the answer: the answer says which part is missing and why.
//!
//! ```
//! use order_composition::{CallError, Reply, Service, Services, router};
//! use axum::{body::Body, http::Request};
//! use futures::future::BoxFuture;
//! use std::sync::Arc;
//! use tower::ServiceExt;
//!
//! /// A service that nobody has deployed.
//! struct Nowhere;
//! impl Service for Nowhere {
//!     fn get<'a>(&'a self, path: &'a str, _: &'a str) -> BoxFuture<'a, Result<Reply, CallError>> {
//!         Box::pin(async move { Err(CallError(format!("nobody answers {path}"))) })
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! let nowhere: Arc<dyn Service> = Arc::new(Nowhere);
//! let services = Services::new(nowhere.clone(), nowhere.clone(), nowhere.clone(), nowhere);
//! let (router, _) = router(services).split_for_parts();
//! let order = "/orders/ord_0193a5b2c4d67e8f9a0b1c2d3e4f5061/composed";
//! let answer = router.oneshot(Request::get(order).body(Body::empty())?).await?;
//! assert_eq!(answer.status(), 503, "nothing came at all");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compose;
mod http;
mod lambda;
mod run;
mod service;

pub use compose::{Composed, Missing, Part, Why, compose};
pub use http::router;
pub use lambda::LambdaService;
pub use run::run;
pub use service::{CallError, PART_DEADLINE, Reply, Service, Services};
