//! The events of one order's payment, on a stream that carries the order's id.
//!
//! Accounting decides on the account (`account#con_…`), because the limit belongs to the consumer. But an account carries
//! many orders, and a subscriber keeps one document per order. If it followed account streams, every document would see
//! gaps where events of other orders lie, and could not tell an unrelated event from a lost one. Therefore accounting's
//! reactor writes the events that concern one order again on the order's own stream, where versions count from 1 without
//! gaps. `docs/decisions/payment-streams.md` describes the alternatives and the price.
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
        /// The order that is paid for.
        order_id: OrderId,
        /// The consumer who pays.
        consumer_id: ConsumerId,
        /// The order's total.
        amount: Money,
    },
    /// The consumer's account does not cover the order.
    #[serde(rename_all = "camelCase")]
    PaymentDeclined {
        /// The order that is not paid for.
        order_id: OrderId,
        /// The consumer whose account does not cover it.
        consumer_id: ConsumerId,
        /// The order's total.
        amount: Money,
        /// The reason for the decline.
        reason: DeclineReason,
    },
    /// The account covers the revised order; the new amount is held back instead of the previous one.
    #[serde(rename_all = "camelCase")]
    PaymentRevised {
        /// The order that is paid for.
        order_id: OrderId,
        /// The consumer who pays.
        consumer_id: ConsumerId,
        /// The number of the order's revision.
        revision: u32,
        /// The revised order's total.
        amount: Money,
    },
    /// The account does not cover the revised order; the amount that is held back stays the same.
    #[serde(rename_all = "camelCase")]
    PaymentRevisionDeclined {
        /// The order that is paid for.
        order_id: OrderId,
        /// The consumer who pays.
        consumer_id: ConsumerId,
        /// The number of the order's revision.
        revision: u32,
        /// The revised order's total.
        amount: Money,
        /// The reason for the decline.
        reason: DeclineReason,
    },
    /// The revision was rejected elsewhere; the previous amount is held back again.
    #[serde(rename_all = "camelCase")]
    PaymentRevisionUndone {
        /// The order that is paid for.
        order_id: OrderId,
        /// The consumer who pays.
        consumer_id: ConsumerId,
        /// The number of the order's revision.
        revision: u32,
        /// The amount that is held back again.
        amount: Money,
    },
    /// The order was cancelled; nothing is held back for it any more.
    #[serde(rename_all = "camelCase")]
    PaymentReversed {
        /// The order that is not paid for.
        order_id: OrderId,
        /// The consumer whose account is released.
        consumer_id: ConsumerId,
        /// The amount that was held back.
        amount: Money,
    },
    /// The order was delivered and is paid.
    #[serde(rename_all = "camelCase")]
    PaymentCaptured {
        /// The order that is paid for.
        order_id: OrderId,
        /// The consumer who pays.
        consumer_id: ConsumerId,
        /// The amount that was paid.
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

/// The status of an order's payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentStatus {
    /// The consumer's account covers the order; the amount is held back.
    Authorized,
    /// The consumer's account does not cover the order.
    Declined,
    /// The order was cancelled; nothing is held back for it.
    Reversed,
    /// The order was delivered and is paid.
    Captured,
}

impl PaymentStatus {
    /// All statuses.
    pub const ALL: [Self; 4] = [Self::Authorized, Self::Declined, Self::Reversed, Self::Captured];

    /// Returns the status as every body writes it.
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

/// Why a payment was declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeclineReason {
    /// The consumer does not exist.
    UnknownConsumer,
    /// The order's total exceeds the available credit.
    InsufficientCredit,
}

impl DeclineReason {
    /// Returns the reason as every body and event writes it.
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
    fn status_serializes_as_it_displays() {
        for status in PaymentStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
    }

    #[test]
    fn reason_serializes_as_it_displays() {
        for reason in [DeclineReason::UnknownConsumer, DeclineReason::InsufficientCredit] {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
