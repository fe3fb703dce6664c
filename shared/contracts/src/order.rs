//! The events of one order.

use crate::restaurant::RestaurantName;
use crate::{Address, ConsumerId, LineItems, Moment, Money, ReasonCode, RestaurantId};
use commit::Event;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The category of an order's stream.
pub const CATEGORY: &str = "order";

/// What happened to an order. The names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
pub enum OrderEvent {
    /// The consumer placed the order; it is not approved yet.
    #[serde(rename_all = "camelCase")]
    OrderCreated {
        /// The consumer who ordered.
        consumer_id: ConsumerId,
        /// The restaurant that was ordered from.
        restaurant_id: RestaurantId,
        /// The restaurant's name when the order was placed.
        restaurant_name: RestaurantName,
        /// The lines, at the prices when the order was placed.
        line_items: LineItems,
        /// The total price.
        order_total: Money,
        /// The delivery address.
        delivery_address: Address,
        /// When the consumer wants the food.
        delivery_time: Moment,
    },
    /// The payment was authorized and the order is approved.
    #[serde(rename_all = "camelCase")]
    OrderApproved {},
    /// The order was rejected and will not be carried out.
    #[serde(rename_all = "camelCase")]
    OrderRejected {
        /// The reason, for example `INSUFFICIENT_CREDIT`.
        reason: ReasonCode,
    },
    /// The consumer requested to cancel, or the kitchen did not accept in time; the kitchen decides whether it is too late.
    OrderCancelRequested {},
    /// The order was cancelled and will not be carried out; the amount that was held back for it is released.
    OrderCancelled {},
    /// It was too late to cancel, or nobody answered in time; the order is approved again.
    #[serde(rename_all = "camelCase")]
    OrderCancelRefused {
        /// The reason, for example `TICKET_PREPARING`, or `NOT_ANSWERED`: then `OrderCancelled` may still follow.
        reason: ReasonCode,
    },
    /// The consumer requested a revision; kitchen and accounting have to agree.
    #[serde(rename_all = "camelCase")]
    OrderRevisionProposed {
        /// The number of this order's revision, from 1. Answers name it, so that a late answer is never applied to
        /// another revision.
        revision: u32,
        /// All lines after the revision.
        line_items: LineItems,
        /// The current total price.
        current_order_total: Money,
        /// The total price after the revision.
        new_order_total: Money,
        /// The changes to the delivery, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delivery: Option<DeliveryChange>,
    },
    /// Kitchen and accounting agreed; the order is revised as proposed.
    #[serde(rename_all = "camelCase")]
    OrderRevised {
        /// The number of the revision.
        revision: u32,
        /// All lines after the revision.
        line_items: LineItems,
        /// The total price before the revision.
        current_order_total: Money,
        /// The total price after the revision.
        new_order_total: Money,
        /// The changes to the delivery, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delivery: Option<DeliveryChange>,
    },
    /// The kitchen or accounting refused, or did not answer in time; the order is as before the proposal. A service that had
    /// agreed reverts its part.
    #[serde(rename_all = "camelCase")]
    OrderRevisionRejected {
        /// The number of the revision.
        revision: u32,
        /// The reason, for example `INSUFFICIENT_CREDIT` or `NOT_ANSWERED`.
        reason: ReasonCode,
        /// The lines, which are unchanged.
        line_items: LineItems,
        /// The total price, which is unchanged.
        order_total: Money,
    },
    /// The order was delivered; the payment may be captured.
    OrderCompleted {},
}

/// The changes that a revision makes to the address and time of a delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryChange {
    /// The new delivery address, if it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_address: Option<Address>,
    /// The new delivery time, if it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_time: Option<Moment>,
}

impl DeliveryChange {
    /// Returns `true` if nothing changes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.delivery_address.is_none() && self.delivery_time.is_none()
    }
}

impl Event for OrderEvent {
    const TYPES: &'static [(&'static str, u32)] = &[
        ("OrderCreated", 1),
        ("OrderApproved", 1),
        ("OrderRejected", 1),
        ("OrderCancelRequested", 1),
        ("OrderCancelled", 1),
        ("OrderCancelRefused", 1),
        ("OrderRevisionProposed", 1),
        ("OrderRevised", 1),
        ("OrderRevisionRejected", 1),
        ("OrderCompleted", 1),
    ];
}

/// The status of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderStatus {
    /// Created; the payment is not decided yet.
    ApprovalPending,
    /// Approved, not delivered yet.
    Approved,
    /// The payment was declined; the order was never carried out.
    Rejected,
    /// The consumer requested to cancel, or the kitchen did not accept in time; the kitchen has not decided yet.
    CancelPending,
    /// Cancelled; the order will not be carried out.
    Cancelled,
    /// The consumer requested a revision; kitchen and accounting have not both decided yet.
    RevisionPending,
    /// The order was delivered.
    Delivered,
}

impl OrderStatus {
    /// All statuses.
    pub const ALL: [Self; 7] = [
        Self::ApprovalPending,
        Self::Approved,
        Self::Rejected,
        Self::CancelPending,
        Self::Cancelled,
        Self::RevisionPending,
        Self::Delivered,
    ];

    /// Returns the status as every body, filter and problem writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApprovalPending => "APPROVAL_PENDING",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::CancelPending => "CANCEL_PENDING",
            Self::Cancelled => "CANCELLED",
            Self::RevisionPending => "REVISION_PENDING",
            Self::Delivered => "DELIVERED",
        }
    }
}

impl std::fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_serializes_as_it_displays() {
        for status in OrderStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
    }
}
