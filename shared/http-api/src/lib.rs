//! The shared parts of all HTTP functions: problems, strict input, idempotency keys, tokens, cursors.
//!
//! A handler declares its input by extractors. A request that does not fit is refused before the handler runs, with a
//! [`Problem`] (RFC 9457) that has a stable `code` and names the field. [`finish`] adds what every response needs.
//!
//! ```
//! use axum::{Router, body::Body, http::Request, routing::post};
//! use http_api::{Code, Command, Problem, finish};
//! use serde::Deserialize;
//! use tower::ServiceExt;
//!
//! const TOO_BRIGHT: Code = Code::unprocessable("TOO_BRIGHT", "a lamp takes at most 100 W");
//!
//! #[derive(Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct SwitchOn {
//!     watts: u32,
//! }
//!
//! async fn switch_on(command: Command<SwitchOn>) -> Result<String, Problem> {
//!     if command.body.watts > 100 {
//!         return Err(TOO_BRIGHT.problem("A lamp takes at most 100 W.").field("watts"));
//!     }
//!     Ok(format!("done by {}", command.context.command_id))
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! let app = finish(Router::new().route("/lamps", post(switch_on)));
//! let request = Request::post("/lamps")
//!     .header("content-type", "application/json")
//!     .body(Body::from(r#"{"watts": "many"}"#))?;
//! let answer = app.oneshot(request).await?;
//! assert_eq!(answer.status(), 400);
//! assert_eq!(answer.headers()["content-type"], "application/problem+json");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access;
mod code;
pub mod codes;
mod command;
mod consistency;
mod correlation;
pub mod cursor;
mod etag;
mod execute_error;
mod field;
mod finish;
mod json;
pub mod openapi;
mod path_id;
mod problem;
mod query;
mod read;
mod reply;
mod sealed_text;
mod strict;
#[cfg(test)]
mod tests;
pub mod times;
mod token_keys;

pub use access::{Guarded, Permission};
pub use code::Code;
pub use command::{Command, MAX_IDEMPOTENCY_KEY, NoBody};
pub use consistency::{CONSISTENCY_TOKEN, Consistency, ConsistencyToken, MAX_CONSISTENCY_TOKENS, MAX_WAIT};
pub use correlation::CorrelationId;
pub use etag::{ETag, IfNoneMatch};
pub use event_store::CommandContext;
pub use finish::finish;
pub use identity::{Access, Caller, CallerId, Grant, OPERATOR};
pub use json::{Json, MAX_BODY_BYTES, MAX_BODY_DEPTH};
pub use path_id::{PathId, PathIds};
pub use problem::Problem;
pub use query::{NoParameters, Query};
pub use read::{VIEW_FILLED, found, unless_known};
pub use reply::{created, marked, ok};
pub use token_keys::{ShortTokenKey, TokenKeys, random_token_key};
