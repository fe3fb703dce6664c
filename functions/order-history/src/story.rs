use crate::document::{OrderDocument, OrderPart, PaymentPart, PaymentStatus, TicketPart};
use crate::log::{Log, merge};
use contracts::{
    Address, ConsumerId, LineItems, Moment, Money, OrderId, OrderStatus, RestaurantId, RestaurantName,
    TicketStatus,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An order as a list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderSummary {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub consumer_id: ConsumerId,
    /// Where it stands.
    pub status: OrderStatus,
    /// Where it was ordered.
    pub restaurant_id: RestaurantId,
    /// The restaurant's name when it was ordered.
    pub restaurant_name: RestaurantName,
    /// What was ordered.
    pub line_items: LineItems,
    /// What it costs.
    pub order_total: Money,
    /// When it was placed: the commit time of its creation.
    #[schema(value_type = Moment)]
    pub created_at: Timestamp,
}

impl From<&OrderPart> for OrderSummary {
    fn from(order: &OrderPart) -> Self {
        Self {
            order_id: order.order_id,
            consumer_id: order.consumer_id,
            status: order.status,
            restaurant_id: order.restaurant_id,
            restaurant_name: order.restaurant_name.clone(),
            line_items: order.line_items.clone(),
            order_total: order.order_total,
            created_at: order.created_at,
        }
    }
}

/// The whole story of one order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderStory {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub consumer_id: ConsumerId,
    /// Where it stands.
    pub status: OrderStatus,
    /// Why it was rejected, when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where it was ordered.
    pub restaurant_id: RestaurantId,
    /// The restaurant's name when it was ordered.
    pub restaurant_name: RestaurantName,
    /// What was ordered.
    pub line_items: LineItems,
    /// What it costs.
    pub order_total: Money,
    /// Where it goes.
    pub delivery_address: Address,
    /// When it is wanted.
    pub delivery_time: Moment,
    /// When it was placed: the commit time of its creation.
    #[schema(value_type = Moment)]
    pub created_at: Timestamp,
    /// The kitchen's side, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketStory>,
    /// The payment, once it is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentStory>,
    /// Every transition with its time, oldest first.
    pub transitions: Vec<Transition>,
    /// How many transitions are left out: of each source the first and the latest 59 are kept.
    pub omitted_transitions: u64,
}

/// The ticket of an order, with the time of each step that it has taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TicketStory {
    /// Where it stands.
    pub status: TicketStatus,
    /// When the restaurant promised the food.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_by: Option<Moment>,
    /// When the kitchen was told of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub created_at: Option<Timestamp>,
    /// When the restaurant accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub accepted_at: Option<Timestamp>,
    /// When cooking began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub preparing_at: Option<Timestamp>,
    /// When the food was ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub ready_for_pickup_at: Option<Timestamp>,
    /// When a courier took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub picked_up_at: Option<Timestamp>,
    /// When it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    pub cancelled_at: Option<Timestamp>,
}

/// The payment of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentStory {
    /// Where it stands.
    pub status: PaymentStatus,
    /// How much it is about.
    pub amount: Money,
    /// Why it was declined, when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One change, of the order itself or of what belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    /// The commit time.
    #[schema(value_type = Moment)]
    pub at: Timestamp,
    /// Whose change it is: `order`, `payment` or `ticket`.
    pub source: String,
    /// Its version in the stream of that source.
    pub version: u64,
    /// The event's type, for example `OrderApproved`.
    pub event: String,
    /// The status that it led to.
    pub status: String,
    /// Why, where the event says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl OrderDocument {
    /// The order's story, or `None` while its creation has not been applied: a ticket or a payment alone is no order.
    #[must_use]
    pub fn story(&self) -> Option<OrderStory> {
        let order = self.order.as_ref()?;
        let logs: Vec<(&'static str, &Log)> = [
            Some(("order", &order.log)),
            self.payment.as_ref().map(|part| ("payment", &part.log)),
            self.ticket.as_ref().map(|part| ("ticket", &part.log)),
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
