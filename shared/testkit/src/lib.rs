//! What the tests of views, reactors and functions are made of. Only ever a dependency of tests.
//!
//! [`converges`] checks a view and [`reacts_once`] a reactor against a DynamoDB in the process. [`Bench`] is the tables that such a
//! test needs, and [`ViewStack`] a view as its functions run it, with its HTTP.

mod bench;
mod converges;
mod plan;
mod property;
mod reacts_once;
mod view_stack;

pub use bench::Bench;
pub use converges::converges;
pub use reacts_once::reacts_once;
pub use view_stack::{Answer, Calls, ViewStack};
