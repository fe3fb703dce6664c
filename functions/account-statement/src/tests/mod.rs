//! The account statement from the outside: commits go in, movements come out.

mod commits;
mod convergence;
mod costs;
mod movements;
mod pages;
mod stack;
