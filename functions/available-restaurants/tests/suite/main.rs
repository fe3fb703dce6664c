//! The available restaurants from the outside: commits go in, restaurants come out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod commits;
mod convergence;
mod costs;
mod opening;
mod pages;
mod rows;
mod stack;
