//! What the end-to-end suite is written in: where it runs, a client, fixtures, and a way to wait.
//!
//! The suite speaks HTTP and nothing else, so that it runs against the embedded stack, an emulator and AWS alike:
//!
//! - `BELVEDERE_URL`: the base URL, a path included. Without it the suite starts its own embedded stack on a free port.
//! - `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`: when set, requests are signed, as a
//!   deployed API wants it.
//! - `BELVEDERE_DEADLINE_SECONDS`: how long a condition may take to come true, 120 when nothing else is said.
//!
//! Every test makes its own consumers and restaurants, so tests run side by side on a deployment that is in use.

mod api;
mod eventually;
mod fixtures;
mod target;

pub use api::{Answer, Api, encode};
pub use eventually::{deadline, eventually};
pub use fixtures::{ADDRESS, Consumer, Courier, Order, Restaurant, a_day_from_now, ajanta, unique};
pub use target::{Apart, Target, scaled, skipped_at_a_url, target, times};
