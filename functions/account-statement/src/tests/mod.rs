//! The account statement as a whole: from commits to movements.

mod commits;
mod convergence;
mod costs;
mod movements;
mod pages;
mod stack;
