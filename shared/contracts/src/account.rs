//! The events of one consumer's account, which carries many orders. What concerns one order is published again on that
//! order's own stream: see [`crate::payment`].
//!
//! The names and fields are stored and published; version them with care.

use crate::payment::DeclineReason;
use crate::{Money, OrderId};
use commit::Event;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The category of the streams: `account#con_…`.
pub const CATEGORY: &str = "account";

/// What happened to one account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
pub enum AccountEvent {
    /// The consumer exists and may pay. Without a limit every amount is authorized.
    AccountOpened {},
    /// From here on the open authorizations may not add up to more.
    #[serde(rename_all = "camelCase")]
    CreditLimitSet {
        /// The limit.
        credit_limit: Money,
    },
    /// The order may be paid from this account; the amount is held back until it is captured or reversed.
    #[serde(rename_all = "camelCase")]
    PaymentAuthorized {
        /// What is paid.
        order_id: OrderId,
        /// The order's total.
        amount: Money,
    },
    /// The order may not be paid from this account.
    #[serde(rename_all = "camelCase")]
    PaymentDeclined {
        /// What is not paid.
        order_id: OrderId,
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
        /// What was held back.
        amount: Money,
    },
    /// The order was delivered: it is paid.
    #[serde(rename_all = "camelCase")]
    PaymentCaptured {
        /// What is paid.
        order_id: OrderId,
        /// What was paid.
        amount: Money,
    },
}

impl Event for AccountEvent {
    const TYPES: &'static [(&'static str, u32)] = &[
        ("AccountOpened", 1),
        ("CreditLimitSet", 1),
        ("PaymentAuthorized", 1),
        ("PaymentDeclined", 1),
        ("PaymentRevised", 1),
        ("PaymentRevisionDeclined", 1),
        ("PaymentRevisionUndone", 1),
        ("PaymentReversed", 1),
        ("PaymentCaptured", 1),
    ];
}
