//! The available restaurants as a whole: from commits to restaurants.

mod commits;
mod convergence;
mod costs;
mod opening;
mod pages;
mod rows;
mod stack;
