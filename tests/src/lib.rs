//! What the end-to-end suite of the marketplace is written in: fixtures, on top of [`http_suite`].
//!
//! Every test makes its own consumers and restaurants, so tests run side by side on a deployment that is in use.

mod fixtures;
mod here;

pub use fixtures::{ADDRESS, Consumer, Courier, Order, Restaurant, a_day_from_now, ajanta, unique};
pub use here::{apart, apart_with_short_fences, here, target};
pub use http_suite::{
    Answer, Apart, Api, Target, deadline, encode, eventually, scaled, skipped_at_a_url, times,
};
