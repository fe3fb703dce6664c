use crate::log::{Entry, Log};
use contracts::{
    Address, ConsumerId, CourierId, DeliveryChange, DeliveryEvent, DeliveryStatus, LineItems, Moment, Money,
    OrderEvent, OrderId, OrderStatus, PaymentEvent, PaymentStatus, Position, RestaurantId, RestaurantName,
    TicketEvent, TicketStatus,
};
use jiff::Timestamp;
use projection::{ApplyError, Published};
use serde::{Deserialize, Serialize};

/// The document of one order.
///
/// It has one part per source, and an event changes only the part of its own source. Therefore the sources commute by
/// construction (G6). Values that span the sources are computed when the document is read.
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delivery: Option<DeliveryPart>,
}

/// The part of the order's own events.
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

/// The part of the payment's events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaymentPart {
    pub(crate) status: PaymentStatus,
    pub(crate) amount: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    pub(crate) log: Log,
}

/// The part of the ticket's events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TicketPart {
    pub(crate) status: TicketStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ready_by: Option<Moment>,
    pub(crate) log: Log,
}

/// The part of the delivery's events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeliveryPart {
    pub(crate) status: DeliveryStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) courier_id: Option<CourierId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pickup_time: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delivery_time: Option<Moment>,
    /// The courier's last position, and its time. Positions are not in the log, because they would fill it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seen: Option<(Position, Timestamp)>,
    pub(crate) log: Log,
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
                // An order is created once; a later creation changes nothing.
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
            OrderEvent::OrderRejected { reason } => (OrderStatus::Rejected, Some(reason)),
            OrderEvent::OrderCancelRequested {} => (OrderStatus::CancelPending, None),
            OrderEvent::OrderCancelled {} => (OrderStatus::Cancelled, None),
            OrderEvent::OrderCancelRefused { reason } => (OrderStatus::Approved, Some(reason)),
            OrderEvent::OrderRevisionProposed { .. } => (OrderStatus::RevisionPending, None),
            OrderEvent::OrderRevised {
                line_items,
                new_order_total,
                delivery,
                ..
            } => {
                self.created()?.revise(line_items, new_order_total, delivery);
                (OrderStatus::Approved, None)
            }
            OrderEvent::OrderRevisionRejected { reason, .. } => (OrderStatus::Approved, Some(reason)),
            OrderEvent::OrderCompleted {} => (OrderStatus::Delivered, None),
        };
        let reason = reason.map(|reason| reason.to_string());
        let order = self.created()?;
        order.status = status;
        order.reason.clone_from(&reason);
        order.log.push(entry(event, status.as_str(), reason));
        Ok(())
    }

    /// Returns the created order. Its events arrive in the order of their versions, so a missing creation means a broken
    /// stream.
    fn created(&mut self) -> Result<&mut OrderPart, ApplyError> {
        self.order
            .as_mut()
            .ok_or_else(|| rejected("the order's stream does not begin with its creation"))
    }

    pub(crate) fn apply_payment(&mut self, event: &Published<'_>) -> Result<(), ApplyError> {
        let before = self.payment.take();
        // An event that does not change the payment's status is still an entry of the log.
        let standing = |amount| {
            before
                .as_ref()
                .map_or((PaymentStatus::Authorized, amount), |part| {
                    (part.status, part.amount)
                })
        };
        let ((status, amount), reason) = match event.decode::<PaymentEvent>()? {
            PaymentEvent::PaymentAuthorized { amount, .. }
            | PaymentEvent::PaymentRevised { amount, .. }
            | PaymentEvent::PaymentRevisionUndone { amount, .. } => {
                ((PaymentStatus::Authorized, amount), None)
            }
            PaymentEvent::PaymentDeclined { amount, reason, .. } => {
                ((PaymentStatus::Declined, amount), Some(reason.to_string()))
            }
            PaymentEvent::PaymentRevisionDeclined { amount, reason, .. } => {
                (standing(amount), Some(reason.to_string()))
            }
            PaymentEvent::PaymentReversed { amount, .. } => ((PaymentStatus::Reversed, amount), None),
            PaymentEvent::PaymentCaptured { amount, .. } => ((PaymentStatus::Captured, amount), None),
        };
        let mut log = before.map(|part| part.log).unwrap_or_default();
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
        let standing = self
            .ticket
            .as_ref()
            .map_or(TicketStatus::CreatePending, |part| part.status);
        let (status, reason) = match event.decode::<TicketEvent>()? {
            TicketEvent::TicketCreated { .. } => (TicketStatus::CreatePending, None),
            TicketEvent::TicketConfirmed {} => (TicketStatus::AwaitingAcceptance, None),
            TicketEvent::TicketAccepted { ready_by: time } => {
                ready_by = Some(time);
                (TicketStatus::Accepted, None)
            }
            TicketEvent::TicketPreparationStarted {} => (TicketStatus::Preparing, None),
            TicketEvent::TicketPreparationCompleted {} => (TicketStatus::ReadyForPickup, None),
            TicketEvent::TicketPickedUp {} => (TicketStatus::PickedUp, None),
            TicketEvent::TicketCancelled {} => (TicketStatus::Cancelled, None),
            TicketEvent::TicketCancelRefused { reason }
            | TicketEvent::TicketRevisionRefused { reason, .. } => (standing, Some(reason.to_string())),
            // The order's own events carry the lines.
            TicketEvent::TicketRevised { .. } | TicketEvent::TicketRevisionUndone { .. } => (standing, None),
        };
        let mut log = self.ticket.take().map(|part| part.log).unwrap_or_default();
        log.push(entry(event, status.as_str(), reason));
        self.ticket = Some(TicketPart {
            status,
            ready_by,
            log,
        });
        Ok(())
    }

    pub(crate) fn apply_delivery(&mut self, event: &Published<'_>) -> Result<(), ApplyError> {
        let delivery = self.delivery.get_or_insert_with(|| DeliveryPart {
            status: DeliveryStatus::Pending,
            courier_id: None,
            pickup_time: None,
            delivery_time: None,
            seen: None,
            log: Log::default(),
        });
        match event.decode::<DeliveryEvent>()? {
            DeliveryEvent::DeliveryCreated { .. }
            | DeliveryEvent::DeliveryRevised { .. }
            | DeliveryEvent::DeliveryCourierRequested { .. } => {}
            DeliveryEvent::DeliveryScheduled {
                courier_id,
                pickup_time,
                delivery_time,
            } => {
                delivery.status = DeliveryStatus::Scheduled;
                delivery.courier_id = Some(courier_id);
                delivery.pickup_time = Some(pickup_time);
                delivery.delivery_time = Some(delivery_time);
            }
            DeliveryEvent::DeliveryPickedUp {} => delivery.status = DeliveryStatus::PickedUp,
            DeliveryEvent::DeliveryLocationUpdated { position } => {
                delivery.seen = Some((position, event.time()));
                return Ok(());
            }
            DeliveryEvent::DeliveryDelivered { .. } => delivery.status = DeliveryStatus::Delivered,
            DeliveryEvent::DeliveryCancelled { .. } => delivery.status = DeliveryStatus::Cancelled,
        }
        delivery.log.push(entry(event, delivery.status.as_str(), None));
        Ok(())
    }
}

impl OrderPart {
    fn revise(&mut self, line_items: LineItems, order_total: Money, delivery: Option<DeliveryChange>) {
        self.line_items = line_items;
        self.order_total = order_total;
        let DeliveryChange {
            delivery_address,
            delivery_time,
        } = delivery.unwrap_or_default();
        self.delivery_address = delivery_address.unwrap_or_else(|| self.delivery_address.clone());
        self.delivery_time = delivery_time.unwrap_or(self.delivery_time);
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
