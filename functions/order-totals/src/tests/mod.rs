//! The order totals as a whole: from commits to sums.

mod commits;
mod contributions;
mod convergence;
mod costs;
mod exactness;
mod stack;
mod sums;
