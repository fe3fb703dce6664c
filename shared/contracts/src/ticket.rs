//! The events of one ticket: the kitchen's work for one order. The ticket carries the order's id.
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
        /// The restaurant that cooks the order.
        restaurant_id: RestaurantId,
        /// The lines to cook.
        line_items: LineItems,
    },
    /// The order was approved; the restaurant may accept the ticket.
    TicketConfirmed {},
    /// The restaurant accepted the ticket.
    #[serde(rename_all = "camelCase")]
    TicketAccepted {
        /// When the food will be ready, always later than the commit.
        ready_by: Moment,
    },
    /// The restaurant began to cook; the ticket can no longer be cancelled or revised.
    TicketPreparationStarted {},
    /// The food is ready for pickup.
    TicketPreparationCompleted {},
    /// A courier picked up the food.
    TicketPickedUp {},
    /// The ticket was cancelled; the order will not be cooked.
    TicketCancelled {},
    /// It was too late to cancel; the ticket is as before.
    #[serde(rename_all = "camelCase")]
    TicketCancelRefused {
        /// The reason, for example `TICKET_PREPARING`.
        reason: ReasonCode,
    },
    /// The ticket was revised; the order may still revert the revision ([`Self::TicketRevisionUndone`]).
    #[serde(rename_all = "camelCase")]
    TicketRevised {
        /// The number of the order's revision.
        revision: u32,
        /// The lines to cook after the revision.
        line_items: LineItems,
    },
    /// It was too late to revise; the ticket is as before.
    #[serde(rename_all = "camelCase")]
    TicketRevisionRefused {
        /// The number of the order's revision.
        revision: u32,
        /// The reason, for example `TICKET_PREPARING`.
        reason: ReasonCode,
    },
    /// The revision was rejected elsewhere; the kitchen cooks the previous lines.
    #[serde(rename_all = "camelCase")]
    TicketRevisionUndone {
        /// The number of the order's revision.
        revision: u32,
        /// The lines to cook.
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

/// The status of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TicketStatus {
    /// The order is not approved yet.
    CreatePending,
    /// The order is approved; the restaurant has to accept the ticket.
    AwaitingAcceptance,
    /// Accepted; the restaurant has not begun to cook.
    Accepted,
    /// The restaurant is cooking.
    Preparing,
    /// The food is ready and waits for the courier.
    ReadyForPickup,
    /// The courier picked up the food.
    PickedUp,
    /// Cancelled; the order will not be cooked.
    Cancelled,
}

impl TicketStatus {
    /// All statuses, in the order in which a ticket passes through them.
    pub const ALL: [Self; 7] = [
        Self::CreatePending,
        Self::AwaitingAcceptance,
        Self::Accepted,
        Self::Preparing,
        Self::ReadyForPickup,
        Self::PickedUp,
        Self::Cancelled,
    ];

    /// Returns the status as every body, filter and problem writes it.
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
    fn status_serializes_as_it_displays() {
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
