//! Test support for views, reactors and functions. Only ever a dependency of tests.
//!
//! [`converges`] checks a view and [`reacts_once`] a reactor on a DynamoDB in the process. [`Bench`] has the tables for
//! such a test, [`ViewStack`] runs a view as its functions do, and [`Client`] sends requests to the router of any
//! function. [`commits()`] creates histories. [`published`] checks golden files and schemas.

mod answer;
mod bench;
mod calls;
mod cases;
mod client;
mod commits;
mod converges;
mod plan;
mod property;
pub mod published;
mod reacts_once;
mod view_stack;

pub use answer::Answer;
pub use bench::Bench;
pub use calls::Calls;
pub use cases::{cases, in_full};
pub use client::Client;
pub use commits::{commit, commit_of, commits, token_of};
pub use converges::converges;
pub use reacts_once::reacts_once;
pub use view_stack::ViewStack;
