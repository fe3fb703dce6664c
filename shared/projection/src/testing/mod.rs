//! For the tests of views and reactors.

mod commutes;

pub use commutes::{assert_commutes, fold};
