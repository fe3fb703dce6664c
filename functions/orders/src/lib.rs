//! The orders service: places, cancels and revises orders.
//!
//! The service has one event table, one aggregate ([`Order`]) and two subscribers: a replica of the restaurants' menus
//! ([`OrderMenus`]), from which prices come, and a reactor ([`OrdersReactor`]) that advances an order when accounting,
//! the kitchen or the courier answered, or did not answer in time ([`deadlines`]). It calls no other service.
//!
//! ```
//! use event_store::testing::given;
//! use orders::{Order, OrderCommand, OrderError};
//!
//! given::<Order>([])
//!     .when(OrderCommand::Approve)
//!     .then_error(OrderError::NotCreated);
//! ```

mod codes;
pub mod deadlines;
mod http;
mod menu_question;
mod menus;
mod order;
mod order_body;
mod order_error;
mod order_lines;
mod order_state;
mod place_order;
mod reactor;
mod revise_order;
mod revision;
mod service;
#[cfg(test)]
mod test_commits;
#[cfg(test)]
mod test_orders;
#[cfg(test)]
mod tests;

pub use http::router;
pub use menus::{MenuReplica, OrderMenus};
pub use order::{Draft, Order, OrderCommand};
pub use order_body::{OrderBody, ProposalBody};
pub use order_error::{OrderError, Unorderable};
pub use order_state::{OrderDetails, OrderState, Proposal};
pub use reactor::{Answers, Kitchen, OrderEffects, OrdersReactor, Settle, Stage};
pub use revision::{MenuAnswer, Revision};

use function::{Function, Part, Subscriber};

/// Describes the orders service, with its replica of the menus and its reactor.
#[must_use]
pub fn part() -> Part {
    let commands = Function::commands("orders", router).reads_view::<OrderMenus>(
        "Prices come from the menus; a restaurant or dish that is not in them is looked up in the restaurant's own events first.",
    );
    Part::service("orders", &[contracts::order::CATEGORY])
        .with(commands)
        .keeps::<OrderMenus>("menus")
        .reacts(Subscriber::reactor::<OrdersReactor, _>(OrderEffects::new))
}
