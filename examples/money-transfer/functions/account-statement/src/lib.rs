//! The statement of an account: every movement, newest first, with the balance after it.
//!
//! The view ([`AccountStatement`]) is a pure fold of the account's own events, which name the transfer and the other account. The
//! projector writes it, and the query function ([`router`]) only reads it. A movement is a journal row, which is written once and
//! never changed or removed. The document contains only the balance.
//!
//! ```
//! use account_statement::AccountStatement;
//! use contracts::account::AccountEvent;
//! use projection::testing::journal;
//! use serde_json::json;
//! use testkit::commits;
//!
//! let opened = AccountEvent::AccountOpened { owner: "Ada Lovelace".parse()?, initial_balance: "100.00".parse()? };
//! let stream = "account#acc_0193a5b2c4d67e8f9a0b1c2d3e4f5066";
//! let movements = journal::<AccountStatement>(&commits(stream, "2026-11-23T17:00:00Z".parse()?, &[opened]));
//! assert_eq!(movements[0].data, json!({
//!     "at": "2026-11-23T17:00:00Z", "version": 1, "kind": "OPENED", "amount": "100.00", "balance": "100.00",
//! }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod movement;
mod query;
#[cfg(test)]
mod tests;
mod view;

pub use movement::{Movement, MovementKind, OfTransfer};
pub use query::router;
pub use view::{AccountStatement, Balance};

use function::Part;

/// Describes the view with its projector and its query function.
#[must_use]
pub fn part() -> Part {
    Part::view::<AccountStatement>(router)
}
