//! One ticket: what the kitchen has to cook for one order, and how far it is.

use contracts::ticket::{CATEGORY, TicketEvent, TicketStatus};
use contracts::{LineItems, Moment, OrderId, ReasonCode, RestaurantId};
use event_store::Decider;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

// Events: contracts::ticket.

// State.

/// A ticket as it now is; nothing before its creation.
///
/// The names are stored in snapshots: a change of their meaning takes a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TicketState(pub Option<TicketDetails>);

/// What is known of a ticket that exists.
///
/// Restaurant and lines decide little, but every command answers with the whole ticket. Keeping them costs about 80
/// bytes per line in the snapshot, which rides free up to the next kilobyte; leaving them out would cost a read of the
/// first commit with every command (0.5–1 RU). The state is bounded by [`LineItems::MAX`], 100 lines, however often the
/// order is revised: a revision takes the place of the lines before.
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
    /// The last revision of the order that was answered, whatever the answer was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
}

fn evolve(TicketState(state): TicketState, event: &TicketEvent) -> TicketState {
    if let TicketEvent::TicketCreated {
        restaurant_id,
        line_items,
    } = event
    {
        return TicketState(Some(TicketDetails {
            status: TicketStatus::CreatePending,
            restaurant_id: *restaurant_id,
            line_items: line_items.clone(),
            ready_by: None,
            revision: None,
        }));
    }
    TicketState(state.map(|mut ticket| {
        change(&mut ticket, event);
        ticket
    }))
}

fn change(ticket: &mut TicketDetails, event: &TicketEvent) {
    match event {
        TicketEvent::TicketCreated { .. } | TicketEvent::TicketCancelRefused { .. } => {}
        TicketEvent::TicketConfirmed {} => ticket.status = TicketStatus::AwaitingAcceptance,
        TicketEvent::TicketAccepted { ready_by } => {
            ticket.status = TicketStatus::Accepted;
            ticket.ready_by = Some(*ready_by);
        }
        TicketEvent::TicketPreparationStarted {} => ticket.status = TicketStatus::Preparing,
        TicketEvent::TicketPreparationCompleted {} => ticket.status = TicketStatus::ReadyForPickup,
        TicketEvent::TicketPickedUp {} => ticket.status = TicketStatus::PickedUp,
        TicketEvent::TicketCancelled {} => ticket.status = TicketStatus::Cancelled,
        TicketEvent::TicketRevised { revision, line_items }
        | TicketEvent::TicketRevisionUndone { revision, line_items } => {
            ticket.line_items = line_items.clone();
            ticket.revision = ticket.revision.max(Some(*revision));
        }
        TicketEvent::TicketRevisionRefused { revision, .. } => {
            ticket.revision = ticket.revision.max(Some(*revision));
        }
    }
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
    /// The order is not to be cooked. From [`TicketStatus::Preparing`] on it is too late, which the order hears by an
    /// event; it may ask again, and is answered again. A repetition is harmless however late it comes: a ticket that
    /// refused once would always refuse, because nothing leads back.
    Cancel,
    /// The order wants something else. From [`TicketStatus::Preparing`] on it is too late, which the order hears by an
    /// event. Each revision is answered once, however often and late it is repeated.
    Revise {
        /// Which revision of the order.
        revision: u32,
        /// What to cook instead.
        line_items: LineItems,
    },
    /// The revision was rejected: the lines that the order kept are what is to be cooked.
    ///
    /// Allowed in every status. The restaurant may have begun to cook the revised lines while accounting still thought
    /// about them; they will not be paid, and no refusal would change that. An order has one truth, its own stream, and
    /// the ticket must agree with it in the end, even a ticket that is cancelled or picked up: what it shows is what was
    /// ordered.
    UndoRevision {
        /// Which revision of the order.
        revision: u32,
        /// What to cook.
        line_items: LineItems,
    },
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

fn decide(
    TicketState(state): &TicketState,
    command: &TicketCommand,
) -> Result<Vec<TicketEvent>, TicketError> {
    use TicketStatus::{Accepted, AwaitingAcceptance, CreatePending, PickedUp, Preparing, ReadyForPickup};
    let Some(ticket) = state else {
        return match command {
            TicketCommand::Create {
                restaurant_id,
                line_items,
            } => Ok(vec![TicketEvent::TicketCreated {
                restaurant_id: *restaurant_id,
                line_items: line_items.clone(),
            }]),
            _ => Err(TicketError::NotCreated),
        };
    };
    match command {
        TicketCommand::Create {
            restaurant_id,
            line_items,
        } => create_again(ticket, *restaurant_id, line_items),
        TicketCommand::Confirm => step(
            ticket,
            "be confirmed",
            CreatePending..=AwaitingAcceptance,
            TicketEvent::TicketConfirmed {},
        ),
        TicketCommand::Accept { ready_by, now } => accept(ticket, *ready_by, *now),
        TicketCommand::StartPreparation => step(
            ticket,
            "begin to be prepared",
            Accepted..=Preparing,
            TicketEvent::TicketPreparationStarted {},
        ),
        TicketCommand::CompletePreparation => step(
            ticket,
            "become ready for pickup",
            Preparing..=ReadyForPickup,
            TicketEvent::TicketPreparationCompleted {},
        ),
        TicketCommand::PickUp => step(
            ticket,
            "be picked up",
            ReadyForPickup..=PickedUp,
            TicketEvent::TicketPickedUp {},
        ),
        TicketCommand::Cancel => Ok(cancel(ticket).into_iter().collect()),
        TicketCommand::Revise { revision, line_items } => {
            Ok(revise(ticket, *revision, line_items).into_iter().collect())
        }
        TicketCommand::UndoRevision { revision, line_items } => {
            Ok(undo_revision(ticket, *revision, line_items).into_iter().collect())
        }
    }
}

fn invalid(command: &'static str, status: TicketStatus) -> TicketError {
    TicketError::InvalidTransition { command, status }
}

/// One step of a ticket's way, from the one status to the other. Repeated where it leads to, it is a success that stores
/// nothing.
fn step(
    ticket: &TicketDetails,
    name: &'static str,
    way: RangeInclusive<TicketStatus>,
    event: TicketEvent,
) -> Result<Vec<TicketEvent>, TicketError> {
    if ticket.status == *way.end() {
        Ok(vec![])
    } else if ticket.status == *way.start() {
        Ok(vec![event])
    } else {
        Err(invalid(name, ticket.status))
    }
}

fn create_again(
    ticket: &TicketDetails,
    restaurant_id: RestaurantId,
    line_items: &LineItems,
) -> Result<Vec<TicketEvent>, TicketError> {
    let same = ticket.restaurant_id == restaurant_id && ticket.line_items == *line_items;
    if ticket.status == TicketStatus::CreatePending && same {
        Ok(vec![])
    } else {
        Err(invalid("be created", ticket.status))
    }
}

fn accept(ticket: &TicketDetails, ready_by: Moment, now: Timestamp) -> Result<Vec<TicketEvent>, TicketError> {
    // With another time it is no repetition.
    if ticket.status == TicketStatus::Accepted && ticket.ready_by == Some(ready_by) {
        return Ok(vec![]);
    }
    if ticket.status != TicketStatus::AwaitingAcceptance {
        return Err(invalid("be accepted", ticket.status));
    }
    if ready_by.timestamp() <= now {
        return Err(TicketError::ReadyByNotInFuture { ready_by, now });
    }
    Ok(vec![TicketEvent::TicketAccepted { ready_by }])
}

/// Why the kitchen cooks what it cooks and nothing else; none as long as nothing is cooked.
fn too_late(status: TicketStatus) -> Option<ReasonCode> {
    match status {
        TicketStatus::CreatePending | TicketStatus::AwaitingAcceptance | TicketStatus::Accepted => None,
        TicketStatus::Preparing
        | TicketStatus::ReadyForPickup
        | TicketStatus::PickedUp
        | TicketStatus::Cancelled => {
            Some(ReasonCode::new(format!("TICKET_{status}")).expect("a status is spelled like a reason code"))
        }
    }
}

fn cancel(ticket: &TicketDetails) -> Option<TicketEvent> {
    if ticket.status == TicketStatus::Cancelled {
        return None;
    }
    Some(match too_late(ticket.status) {
        None => TicketEvent::TicketCancelled {},
        Some(reason) => TicketEvent::TicketCancelRefused { reason },
    })
}

fn revise(ticket: &TicketDetails, revision: u32, line_items: &LineItems) -> Option<TicketEvent> {
    if ticket.revision >= Some(revision) {
        return None;
    }
    Some(match too_late(ticket.status) {
        None => TicketEvent::TicketRevised {
            revision,
            line_items: line_items.clone(),
        },
        Some(reason) => TicketEvent::TicketRevisionRefused { revision, reason },
    })
}

fn undo_revision(ticket: &TicketDetails, revision: u32, line_items: &LineItems) -> Option<TicketEvent> {
    // The order has gone on to another revision: this is a repetition that comes late.
    if ticket.revision > Some(revision) || ticket.line_items == *line_items {
        return None;
    }
    Some(TicketEvent::TicketRevisionUndone {
        revision,
        line_items: line_items.clone(),
    })
}

/// The decider of tickets.
#[derive(Debug, Clone, Copy)]
pub struct Ticket;

impl Decider for Ticket {
    type Id = OrderId;
    type Command = TicketCommand;
    type Event = TicketEvent;
    type State = TicketState;
    type Error = TicketError;
    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 2;

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
