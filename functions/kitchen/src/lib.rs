//! The kitchen service: tickets, from the order's creation to the pickup by the courier.
//!
//! [`ticket`] is the aggregate. [`router`] takes the restaurant's commands over HTTP; [`KitchenReactor`] consumes the
//! orders' events and answers requests to cancel or revise an order. A ticket has its order's id.
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

/// Describes the kitchen service.
#[must_use]
pub fn part() -> Part {
    let commands = Function::commands("kitchen", router).reads(
        &[order::CATEGORY],
        "The order of a missing ticket is looked up before the service reports that the ticket does not exist.",
    );
    Part::service("kitchen", &[contracts::ticket::CATEGORY])
        .with(commands)
        .reacts(Subscriber::reactor::<KitchenReactor, _>(TicketEffects::new))
}
