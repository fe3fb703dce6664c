//! The events of one order.

use crate::restaurant::RestaurantName;
use crate::{Address, ConsumerId, LineItems, Moment, Money, ReasonCode, RestaurantId};
use commit::Event;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The category of an order's stream.
pub const CATEGORY: &str = "order";

/// What happens to an order. The names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
pub enum OrderEvent {
    /// A consumer ordered; nobody has agreed yet.
    #[serde(rename_all = "camelCase")]
    OrderCreated {
        /// Who ordered.
        consumer_id: ConsumerId,
        /// Of which restaurant.
        restaurant_id: RestaurantId,
        /// The restaurant's name then.
        restaurant_name: RestaurantName,
        /// What was ordered, at the prices of that moment.
        line_items: LineItems,
        /// What it costs together.
        order_total: Money,
        /// Where to.
        delivery_address: Address,
        /// When it is wanted.
        delivery_time: Moment,
    },
    /// The payment is authorized: the order is on.
    #[serde(rename_all = "camelCase")]
    OrderApproved {},
    /// The order will not be carried out.
    #[serde(rename_all = "camelCase")]
    OrderRejected {
        /// Why, for example `INSUFFICIENT_CREDIT`.
        reason: ReasonCode,
    },
    /// The consumer wants to cancel; the kitchen decides whether it is too late.
    OrderCancelRequested {},
    /// The order will not be carried out; whatever was held back for it is free again.
    OrderCancelled {},
    /// It was too late to cancel: the order is on, as before.
    #[serde(rename_all = "camelCase")]
    OrderCancelRefused {
        /// Why, for example `TICKET_PREPARING`.
        reason: ReasonCode,
    },
    /// The consumer wants something else; kitchen and accounting have to agree.
    #[serde(rename_all = "camelCase")]
    OrderRevisionProposed {
        /// Which revision of this order, from 1. Answers name it, so that a late one is never taken for an answer to
        /// another revision.
        revision: u32,
        /// All lines as they would be.
        line_items: LineItems,
        /// What the order costs as it is.
        current_order_total: Money,
        /// What it would cost.
        new_order_total: Money,
        /// What would change about the delivery, if anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delivery: Option<DeliveryChange>,
    },
    /// Kitchen and accounting agreed: the order is as it was proposed.
    #[serde(rename_all = "camelCase")]
    OrderRevised {
        /// Which revision.
        revision: u32,
        /// All lines as they now are.
        line_items: LineItems,
        /// What the order cost before.
        current_order_total: Money,
        /// What it costs now.
        new_order_total: Money,
        /// What changed about the delivery, if anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delivery: Option<DeliveryChange>,
    },
    /// Somebody did not agree: the order is as before. Whoever had agreed undoes it from here.
    #[serde(rename_all = "camelCase")]
    OrderRevisionRejected {
        /// Which revision.
        revision: u32,
        /// Why, for example `INSUFFICIENT_CREDIT`.
        reason: ReasonCode,
        /// The lines that stay.
        line_items: LineItems,
        /// The total that stays.
        order_total: Money,
    },
    /// It was delivered; the payment may be captured.
    OrderCompleted {},
}

/// What a revision changes about where and when an order is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryChange {
    /// Where to, instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_address: Option<Address>,
    /// When it is wanted, instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_time: Option<Moment>,
}

impl DeliveryChange {
    /// Whether it changes nothing.
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

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderStatus {
    /// Created; the payment is not decided yet.
    ApprovalPending,
    /// On its way.
    Approved,
    /// Never was carried out: the payment was declined.
    Rejected,
    /// The consumer wants to cancel; the kitchen has not decided yet.
    CancelPending,
    /// Will not be carried out: the consumer cancelled.
    Cancelled,
    /// The consumer wants something else; kitchen and accounting have not both decided yet.
    RevisionPending,
    /// At the consumer's door.
    Delivered,
}

impl OrderStatus {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::ApprovalPending,
        Self::Approved,
        Self::Rejected,
        Self::CancelPending,
        Self::Cancelled,
        Self::RevisionPending,
        Self::Delivered,
    ];

    /// As it is written in every body, filter and problem.
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
    fn a_status_is_written_as_it_is_displayed() {
        for status in OrderStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
    }
}
