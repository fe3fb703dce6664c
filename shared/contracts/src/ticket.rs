//! The events of one ticket: what the kitchen has to cook for one order. The ticket carries the order's id.
//!
//! The names and fields are stored and published; version them with care.

use crate::{LineItems, Moment, ReasonCode, RestaurantId};
use commit::Event;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The category of the streams: `ticket#ord_…`.
pub const CATEGORY: &str = "ticket";

/// What happened to one ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
pub enum TicketEvent {
    /// The order was placed; the kitchen waits for its approval.
    #[serde(rename_all = "camelCase")]
    TicketCreated {
        /// Whose kitchen it is.
        restaurant_id: RestaurantId,
        /// What to cook.
        line_items: LineItems,
    },
    /// The order was approved; the restaurant may accept.
    TicketConfirmed {},
    /// The restaurant accepted.
    #[serde(rename_all = "camelCase")]
    TicketAccepted {
        /// When the food will be ready, always later than the commit.
        ready_by: Moment,
    },
    /// Cooking began; from here on there is no way back.
    TicketPreparationStarted {},
    /// The food is ready for pickup.
    TicketPreparationCompleted {},
    /// A courier took the food.
    TicketPickedUp {},
    /// The order will not be cooked.
    TicketCancelled {},
    /// It was too late to cancel: the ticket is as before.
    #[serde(rename_all = "camelCase")]
    TicketCancelRefused {
        /// Why, for example `TICKET_PREPARING`.
        reason: ReasonCode,
    },
    /// The kitchen cooks something else; the order may still take it back ([`Self::TicketRevisionUndone`]).
    #[serde(rename_all = "camelCase")]
    TicketRevised {
        /// Which revision of the order.
        revision: u32,
        /// What to cook instead.
        line_items: LineItems,
    },
    /// It was too late to cook something else: the ticket is as before.
    #[serde(rename_all = "camelCase")]
    TicketRevisionRefused {
        /// Which revision of the order.
        revision: u32,
        /// Why, for example `TICKET_PREPARING`.
        reason: ReasonCode,
    },
    /// Somebody else did not agree to the revision: the kitchen cooks what it cooked before.
    #[serde(rename_all = "camelCase")]
    TicketRevisionUndone {
        /// Which revision of the order.
        revision: u32,
        /// What to cook.
        line_items: LineItems,
    },
}

impl Event for TicketEvent {
    const TYPES: &'static [(&'static str, u32)] = &[
        ("TicketCreated", 1),
        ("TicketConfirmed", 1),
        ("TicketAccepted", 1),
        ("TicketPreparationStarted", 1),
        ("TicketPreparationCompleted", 1),
        ("TicketPickedUp", 1),
        ("TicketCancelled", 1),
        ("TicketCancelRefused", 1),
        ("TicketRevised", 1),
        ("TicketRevisionRefused", 1),
        ("TicketRevisionUndone", 1),
    ];
}

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TicketStatus {
    /// The order is not approved yet.
    CreatePending,
    /// The restaurant has to accept.
    AwaitingAcceptance,
    /// Accepted, not begun.
    Accepted,
    /// Being cooked.
    Preparing,
    /// Waiting for the courier.
    ReadyForPickup,
    /// Out of the kitchen.
    PickedUp,
    /// Not to be cooked.
    Cancelled,
}

impl TicketStatus {
    /// All of them, in the order of a ticket's way.
    pub const ALL: [Self; 7] = [
        Self::CreatePending,
        Self::AwaitingAcceptance,
        Self::Accepted,
        Self::Preparing,
        Self::ReadyForPickup,
        Self::PickedUp,
        Self::Cancelled,
    ];

    /// As it is written in every body, filter and problem.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreatePending => "CREATE_PENDING",
            Self::AwaitingAcceptance => "AWAITING_ACCEPTANCE",
            Self::Accepted => "ACCEPTED",
            Self::Preparing => "PREPARING",
            Self::ReadyForPickup => "READY_FOR_PICKUP",
            Self::PickedUp => "PICKED_UP",
            Self::Cancelled => "CANCELLED",
        }
    }
}

impl std::fmt::Display for TicketStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_written_as_it_is_displayed() {
        for status in TicketStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
    }

    #[test]
    fn an_acceptance_is_stored_in_camel_case_and_utc() {
        let ready_by = "2026-12-24T18:00:00+01:00".parse().unwrap();
        let stored = TicketEvent::TicketAccepted { ready_by }.encode().unwrap();
        assert_eq!(
            stored.data,
            serde_json::json!({ "readyBy": "2026-12-24T17:00:00Z" })
        );
    }
}
