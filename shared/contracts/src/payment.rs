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
    /// The account covers the revised order; the amount is held back instead of the one before.
    #[serde(rename_all = "camelCase")]
    PaymentRevised {
        /// What is paid.
        order_id: OrderId,
        /// Who pays.
        consumer_id: ConsumerId,
        /// Which revision of the order.
        revision: u32,
        /// The revised order's total.
        amount: Money,
    },
    /// The account does not cover the revised order; what is held back stays.
    #[serde(rename_all = "camelCase")]
    PaymentRevisionDeclined {
        /// What is paid.
        order_id: OrderId,
        /// Who pays.
        consumer_id: ConsumerId,
        /// Which revision of the order.
        revision: u32,
        /// The revised order's total.
        amount: Money,
        /// Why.
        reason: DeclineReason,
    },
    /// Somebody else did not agree to the revision: the amount before is held back again.
    #[serde(rename_all = "camelCase")]
    PaymentRevisionUndone {
        /// What is paid.
        order_id: OrderId,
        /// Who pays.
        consumer_id: ConsumerId,
        /// Which revision of the order.
        revision: u32,
        /// What is held back again.
        amount: Money,
    },
    /// The order was cancelled: nothing is held back for it any more.
    #[serde(rename_all = "camelCase")]
    PaymentReversed {
        /// What is not paid.
        order_id: OrderId,
        /// Who pays.
        consumer_id: ConsumerId,
        /// What was held back.
        amount: Money,
    },
    /// The order was delivered: it is paid.
    #[serde(rename_all = "camelCase")]
    PaymentCaptured {
        /// What is paid.
        order_id: OrderId,
        /// Who pays.
        consumer_id: ConsumerId,
        /// What was paid.
        amount: Money,
    },
}

impl Event for PaymentEvent {
    const TYPES: &'static [(&'static str, u32)] = &[
        ("PaymentAuthorized", 1),
        ("PaymentDeclined", 1),
        ("PaymentRevised", 1),
        ("PaymentRevisionDeclined", 1),
        ("PaymentRevisionUndone", 1),
        ("PaymentReversed", 1),
        ("PaymentCaptured", 1),
    ];
}

/// Where the payment of an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentStatus {
    /// The consumer's account covers the order; the amount is held back.
    Authorized,
    /// It does not cover it.
    Declined,
    /// The order was cancelled; nothing is held back.
    Reversed,
    /// The order was delivered; it is paid.
    Captured,
}

impl PaymentStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Authorized, Self::Declined, Self::Reversed, Self::Captured];

    /// As it is written in every body.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authorized => "AUTHORIZED",
            Self::Declined => "DECLINED",
            Self::Reversed => "REVERSED",
            Self::Captured => "CAPTURED",
        }
    }
}

impl std::fmt::Display for PaymentStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
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
    fn a_status_is_written_as_it_is_displayed() {
        for status in PaymentStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
    }

    #[test]
    fn a_reason_is_written_as_it_is_displayed() {
        for reason in [DeclineReason::UnknownConsumer, DeclineReason::InsufficientCredit] {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
