//! The kitchen board: the tickets of a restaurant by status, from the tickets' events.
//!
//! The view ([`KitchenBoard`]) is a pure fold; the projector writes it, and the query function ([`router`]) only reads it.
//!
//! ```
//! use commit::{CommandId, Commit, CommitId, Event, Metadata};
//! use contracts::TicketEvent;
//! use kitchen_board::KitchenBoard;
//! use projection::{View, testing::fold};
//!
//! let created = r#"{"t":"TicketCreated","v":1,"d":{"restaurantId":"rst_0193a5b2c4d67e8f9a0b1c2d3e4f5063",
//!     "lineItems":[{"menuItemId":"1","name":"Chicken Vindaloo","price":"12.34","quantity":5}]}}"#;
//! let commit = Commit {
//!     stream: "ticket#ord_0193a5b2c4d67e8f9a0b1c2d3e4f5061".parse()?,
//!     first: 1,
//!     count: 2,
//!     id: CommitId::random(),
//!     command_id: CommandId::random(),
//!     previous: None,
//!     time: "2026-11-23T17:00:00Z".parse()?,
//!     metadata: Metadata::default(),
//!     events: vec![serde_json::from_str(created)?, TicketEvent::TicketConfirmed {}.encode()?],
//! };
//! let index = KitchenBoard::index(&fold::<KitchenBoard>(&[commit])).expect("it is on the board");
//! assert_eq!(index.partition, "rst_0193a5b2c4d67e8f9a0b1c2d3e4f5063#open");
//! assert_eq!(index.lean["status"], "AWAITING_ACCEPTANCE");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod query;
#[cfg(test)]
mod tests;
mod view;

pub use query::router;
pub use view::{BoardTicket, KitchenBoard};

use function::Part;

/// Describes the view with its projector and its query function.
#[must_use]
pub fn part() -> Part {
    Part::view::<KitchenBoard>(router)
}
