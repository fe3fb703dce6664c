//! The order totals from the outside: commits go in, sums come out.

mod commits;
mod contributions;
mod convergence;
mod costs;
mod exactness;
mod stack;
mod sums;
