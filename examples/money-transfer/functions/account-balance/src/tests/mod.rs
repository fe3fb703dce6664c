//! The view account balance: the fold, that it converges, and what it answers over HTTP.

mod http;
mod view;
