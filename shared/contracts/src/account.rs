//! The events of one consumer's account. An account carries many orders; the events that concern one order are published
//! again on that order's own stream: see [`crate::payment`].
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
    /// The consumer exists and may pay. An account without a limit authorizes every amount.
    AccountOpened {},
    /// The credit limit was set. The sum of the open authorizations may not exceed it from here on.
    #[serde(rename_all = "camelCase")]
    CreditLimitSet {
        /// The new limit.
        credit_limit: Money,
    },
    /// The account covers the order; the amount is held back until it is captured or reversed.
    #[serde(rename_all = "camelCase")]
    PaymentAuthorized {
        /// The order that is paid for.
        order_id: OrderId,
        /// The order's total.
        amount: Money,
    },
    /// The account does not cover the order.
    #[serde(rename_all = "camelCase")]
    PaymentDeclined {
        /// The order that is not paid for.
        order_id: OrderId,
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
        /// The amount that was held back.
        amount: Money,
    },
    /// The order was delivered and is paid.
    #[serde(rename_all = "camelCase")]
    PaymentCaptured {
        /// The order that is paid for.
        order_id: OrderId,
        /// The amount that was paid.
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
