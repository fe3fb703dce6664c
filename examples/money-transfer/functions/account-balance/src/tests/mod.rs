//! The view account-balance: its fold, its convergence and its query function.

mod http;
mod view;
