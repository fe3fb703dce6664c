use crate::log::{Entry, Log};
use contracts::{
    Address, ConsumerId, LineItems, Moment, Money, OrderEvent, OrderId, OrderStatus, PaymentEvent,
    RestaurantId, RestaurantName, TicketEvent, TicketStatus,
};
use jiff::Timestamp;
use projection::{ApplyError, Published};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Everything that is known about one order.
///
/// One part per source, and an event touches the part of its own source only: that is why the sources commute (G6), by
/// construction. What spans the sources is put together when the document is read.
///
/// The names are stored; version them with care.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OrderDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<OrderPart>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) payment: Option<PaymentPart>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ticket: Option<TicketPart>,
}

/// What the order's own events say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderPart {
    pub(crate) order_id: OrderId,
    pub(crate) consumer_id: ConsumerId,
    pub(crate) restaurant_id: RestaurantId,
    pub(crate) restaurant_name: RestaurantName,
    pub(crate) line_items: LineItems,
    pub(crate) order_total: Money,
    pub(crate) delivery_address: Address,
    pub(crate) delivery_time: Moment,
    pub(crate) created_at: Timestamp,
    pub(crate) status: OrderStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    pub(crate) log: Log,
}

/// What the events of its payment say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaymentPart {
    pub(crate) status: PaymentStatus,
    pub(crate) amount: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    pub(crate) log: Log,
}

/// What the events of its ticket say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TicketPart {
    pub(crate) status: TicketStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ready_by: Option<Moment>,
    pub(crate) log: Log,
}

/// Where the payment of an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentStatus {
    /// The consumer's account covers the order.
    Authorized,
    /// It does not.
    Declined,
}

impl PaymentStatus {
    fn as_str(self) -> &'static str {
        match self {
            Self::Authorized => "AUTHORIZED",
            Self::Declined => "DECLINED",
        }
    }
}

impl OrderDocument {
    pub(crate) fn apply_order(&mut self, event: &Published<'_>) -> Result<(), ApplyError> {
        let (status, reason) = match event.decode::<OrderEvent>()? {
            OrderEvent::OrderCreated {
                consumer_id,
                restaurant_id,
                restaurant_name,
                line_items,
                order_total,
                delivery_address,
                delivery_time,
            } => {
                // An order is created once; whatever says so again later changes nothing.
                if self.order.is_none() {
                    let status = OrderStatus::ApprovalPending;
                    let mut log = Log::default();
                    log.push(entry(event, status.as_str(), None));
                    self.order = Some(OrderPart {
                        order_id: event.id().parse().map_err(rejected)?,
                        consumer_id,
                        restaurant_id,
                        restaurant_name,
                        line_items,
                        order_total,
                        delivery_address,
                        delivery_time,
                        created_at: event.time(),
                        status,
                        reason: None,
                        log,
                    });
                }
                return Ok(());
            }
            OrderEvent::OrderApproved {} => (OrderStatus::Approved, None),
            OrderEvent::OrderRejected { reason } => (OrderStatus::Rejected, Some(reason.to_string())),
        };
        // Its own events arrive in the order of their versions: without a creation the stream itself is broken.
        let order = self
            .order
            .as_mut()
            .ok_or_else(|| rejected("the order's stream does not begin with its creation"))?;
        order.status = status;
        order.reason.clone_from(&reason);
        order.log.push(entry(event, status.as_str(), reason));
        Ok(())
    }

    pub(crate) fn apply_payment(&mut self, event: &Published<'_>) -> Result<(), ApplyError> {
        let (status, amount, reason) = match event.decode::<PaymentEvent>()? {
            PaymentEvent::PaymentAuthorized { amount, .. } => (PaymentStatus::Authorized, amount, None),
            PaymentEvent::PaymentDeclined { amount, reason, .. } => {
                (PaymentStatus::Declined, amount, Some(reason.to_string()))
            }
        };
        let mut log = self.payment.take().map(|part| part.log).unwrap_or_default();
        log.push(entry(event, status.as_str(), reason.clone()));
        self.payment = Some(PaymentPart {
            status,
            amount,
            reason,
            log,
        });
        Ok(())
    }

    pub(crate) fn apply_ticket(&mut self, event: &Published<'_>) -> Result<(), ApplyError> {
        let mut ready_by = self.ticket.as_ref().and_then(|part| part.ready_by);
        let status = match event.decode::<TicketEvent>()? {
            TicketEvent::TicketCreated { .. } => TicketStatus::CreatePending,
            TicketEvent::TicketConfirmed {} => TicketStatus::AwaitingAcceptance,
            TicketEvent::TicketAccepted { ready_by: time } => {
                ready_by = Some(time);
                TicketStatus::Accepted
            }
            TicketEvent::TicketPreparationStarted {} => TicketStatus::Preparing,
            TicketEvent::TicketPreparationCompleted {} => TicketStatus::ReadyForPickup,
            TicketEvent::TicketPickedUp {} => TicketStatus::PickedUp,
            TicketEvent::TicketCancelled {} => TicketStatus::Cancelled,
        };
        let mut log = self.ticket.take().map(|part| part.log).unwrap_or_default();
        log.push(entry(event, status.as_str(), None));
        self.ticket = Some(TicketPart {
            status,
            ready_by,
            log,
        });
        Ok(())
    }
}

fn entry(event: &Published<'_>, status: &str, reason: Option<String>) -> Entry {
    Entry {
        at: event.time(),
        version: event.version,
        event: event.event.kind.clone(),
        status: status.to_owned(),
        reason,
    }
}

fn rejected(reason: impl ToString) -> ApplyError {
    ApplyError::rejected(reason.to_string())
}
