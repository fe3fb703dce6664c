//! The building blocks of suites over HTTP: a target, a client, and a function that waits.
//!
//! A suite only uses HTTP, so that it runs against the embedded stack, an emulator and AWS alike:
//!
//! - `BELVEDERE_URL`: the base URL, a path included. Without it, the suite starts an embedded stack of its system on a free port.
//! - `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`: if set, requests are signed, as a
//!   deployed API requires.
//! - `BELVEDERE_DEADLINE_SECONDS`: how long a condition may take to become true, 120 by default.
//!
//! ```no_run
//! use function::System;
//! use http_suite::{Api, eventually};
//! use serde_json::json;
//!
//! fn shop() -> System {
//!     System::new("Shop", "Baskets of a shop.")
//! }
//!
//! # async fn test() {
//! let api = Api::here(shop);
//! let basket = api.post("/baskets", &json!({ "owner": "Ada" })).await.expect(201).json();
//! eventually("the basket is listed", async || {
//!     let listed = api.get("/baskets").await.expect(200).json();
//!     if listed["baskets"][0] == basket { Ok(()) } else { Err(listed) }
//! })
//! .await;
//! # }
//! ```

mod api;
mod eventually;
mod target;

pub use api::{Answer, Api, encode};
pub use eventually::{deadline, eventually};
pub use target::{Apart, Target, scaled, skipped_at_a_url, target, times};
