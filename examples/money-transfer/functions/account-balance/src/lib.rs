//! The balance of each account and the list of each owner's accounts, from the accounts' events.
//!
//! The view ([`AccountBalance`]) is a pure fold; the projector writes it, and the query function ([`router`]) only reads it.
//!
//! ```
//! use account_balance::AccountBalance;
//! use contracts::account::AccountEvent;
//! use projection::testing::fold;
//! use testkit::commits;
//!
//! let opened = AccountEvent::AccountOpened { owner: "Ada Lovelace".parse()?, initial_balance: "100.00".parse()? };
//! let stream = "account#acc_0193a5b2c4d67e8f9a0b1c2d3e4f5066";
//! let entry = fold::<AccountBalance>(&commits(stream, "2026-11-23T17:00:00Z".parse()?, &[opened]));
//! assert_eq!(entry.map(|entry| entry.balance.to_string()).as_deref(), Some("100.00"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod query;
#[cfg(test)]
mod tests;
mod view;

pub use query::router;
pub use view::{AccountBalance, BalanceEntry};

use function::Part;

/// Describes the view with its projector and its query function.
#[must_use]
pub fn part() -> Part {
    Part::view::<AccountBalance>(router)
}
