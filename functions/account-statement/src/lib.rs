//! The statement of an account: every movement, newest first, with the amount held back after it.
//!
//! The view ([`AccountStatement`]) is a pure fold; the projector writes it, and the query function ([`router`]) only
//! reads it. A movement is a journal row: it is written once and never changed or removed. The document keeps only what
//! the next movement needs, so its size does not depend on the number of movements.
//!
//! ```
//! use account_statement::AccountStatement;
//! use commit::{CommandId, Commit, CommitId, Event, Metadata};
//! use contracts::account::AccountEvent;
//! use projection::testing::journal;
//! use serde_json::json;
//!
//! let order_id = "ord_0193a5b2c4d67e8f9a0b1c2d3e4f5061";
//! let authorized = AccountEvent::PaymentAuthorized { order_id: order_id.parse()?, amount: "61.70".parse()? };
//! let commit = Commit {
//!     stream: "account#con_0193a5b2c4d67e8f9a0b1c2d3e4f5062".parse()?,
//!     first: 1,
//!     count: 2,
//!     id: CommitId::random(),
//!     command_id: CommandId::random(),
//!     previous: None,
//!     time: "2026-11-23T17:00:00Z".parse()?,
//!     metadata: Metadata::default(),
//!     events: vec![AccountEvent::AccountOpened {}.encode()?, authorized.encode()?],
//! };
//! let movements = journal::<AccountStatement>(&[commit]);
//! assert_eq!(movements[1].data, json!({
//!     "at": "2026-11-23T17:00:00Z",
//!     "version": 2,
//!     "kind": "AUTHORIZED",
//!     "orderId": order_id,
//!     "amount": "61.70",
//!     "heldBack": "61.70",
//! }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod movement;
mod query;
#[cfg(test)]
mod tests;
mod view;

pub use movement::{Movement, MovementKind};
pub use query::router;
pub use view::{AccountDocument, AccountStatement};

use function::Part;

/// Describes the view with its projector and its query function.
#[must_use]
pub fn part() -> Part {
    Part::view::<AccountStatement>(router)
}
