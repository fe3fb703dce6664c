//! The statement of an account: the fold, that it converges, and its pages.

mod http;
mod view;
