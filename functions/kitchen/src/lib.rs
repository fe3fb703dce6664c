//! The kitchen service: tickets, from the order's creation to the courier's hands.
//!
//! [`ticket`] is the aggregate. [`router`] takes the restaurant's commands over HTTP, [`reactor`] listens to the orders and
//! answers those that want to be cancelled or revised, and [`run`] is what Lambda starts. Tickets carry their order's id.
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

mod http;
mod reactor;
mod run;
mod service;
pub mod ticket;

pub use http::{AcceptTicket, TicketBody, router};
pub use reactor::{Ask, KitchenReactor, TicketEffects, reactor};
pub use run::run;
pub use service::{Kitchen, Tables};
