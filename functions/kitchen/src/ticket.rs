//! One ticket: the lines to cook for one order, and the status of the preparation.

use contracts::ticket::{CATEGORY, TicketEvent, TicketStatus};
use contracts::{LineItems, Moment, OrderId, ReasonCode, RestaurantId};
use event_store::Decider;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

// Events: contracts::ticket.

// State.

/// The state of a ticket; empty before its creation.
///
/// The names are stored in snapshots; a change of their meaning requires a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TicketState(pub Option<TicketDetails>);

/// The details of a ticket that exists.
///
/// Restaurant and lines are rarely needed for a decision, but every command returns the whole ticket. Storing them costs
/// about 80 bytes per line in the snapshot, which is free up to the next kilobyte; omitting them would cost a read of the
/// first commit with every command (0.5–1 RU). The state is bounded by [`LineItems::MAX`], 100 lines, however often the
/// order is revised, because a revision replaces the lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TicketDetails {
    /// The ticket's status.
    pub status: TicketStatus,
    /// The restaurant that cooks the order.
    pub restaurant_id: RestaurantId,
    /// The lines to cook.
    pub line_items: LineItems,
    /// When the food will be ready; `None` before the ticket is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_by: Option<Moment>,
    /// The last revision of the order that was answered, whatever the answer.
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

/// The commands of a ticket.
#[derive(Debug, Clone, PartialEq)]
pub enum TicketCommand {
    /// Creates the ticket: an order was placed.
    Create {
        /// The restaurant that cooks the order.
        restaurant_id: RestaurantId,
        /// The lines to cook.
        line_items: LineItems,
    },
    /// Confirms the ticket: the order was approved.
    Confirm,
    /// Accepts the ticket, for the restaurant.
    Accept {
        /// When the food will be ready.
        ready_by: Moment,
        /// The commit time, which `ready_by` must be later than.
        now: Timestamp,
    },
    /// Starts the preparation.
    StartPreparation,
    /// Completes the preparation.
    CompletePreparation,
    /// Hands the food to the courier.
    PickUp,
    /// Requests to cancel the ticket. From [`TicketStatus::Preparing`] on it is too late, and an event tells the order
    /// so; a repeated request is answered again. A late repetition is harmless: a ticket that refused once always
    /// refuses, because it never returns to an earlier status.
    Cancel,
    /// Requests to revise the lines. From [`TicketStatus::Preparing`] on it is too late, and an event tells the order so.
    /// Each revision is answered once, however often and late it is repeated.
    Revise {
        /// The number of the order's revision.
        revision: u32,
        /// The lines to cook after the revision.
        line_items: LineItems,
    },
    /// Reverts a revision that was rejected to the lines that the order kept.
    ///
    /// Allowed in every status. The restaurant may have begun to cook the revised lines before accounting decided; they
    /// are not paid for, and a refusal would not change that. The order's own stream is authoritative, and the ticket
    /// must agree with it in the end, even a cancelled or picked-up one: it shows the lines that were ordered.
    UndoRevision {
        /// The number of the order's revision.
        revision: u32,
        /// The lines to cook.
        line_items: LineItems,
    },
}

/// Why a ticket refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// The ticket does not exist, or not yet.
    #[error("the ticket does not exist")]
    NotCreated,
    /// The ticket's status does not allow the command.
    #[error("a ticket that is {status} cannot {command}")]
    InvalidTransition {
        /// The command, for example "be accepted".
        command: &'static str,
        /// The ticket's status.
        status: TicketStatus,
    },
    /// `readyBy` is not later than the commit time.
    #[error("readyBy {ready_by} is not later than {now}")]
    ReadyByNotInFuture {
        /// The requested time.
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

/// Takes the step from one status to the next. Repeated in the target status, it succeeds without an event.
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
    // With another time it is not a repetition.
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

/// Returns why the ticket can no longer be cancelled or revised, or `None` before the preparation.
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
    // The order has continued with another revision: this is a late repetition.
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
