//! The order history: what a consumer's orders are and were, joined from the events of orders, tickets and payments.
//!
//! The view ([`OrderHistory`]) is a pure fold; the projector writes it, the query function ([`router`]) only reads it.

mod document;
mod keywords;
mod list;
mod log;
mod query;
mod run;
mod story;
mod view;

pub use document::{OrderDocument, PaymentStatus};
pub use keywords::{KEYWORDS_PER_ORDER, keywords};
pub use list::{DEFAULT_LIMIT, MAX_KEYWORDS, MAX_KEYWORDS_TEXT, MAX_LIMIT};
pub use log::TRANSITIONS_PER_SOURCE;
pub use query::router;
pub use run::run;
pub use story::{OrderStory, OrderSummary, PaymentStory, TicketStory, Transition};
pub use view::OrderHistory;
