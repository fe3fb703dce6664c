//! The building blocks of the marketplace's end-to-end suite: fixtures, on top of [`http_suite`].
//!
//! Every test creates its own consumers and restaurants, so tests can run in parallel on a deployment that is in use.

mod fixtures;
mod here;

pub use fixtures::{ADDRESS, Consumer, Courier, Order, Restaurant, a_day_from_now, ajanta, unique};
pub use here::{apart, apart_with_short_fences, here, target};
pub use http_suite::{
    Answer, Apart, Api, Target, deadline, encode, eventually, scaled, skipped_at_a_url, times,
};
