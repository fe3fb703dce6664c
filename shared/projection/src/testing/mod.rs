//! For the tests of views and reactors.
//!
//! [`assert_commutes`], [`fold`] and [`journal`] are pure. [`expected_contents`] is what a table has to contain, [`Poisoned`] is
//! code with a bug, and [`Examined`] is a view without its type, for tests that bring a history and a DynamoDB of their own. With the feature
//! `testing` come the property tests: [`converges`] for a view and [`reacts_once`] for a reactor, against a DynamoDB in the process.

#[cfg(feature = "testing")]
mod bench;
#[cfg(feature = "testing")]
mod cases;
mod commutes;
mod contents;
#[cfg(feature = "testing")]
mod converges;
mod examined;
#[cfg(feature = "testing")]
mod plan;
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
pub use contents::{Contents, expected_contents, found_contents};
#[cfg(feature = "testing")]
pub use converges::converges;
pub use examined::{Examined, Shown};
pub use poisoned::{Bug, EveryFifth, Poisoned};
#[cfg(feature = "testing")]
pub use reacts_once::reacts_once;
