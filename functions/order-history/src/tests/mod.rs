//! The order history from the outside: commits go in, stories and lists come out.

mod commits;
mod commutation;
mod convergence;
mod events;
mod lists;
mod stack;
mod stories;
