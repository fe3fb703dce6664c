//! The building blocks of the end-to-end suite: a target, a client, fixtures, and a function that waits.
//!
//! The suite only uses HTTP, so that it runs against the embedded stack, an emulator and AWS alike:
//!
//! - `BELVEDERE_URL`: the base URL, a path included. Without it the suite starts its own embedded stack on a free port.
//! - `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`: if set, requests are signed, as a
//!   deployed API requires.
//! - `BELVEDERE_DEADLINE_SECONDS`: how long a condition may take to become true, 120 by default.
//!
//! Every test creates its own consumers and restaurants, so tests can run in parallel on a deployment that is in use.

mod api;
mod eventually;
mod fixtures;
mod target;

pub use api::{Answer, Api, encode};
pub use eventually::{deadline, eventually};
pub use fixtures::{ADDRESS, Consumer, Courier, Order, Restaurant, a_day_from_now, ajanta, unique};
pub use target::{Apart, Target, scaled, skipped_at_a_url, target, times};
