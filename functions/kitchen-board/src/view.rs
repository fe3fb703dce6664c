use contracts::{LineItems, Moment, OrderId, RestaurantId, TicketEvent, TicketStatus, ticket};
use jiff::Timestamp;
use projection::{ApplyError, Index, Published, Uses, View};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The view: one document per ticket, listed under its restaurant and side of the board.
#[derive(Debug, Clone, Copy)]
pub struct KitchenBoard;

/// The index attribute that holds the ticket's status.
pub(crate) const STATUS: &str = "status";

/// A ticket as the kitchen board shows it; absent before its creation. The names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BoardTicket)]
pub struct BoardTicket {
    /// The order's id, which is also the ticket's id.
    pub order_id: OrderId,
    /// The restaurant that cooks the order.
    pub restaurant_id: RestaurantId,
    /// The ticket's status.
    pub status: TicketStatus,
    /// The lines to cook.
    pub line_items: LineItems,
    /// When the food will be ready; absent before the ticket is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_by: Option<Moment>,
    /// When the ticket was created.
    #[schema(value_type = Moment)]
    pub created_at: Timestamp,
    /// When the ticket last changed.
    #[schema(value_type = Moment)]
    pub changed_at: Timestamp,
}

/// A side of the board. A kitchen works with its open tickets, of which there are a few dozen, while the done ones only
/// grow. They are in separate partitions, so the list of open tickets never reads done ones (G13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Tickets with a step to do.
    Open,
    /// Tickets that were picked up or cancelled.
    Done,
}

impl Side {
    pub(crate) fn of(status: TicketStatus) -> Self {
        match status {
            TicketStatus::CreatePending
            | TicketStatus::AwaitingAcceptance
            | TicketStatus::Accepted
            | TicketStatus::Preparing
            | TicketStatus::ReadyForPickup => Self::Open,
            TicketStatus::PickedUp | TicketStatus::Cancelled => Self::Done,
        }
    }

    /// Returns the partition of the index that lists this side of a restaurant's board.
    pub(crate) fn partition(self, restaurant: RestaurantId) -> String {
        match self {
            Self::Open => format!("{restaurant}#open"),
            Self::Done => format!("{restaurant}#done"),
        }
    }
}

impl View for KitchenBoard {
    type Document = Option<BoardTicket>;
    const NAME: &'static str = "kitchen-board";
    const SOURCES: &'static [&'static str] = &[ticket::CATEGORY];
    const USES: Uses = Uses::NOTHING.index();
    const FILTERS: &'static [&'static str] = &[STATUS];

    fn apply(document: &mut Self::Document, event: &Published<'_>) -> Result<(), ApplyError> {
        let event_of_ticket = event.decode()?;
        if let TicketEvent::TicketCreated {
            restaurant_id,
            line_items,
        } = event_of_ticket
        {
            *document = Some(BoardTicket {
                order_id: event.id().parse().map_err(|error| {
                    ApplyError::rejected(format!("the stream's id is not an order id: {error}"))
                })?,
                restaurant_id,
                status: TicketStatus::CreatePending,
                line_items,
                ready_by: None,
                created_at: event.time(),
                changed_at: event.time(),
            });
            return Ok(());
        }
        let ticket = document
            .as_mut()
            .ok_or_else(|| ApplyError::rejected("the ticket's stream does not begin with its creation"))?;
        ticket.status = match event_of_ticket {
            TicketEvent::TicketConfirmed {} => TicketStatus::AwaitingAcceptance,
            TicketEvent::TicketAccepted { ready_by } => {
                ticket.ready_by = Some(ready_by);
                TicketStatus::Accepted
            }
            TicketEvent::TicketPreparationStarted {} => TicketStatus::Preparing,
            TicketEvent::TicketPreparationCompleted {} => TicketStatus::ReadyForPickup,
            TicketEvent::TicketPickedUp {} => TicketStatus::PickedUp,
            TicketEvent::TicketCancelled {} => TicketStatus::Cancelled,
            TicketEvent::TicketRevised { line_items, .. }
            | TicketEvent::TicketRevisionUndone { line_items, .. } => {
                ticket.line_items = line_items;
                ticket.status
            }
            // A refusal does not change the board.
            TicketEvent::TicketCreated { .. }
            | TicketEvent::TicketCancelRefused { .. }
            | TicketEvent::TicketRevisionRefused { .. } => return Ok(()),
        };
        ticket.changed_at = event.time();
        Ok(())
    }

    fn index(document: &Self::Document) -> Option<Index> {
        let ticket = document.as_ref()?;
        Some(Index {
            partition: Side::of(ticket.status).partition(ticket.restaurant_id),
            // 15 digits reach the year 33658; no order is older than 1970.
            sort: format!(
                "{:015}#{}",
                ticket.created_at.as_millisecond().max(0),
                ticket.order_id
            ),
            lean: serde_json::to_value(ticket).expect("a ticket has only text for keys"),
            attributes: BTreeMap::from([(STATUS.to_owned(), Value::from(ticket.status.as_str()))]),
        })
    }
}
