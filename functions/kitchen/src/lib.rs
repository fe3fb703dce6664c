//! The kitchen service: tickets, from the order's creation to the courier's hands.
//!
//! [`ticket`] is the aggregate. [`router`] takes the restaurant's commands over HTTP, [`KitchenReactor`] listens to
//! the orders and answers those that want to be cancelled or revised. Tickets carry their order's id.
//!
//! ```
//! use contracts::ticket::TicketEvent;
//! use event_store::Decider;
//! use kitchen::ticket::{Ticket, TicketCommand, TicketError, TicketState};
//!
//! // Nothing was created, so nothing can be cooked.
//! let refused = Ticket::decide(&TicketState::default(), &TicketCommand::StartPreparation);
//! assert_eq!(refused, Err(TicketError::NotCreated));
//! ```

mod codes;
mod http;
mod reactor;
mod service;
#[cfg(test)]
mod tests;
pub mod ticket;

pub use http::{AcceptTicket, TicketBody, router};
pub use reactor::{Ask, KitchenReactor, TicketEffects};

use contracts::order;
use function::{Function, Part, Subscriber};

/// The kitchen service.
#[must_use]
pub fn part() -> Part {
    let commands = Function::commands("kitchen", router).reads(
        &[order::CATEGORY],
        "A ticket that is not there yet is looked up at its order, before anybody is told that it does not exist.",
    );
    Part::service("kitchen", &[contracts::ticket::CATEGORY])
        .with(commands)
        .reacts(Subscriber::reactor::<KitchenReactor, _>(TicketEffects::new))
}
