//! The account statement from the outside: commits go in, movements come out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod commits;
mod convergence;
mod costs;
mod movements;
mod pages;
mod stack;
