//! Test support for views and reactors: pure, without a table or a clock.
//!
//! [`assert_commutes`], [`fold`] and [`journal`] check a view by itself. [`expected_contents`] and [`Reactions`]
//! compute the expected contents of a table after a history, [`Poisoned`] is code with a bug, [`Examined`] is a view
//! without its type, [`StoredForm`] is how a subscriber stores, and [`message`] and [`batch`] create what a queue delivers, for tests with a DynamoDB of their
//! own. The properties that run a view or a reactor on a DynamoDB are in the crate `testkit`.

mod commutes;
mod contents;
mod examined;
mod expected_error;
mod messages;
mod poisoned;
mod reactions;
mod stored_form;

pub use commutes::{assert_commutes, fold, journal};
pub use contents::{Contents, counters, expected_contents, feeding, found_contents};
pub use examined::{Examined, Shown};
pub use expected_error::ExpectedError;
pub use messages::{batch, message};
pub use poisoned::{Bug, Earlier, EveryFifth, EveryFourth, Poisoned};
pub use reactions::Reactions;
pub use stored_form::{StoredForm, Unfolded};
