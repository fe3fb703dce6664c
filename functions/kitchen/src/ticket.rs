//! One ticket: what the kitchen has to cook for one order, and how far it is.

use contracts::ticket::{CATEGORY, TicketEvent, TicketStatus};
use contracts::{LineItems, Moment, RestaurantId};
use event_store::Decider;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

// Events: contracts::ticket.

// State.

/// A ticket as it now is; nothing before its creation.
///
/// The names are stored in snapshots: a change of their meaning takes a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TicketState(pub Option<TicketDetails>);

/// What is known of a ticket that exists.
///
/// Restaurant and lines decide nothing, but every command answers with the whole ticket. Keeping them costs about 80
/// bytes per line in the snapshot, which rides free up to the next kilobyte; leaving them out would cost a read of the
/// first commit with every command (0.5–1 RU).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketDetails {
    /// How far it is.
    pub status: TicketStatus,
    /// Whose kitchen it is.
    pub restaurant_id: RestaurantId,
    /// What to cook.
    pub line_items: LineItems,
    /// When it will be ready; nothing before it is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_by: Option<Moment>,
}

fn evolve(TicketState(state): TicketState, event: &TicketEvent) -> TicketState {
    let moved = |status| state.clone().map(|details| TicketDetails { status, ..details });
    TicketState(match event {
        TicketEvent::TicketCreated {
            restaurant_id,
            line_items,
        } => Some(TicketDetails {
            status: TicketStatus::CreatePending,
            restaurant_id: *restaurant_id,
            line_items: line_items.clone(),
            ready_by: None,
        }),
        TicketEvent::TicketConfirmed {} => moved(TicketStatus::AwaitingAcceptance),
        TicketEvent::TicketAccepted { ready_by } => {
            moved(TicketStatus::Accepted).map(|details| TicketDetails {
                ready_by: Some(*ready_by),
                ..details
            })
        }
        TicketEvent::TicketPreparationStarted {} => moved(TicketStatus::Preparing),
        TicketEvent::TicketPreparationCompleted {} => moved(TicketStatus::ReadyForPickup),
        TicketEvent::TicketPickedUp {} => moved(TicketStatus::PickedUp),
        TicketEvent::TicketCancelled {} => moved(TicketStatus::Cancelled),
    })
}

// Decide.

/// What can be asked of a ticket.
#[derive(Debug, Clone, PartialEq)]
pub enum TicketCommand {
    /// An order was placed.
    Create {
        /// Whose kitchen it is.
        restaurant_id: RestaurantId,
        /// What to cook.
        line_items: LineItems,
    },
    /// The order was approved.
    Confirm,
    /// The restaurant takes it on.
    Accept {
        /// When it will be ready.
        ready_by: Moment,
        /// The commit time, which `ready_by` must lie after.
        now: Timestamp,
    },
    /// Cooking begins.
    StartPreparation,
    /// Cooking is done.
    CompletePreparation,
    /// The courier has it.
    PickUp,
    /// The order will not be cooked.
    Cancel,
}

/// Why a ticket refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// There is no such ticket, or not yet.
    #[error("the ticket does not exist")]
    NotCreated,
    /// Its status does not allow the command.
    #[error("a ticket that is {status} cannot {command}")]
    InvalidTransition {
        /// What was asked.
        command: &'static str,
        /// Where the ticket stands.
        status: TicketStatus,
    },
    /// `readyBy` does not lie after the commit time.
    #[error("readyBy {ready_by} does not lie after {now}")]
    ReadyByNotInFuture {
        /// What was asked.
        ready_by: Moment,
        /// The commit time.
        now: Timestamp,
    },
}

impl TicketCommand {
    /// Its name in messages: "cannot {name}".
    fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "be created",
            Self::Confirm => "be confirmed",
            Self::Accept { .. } => "be accepted",
            Self::StartPreparation => "begin to be prepared",
            Self::CompletePreparation => "become ready for pickup",
            Self::PickUp => "be picked up",
            Self::Cancel => "be cancelled",
        }
    }

    /// The table of transitions: from which statuses to which. A ticket that is created comes from nothing.
    fn transition(&self) -> (&'static [TicketStatus], TicketStatus) {
        use TicketStatus::{
            Accepted, AwaitingAcceptance, Cancelled, CreatePending, PickedUp, Preparing, ReadyForPickup,
        };
        match self {
            Self::Create { .. } => (&[], CreatePending),
            Self::Confirm => (&[CreatePending], AwaitingAcceptance),
            Self::Accept { .. } => (&[AwaitingAcceptance], Accepted),
            Self::StartPreparation => (&[Accepted], Preparing),
            Self::CompletePreparation => (&[Preparing], ReadyForPickup),
            Self::PickUp => (&[ReadyForPickup], PickedUp),
            Self::Cancel => (&[CreatePending, AwaitingAcceptance, Accepted], Cancelled),
        }
    }

    /// Whether the ticket, which stands where this command leads to, is just as this command would leave it.
    fn is_done(&self, ticket: &TicketDetails) -> bool {
        match self {
            Self::Create {
                restaurant_id,
                line_items,
            } => *restaurant_id == ticket.restaurant_id && *line_items == ticket.line_items,
            Self::Accept { ready_by, .. } => ticket.ready_by == Some(*ready_by),
            _ => true,
        }
    }

    fn event(&self) -> TicketEvent {
        match self {
            Self::Create {
                restaurant_id,
                line_items,
            } => TicketEvent::TicketCreated {
                restaurant_id: *restaurant_id,
                line_items: line_items.clone(),
            },
            Self::Confirm => TicketEvent::TicketConfirmed {},
            Self::Accept { ready_by, .. } => TicketEvent::TicketAccepted { ready_by: *ready_by },
            Self::StartPreparation => TicketEvent::TicketPreparationStarted {},
            Self::CompletePreparation => TicketEvent::TicketPreparationCompleted {},
            Self::PickUp => TicketEvent::TicketPickedUp {},
            Self::Cancel => TicketEvent::TicketCancelled {},
        }
    }
}

fn decide(
    TicketState(state): &TicketState,
    command: &TicketCommand,
) -> Result<Vec<TicketEvent>, TicketError> {
    let Some(ticket) = state else {
        return match command {
            TicketCommand::Create { .. } => Ok(vec![command.event()]),
            _ => Err(TicketError::NotCreated),
        };
    };
    let (from, to) = command.transition();
    // Repeated where it leads to: a success that stores nothing.
    if ticket.status == to && command.is_done(ticket) {
        return Ok(vec![]);
    }
    if !from.contains(&ticket.status) {
        return Err(TicketError::InvalidTransition {
            command: command.name(),
            status: ticket.status,
        });
    }
    match command {
        TicketCommand::Accept { ready_by, now } if ready_by.timestamp() <= *now => {
            Err(TicketError::ReadyByNotInFuture {
                ready_by: *ready_by,
                now: *now,
            })
        }
        _ => Ok(vec![command.event()]),
    }
}

/// The decider of tickets.
#[derive(Debug, Clone, Copy)]
pub struct Ticket;

impl Decider for Ticket {
    type Command = TicketCommand;
    type Event = TicketEvent;
    type State = TicketState;
    type Error = TicketError;
    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 1;

    fn decide(state: &TicketState, command: &TicketCommand) -> Result<Vec<TicketEvent>, TicketError> {
        decide(state, command)
    }

    fn evolve(state: TicketState, event: &TicketEvent) -> TicketState {
        evolve(state, event)
    }
}

#[cfg(test)]
#[path = "ticket_tests.rs"]
mod tests;
