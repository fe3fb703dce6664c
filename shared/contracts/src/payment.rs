//! The events of one order's payment, on a stream that carries the order's id.
//!
//! Accounting decides on the account (`account#con_…`), because the limit belongs to the consumer. But an account carries
//! many orders, and a subscriber keeps one document per order: if it followed account streams, every document would see
//! gaps wherever another order's events lie, and could no longer tell "not mine" from "lost". So accounting's reactor
//! writes what concerns one order once more, on the order's own stream, where versions count from 1 without gaps.
//! `docs/decisions/payment-streams.md` has the alternatives and the price.
//!
//! The names and fields are stored and published; version them with care.

use crate::{ConsumerId, Money, OrderId};
use commit::Event;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The category of the streams: `payment#ord_…`.
pub const CATEGORY: &str = "payment";

/// What happened to the payment of one order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
pub enum PaymentEvent {
    /// The consumer's account covers the order.
    #[serde(rename_all = "camelCase")]
    PaymentAuthorized {
        /// What is paid.
        order_id: OrderId,
        /// Who pays.
        consumer_id: ConsumerId,
        /// The order's total.
        amount: Money,
    },
    /// The consumer's account does not cover the order.
    #[serde(rename_all = "camelCase")]
    PaymentDeclined {
        /// What is not paid.
        order_id: OrderId,
        /// Who does not pay.
        consumer_id: ConsumerId,
        /// The order's total.
        amount: Money,
        /// Why.
        reason: DeclineReason,
    },
}

impl Event for PaymentEvent {
    const TYPES: &'static [(&'static str, u32)] = &[("PaymentAuthorized", 1), ("PaymentDeclined", 1)];
}

/// Why a payment is declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeclineReason {
    /// No such consumer was ever created.
    UnknownConsumer,
    /// The order's total is more than the available credit.
    InsufficientCredit,
}

impl DeclineReason {
    /// As it is written in every body and event.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownConsumer => "UNKNOWN_CONSUMER",
            Self::InsufficientCredit => "INSUFFICIENT_CREDIT",
        }
    }
}

impl std::fmt::Display for DeclineReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_written_as_it_is_displayed() {
        for reason in [DeclineReason::UnknownConsumer, DeclineReason::InsufficientCredit] {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
