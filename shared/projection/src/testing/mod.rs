//! For the tests of views and reactors.
//!
//! [`assert_commutes`], [`fold`] and [`journal`] are pure. With the feature `testing` come the property tests: [`converges`] for a
//! view and [`reacts_once`] for a reactor, against a DynamoDB in the process. `contents`, which is part of it, is what a table has to contain
//! and code with a bug, for tests that bring a history and a DynamoDB of their own.

#[cfg(feature = "testing")]
mod bench;
#[cfg(feature = "testing")]
mod cases;
mod commutes;
#[cfg(feature = "contents")]
mod contents;
#[cfg(feature = "testing")]
mod converges;
#[cfg(feature = "testing")]
mod plan;
#[cfg(feature = "contents")]
mod poisoned;
#[cfg(feature = "testing")]
mod property;
#[cfg(feature = "testing")]
mod reacts_once;

#[cfg(feature = "testing")]
pub use bench::{Bench, batch, message};
#[cfg(feature = "testing")]
pub use cases::cases;
pub use commutes::{assert_commutes, fold, journal};
#[cfg(feature = "contents")]
pub use contents::{Contents, expected_contents, found_contents};
#[cfg(feature = "testing")]
pub use converges::converges;
#[cfg(feature = "contents")]
pub use poisoned::{Bug, Poisoned};
#[cfg(feature = "testing")]
pub use reacts_once::reacts_once;
