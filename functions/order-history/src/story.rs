use crate::document::{DeliveryPart, OrderDocument, OrderPart, PaymentPart, TicketPart};
use crate::log::{Log, merge};
use contracts::{
    Address, ConsumerId, CourierId, DeliveryStatus, LineItems, Moment, Money, OrderId, OrderStatus,
    PaymentStatus, Position, RestaurantId, RestaurantName, TicketStatus,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An order as a list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderSummary {
    /// The order's id.
    pub order_id: OrderId,
    /// The consumer who ordered.
    pub consumer_id: ConsumerId,
    /// The order's status.
    pub status: OrderStatus,
    /// The restaurant.
    pub restaurant_id: RestaurantId,
    /// The restaurant's name when the order was placed.
    pub restaurant_name: RestaurantName,
    /// The lines.
    pub line_items: LineItems,
    /// The total price.
    pub order_total: Money,
    /// When the order was placed: the commit time of its creation.
    #[schema(value_type = Moment)]
    pub created_at: Timestamp,
    /// The status of the delivery; absent before it exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_status: Option<DeliveryStatus>,
}

impl OrderDocument {
    /// Returns the order as a list shows it.
    pub(crate) fn summary(&self, order: &OrderPart) -> OrderSummary {
        OrderSummary {
            order_id: order.order_id,
            consumer_id: order.consumer_id,
            status: order.status,
            restaurant_id: order.restaurant_id,
            restaurant_name: order.restaurant_name.clone(),
            line_items: order.line_items.clone(),
            order_total: order.order_total,
            created_at: order.created_at,
            delivery_status: self.delivery.as_ref().map(|delivery| delivery.status),
        }
    }
}

/// One order with its ticket, payment, delivery and transitions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderStory {
    /// The order's id.
    pub order_id: OrderId,
    /// The consumer who ordered.
    pub consumer_id: ConsumerId,
    /// The order's status.
    pub status: OrderStatus,
    /// Why the order was rejected, or why the latest request to cancel or revise it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The restaurant.
    pub restaurant_id: RestaurantId,
    /// The restaurant's name when the order was placed.
    pub restaurant_name: RestaurantName,
    /// The lines.
    pub line_items: LineItems,
    /// The total price.
    pub order_total: Money,
    /// The delivery address.
    pub delivery_address: Address,
    /// When the consumer wants the food.
    pub delivery_time: Moment,
    /// When the order was placed: the commit time of its creation.
    #[schema(value_type = Moment)]
    pub created_at: Timestamp,
    /// The kitchen's ticket; absent before it exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketStory>,
    /// The payment; absent before it is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentStory>,
    /// The delivery; absent before the order is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryStory>,
    /// Every transition with its time, oldest first.
    pub transitions: Vec<Transition>,
    /// The number of transitions that are omitted: of each source the first and the latest 59 are kept.
    pub omitted_transitions: u64,
}

/// The ticket of an order, with the time of each step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TicketStory {
    /// The ticket's status.
    pub status: TicketStatus,
    /// When the food will be ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_by: Option<Moment>,
    /// When the ticket was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub created_at: Option<Timestamp>,
    /// When the restaurant accepted the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub accepted_at: Option<Timestamp>,
    /// When the preparation began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub preparing_at: Option<Timestamp>,
    /// When the food was ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub ready_for_pickup_at: Option<Timestamp>,
    /// When the courier picked up the food.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub picked_up_at: Option<Timestamp>,
    /// When the ticket was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub cancelled_at: Option<Timestamp>,
}

/// The payment of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentStory {
    /// The payment's status.
    pub status: PaymentStatus,
    /// The amount.
    pub amount: Money,
    /// Why the payment or its latest revision was declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The delivery of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryStory {
    /// The delivery's status.
    pub status: DeliveryStatus,
    /// The courier; absent before one is assigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub courier_id: Option<CourierId>,
    /// When the courier picks up the food.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_time: Option<Moment>,
    /// When the courier is expected at the delivery address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_time: Option<Moment>,
    /// The courier's last position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The time of that position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub position_at: Option<Timestamp>,
    /// When a courier was assigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub scheduled_at: Option<Timestamp>,
    /// When the courier picked up the food.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub picked_up_at: Option<Timestamp>,
    /// When the food was delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub delivered_at: Option<Timestamp>,
    /// When the delivery was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub cancelled_at: Option<Timestamp>,
}

/// A change of the order, its payment, its ticket or its delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    /// The commit time.
    #[schema(value_type = Moment)]
    pub at: Timestamp,
    /// The source of the change: `order`, `payment`, `ticket` or `delivery`.
    pub source: String,
    /// The version in the stream of that source.
    pub version: u64,
    /// The event's type, for example `OrderApproved`.
    pub event: String,
    /// The status after the change.
    pub status: String,
    /// The reason, if the event has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl OrderDocument {
    /// Returns the order's story, or `None` before its creation was applied: a ticket or payment alone is not an order.
    #[must_use]
    pub fn story(&self) -> Option<OrderStory> {
        let order = self.order.as_ref()?;
        let logs: Vec<(&'static str, &Log)> = [
            Some(("order", &order.log)),
            self.payment.as_ref().map(|part| ("payment", &part.log)),
            self.ticket.as_ref().map(|part| ("ticket", &part.log)),
            self.delivery.as_ref().map(|part| ("delivery", &part.log)),
        ]
        .into_iter()
        .flatten()
        .collect();
        Some(OrderStory {
            order_id: order.order_id,
            consumer_id: order.consumer_id,
            status: order.status,
            reason: order.reason.clone(),
            restaurant_id: order.restaurant_id,
            restaurant_name: order.restaurant_name.clone(),
            line_items: order.line_items.clone(),
            order_total: order.order_total,
            delivery_address: order.delivery_address.clone(),
            delivery_time: order.delivery_time,
            created_at: order.created_at,
            ticket: self.ticket.as_ref().map(TicketStory::from),
            payment: self.payment.as_ref().map(PaymentStory::from),
            delivery: self.delivery.as_ref().map(DeliveryStory::from),
            omitted_transitions: logs.iter().map(|(_, log)| log.omitted()).sum(),
            transitions: merge(logs)
                .into_iter()
                .map(|(source, entry)| Transition {
                    at: entry.at,
                    source: source.to_owned(),
                    version: entry.version,
                    event: entry.event.clone(),
                    status: entry.status.clone(),
                    reason: entry.reason.clone(),
                })
                .collect(),
        })
    }
}

impl From<&TicketPart> for TicketStory {
    fn from(ticket: &TicketPart) -> Self {
        let time_of = |event| ticket.log.time_of(event);
        Self {
            status: ticket.status,
            ready_by: ticket.ready_by,
            created_at: time_of("TicketCreated"),
            accepted_at: time_of("TicketAccepted"),
            preparing_at: time_of("TicketPreparationStarted"),
            ready_for_pickup_at: time_of("TicketPreparationCompleted"),
            picked_up_at: time_of("TicketPickedUp"),
            cancelled_at: time_of("TicketCancelled"),
        }
    }
}

impl From<&PaymentPart> for PaymentStory {
    fn from(payment: &PaymentPart) -> Self {
        Self {
            status: payment.status,
            amount: payment.amount,
            reason: payment.reason.clone(),
        }
    }
}

impl From<&DeliveryPart> for DeliveryStory {
    fn from(delivery: &DeliveryPart) -> Self {
        let time_of = |event| delivery.log.time_of(event);
        Self {
            status: delivery.status,
            courier_id: delivery.courier_id,
            pickup_time: delivery.pickup_time,
            delivery_time: delivery.delivery_time,
            position: delivery.seen.map(|(position, _)| position),
            position_at: delivery.seen.map(|(_, at)| at),
            scheduled_at: time_of("DeliveryScheduled"),
            picked_up_at: time_of("DeliveryPickedUp"),
            delivered_at: time_of("DeliveryDelivered"),
            cancelled_at: time_of("DeliveryCancelled"),
        }
    }
}
