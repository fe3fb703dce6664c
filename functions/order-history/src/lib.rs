//! The order history: a consumer's orders, joined from the events of orders, tickets, payments and deliveries.
//!
//! The view ([`OrderHistory`]) is a pure fold; the projector writes it, and the query function ([`router`]) reads it and
//! the events themselves. Events of the kitchen may arrive before the creation of their order: they are stored, and no
//! list shows the order until it was created.
//!
//! ```
//! use commit::{CommandId, Commit, CommitId, Event, Metadata};
//! use contracts::TicketEvent;
//! use order_history::OrderHistory;
//! use projection::{View, testing::fold};
//!
//! let confirmed = Commit {
//!     stream: "ticket#ord_0193a5b2c4d67e8f9a0b1c2d3e4f5061".parse()?,
//!     first: 1,
//!     count: 1,
//!     id: CommitId::random(),
//!     command_id: CommandId::random(),
//!     previous: None,
//!     time: "2026-11-23T17:00:00Z".parse()?,
//!     metadata: Metadata::default(),
//!     events: vec![TicketEvent::TicketConfirmed {}.encode()?],
//! };
//! let document = fold::<OrderHistory>(&[confirmed]);
//! assert!(document.story().is_none());
//! assert_eq!(OrderHistory::index(&document), None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod document;
mod events;
mod keywords;
mod list;
mod log;
mod query;
mod story;
#[cfg(test)]
mod tests;
mod unknown_order;
mod view;

pub use document::OrderDocument;
pub use keywords::{KEYWORDS_PER_ORDER, keywords};
pub use list::{MAX_KEYWORDS, MAX_KEYWORDS_TEXT};
pub use log::TRANSITIONS_PER_SOURCE;
pub use query::router;
pub use story::{DeliveryStory, OrderStory, OrderSummary, PaymentStory, TicketStory, Transition};
pub use view::OrderHistory;

use function::Part;

/// Describes the view with its projector and its query function.
#[must_use]
pub fn part() -> Part {
    Part::view::<OrderHistory>(router)
}
