//! The order history as a whole: from commits to stories and lists.

mod commits;
mod commutation;
mod convergence;
mod events;
mod lists;
mod stack;
mod stories;
