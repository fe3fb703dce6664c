//! The order totals from the outside: commits go in, sums come out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod commits;
mod contributions;
mod convergence;
mod costs;
mod exactness;
mod stack;
mod sums;
