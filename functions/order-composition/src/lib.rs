//! An order by API composition: every request queries every service for its part.
//!
//! It is the alternative to a view in the pattern language
//! (<https://microservices.io/patterns/data/api-composition.html>), built for comparison with `order-history`:
//! docs/measurements.md has the calls, units and times of both. It needs no table, no queue and no projection, and it is
//! never behind. But it costs four calls per order, is as slow as the slowest service and as available as all of them
//! together, and cannot list, filter or sort, because no service can list the orders of a consumer by status.
//!
//! A service that does not answer in time costs its part, not the whole answer: the answer names the missing part and the
//! reason.
//!
//! ```
//! use axum::{body::Body, http::Request};
//! use function::{Asking, CallError, Neighbour, Reply, Wiring};
//! use futures::future::BoxFuture;
//! use http_api::{Caller, CallerId};
//! use std::sync::Arc;
//! use tower::ServiceExt;
//!
//! /// A service that is not deployed.
//! struct Nowhere;
//! impl Neighbour for Nowhere {
//!     fn get<'a>(&'a self, path: &'a str, _: &'a Asking) -> BoxFuture<'a, Result<Reply, CallError>> {
//!         Box::pin(async move { Err(CallError(format!("no service answers {path}"))) })
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! # let dynamodb = aws_sdk_dynamodb::Client::from_conf(local_dynamodb::config_for("http://127.0.0.1:1").build());
//! let mut wiring = Wiring::new(dynamodb);
//! for part in ["orders", "kitchen", "accounting", "delivery"] {
//!     wiring = wiring.neighbour(part, Arc::new(Nowhere));
//! }
//! let (router, _) = order_composition::router(&wiring).split_for_parts();
//! let order = "/orders/ord_0193a5b2c4d67e8f9a0b1c2d3e4f5061/composed";
//! let caller = Caller::new(CallerId::named("back office of the example")).role("back-office");
//! let answer = router.oneshot(Request::get(order).extension(caller).body(Body::empty())?).await?;
//! assert_eq!(answer.status(), 503, "nothing came at all");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compose;
mod http;
mod services;
#[cfg(test)]
mod tests;

pub use compose::{Composed, Missing, Part, Why, compose};
pub use http::{router, routes};
pub use services::{PART_DEADLINE, Services};

use function::Function;

/// Describes the function that composes orders.
#[must_use]
pub fn part() -> function::Part {
    function::Part::function("order-composition")
        .about("The alternative to a view: each request queries every service for its part (docs/decisions/composition.md).")
        .with(Function::http("order-composition", "query", router).asks(&services::ASKED))
}
