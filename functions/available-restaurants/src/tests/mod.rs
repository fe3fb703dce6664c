//! The available restaurants from the outside: commits go in, restaurants come out.

mod commits;
mod convergence;
mod costs;
mod opening;
mod pages;
mod rows;
mod stack;
