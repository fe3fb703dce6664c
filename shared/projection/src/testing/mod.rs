//! For the tests of views and reactors.
//!
//! [`assert_commutes`], [`fold`] and [`journal`] are pure. With the feature `testing` come the property tests: [`converges`] for a
//! view and [`reacts_once`] for a reactor, against a DynamoDB in the process.

#[cfg(feature = "testing")]
mod bench;
mod commutes;
#[cfg(feature = "testing")]
mod converges;
#[cfg(feature = "testing")]
mod plan;
#[cfg(feature = "testing")]
mod poisoned;
#[cfg(feature = "testing")]
mod property;
#[cfg(feature = "testing")]
mod reacts_once;

#[cfg(feature = "testing")]
pub use bench::{Bench, batch, message};
pub use commutes::{assert_commutes, fold, journal};
#[cfg(feature = "testing")]
pub use converges::converges;
#[cfg(feature = "testing")]
pub use reacts_once::reacts_once;
