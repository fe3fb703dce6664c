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
}

impl Event for OrderEvent {
    const TYPES: &'static [(&'static str, u32)] =
        &[("OrderCreated", 1), ("OrderApproved", 1), ("OrderRejected", 1)];
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderStatus {
    /// Created; the payment is not decided yet.
    ApprovalPending,
    /// On its way.
    Approved,
    /// Will not be carried out.
    Rejected,
}

impl OrderStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ApprovalPending, Self::Approved, Self::Rejected];

    /// As it is written in every body, filter and problem.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApprovalPending => "APPROVAL_PENDING",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
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
