//! The order history from the outside: commits go in, stories and lists come out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod commits;
mod commutation;
mod convergence;
mod events;
mod lists;
mod stack;
mod stories;
