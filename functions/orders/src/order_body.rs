use crate::order_state::{OrderDetails, Proposal};
use contracts::order::OrderStatus;
use contracts::restaurant::RestaurantName;
use contracts::{Address, ConsumerId, LineItems, Moment, Money, OrderId, ReasonCode, RestaurantId};
use serde::Serialize;
use utoipa::ToSchema;

/// An order as the orders service stores it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CurrentOrder)]
pub struct OrderBody {
    /// The order's id.
    pub order_id: OrderId,
    /// The order's status.
    pub status: OrderStatus,
    /// The consumer who ordered.
    pub consumer_id: ConsumerId,
    /// The restaurant that was ordered from.
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
    /// The number of the last revision that was proposed; absent if none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
    /// Why the order was rejected, or why the last request to cancel or revise it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonCode>,
    /// The order after the pending revision; present in `REVISION_PENDING`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<ProposalBody>,
}

/// A revision that kitchen and accounting have not both decided yet.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ProposedRevision)]
pub struct ProposalBody {
    /// All lines after the revision.
    pub line_items: LineItems,
    /// Their total price.
    pub order_total: Money,
    /// The new delivery address, if it would change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_address: Option<Address>,
    /// The new delivery time, if it would change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_time: Option<Moment>,
}

impl OrderBody {
    pub(crate) fn of(order_id: OrderId, order: OrderDetails) -> Self {
        Self {
            order_id,
            status: order.status,
            consumer_id: order.consumer_id,
            restaurant_id: order.restaurant_id,
            restaurant_name: order.restaurant_name,
            order_total: order.line_items.total(),
            line_items: order.line_items,
            delivery_address: order.delivery_address,
            delivery_time: order.delivery_time,
            revision: (order.revision > 0).then_some(order.revision),
            reason: order.reason,
            proposed: order.proposal.map(ProposalBody::of),
        }
    }
}

impl ProposalBody {
    fn of(proposal: Proposal) -> Self {
        let delivery = proposal.delivery.unwrap_or_default();
        Self {
            order_total: proposal.line_items.total(),
            line_items: proposal.line_items,
            delivery_address: delivery.delivery_address,
            delivery_time: delivery.delivery_time,
        }
    }
}
