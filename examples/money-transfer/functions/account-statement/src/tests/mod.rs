//! The view account-statement: its fold, its convergence and its query function.

mod http;
mod view;
