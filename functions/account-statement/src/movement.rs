use contracts::account::AccountEvent;
use contracts::{DeclineReason, Moment, Money, OrderId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What happened on an account. The names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Movement {
    /// The commit time.
    #[schema(value_type = Moment)]
    pub at: Timestamp,
    /// Its place on the account, from 1, without gaps.
    pub version: u64,
    /// What it was.
    pub kind: MovementKind,
    /// The order that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// The order's total, or what was held back, reversed or captured for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// Which revision of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
    /// Why it was declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<DeclineReason>,
    /// The new limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_limit: Option<Money>,
    /// What was held back for all orders after it. It may have more digits than one amount.
    #[schema(pattern = r"^(0|[1-9][0-9]*)\.[0-9]{2}$", example = "61.70")]
    pub held_back: String,
}

/// The kinds of movements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MovementKind {
    /// The account was opened.
    Opened,
    /// It has another limit.
    LimitSet,
    /// The amount is held back for an order.
    Authorized,
    /// The account does not cover the order.
    Declined,
    /// Another amount is held back for an order.
    Revised,
    /// The account does not cover the revised order; what is held back stays.
    RevisionDeclined,
    /// The amount before a revision is held back again.
    RevisionUndone,
    /// Nothing is held back for the order any more: it was cancelled.
    Reversed,
    /// Nothing is held back for the order any more: it is paid.
    Captured,
}

impl Movement {
    /// What an event says, with what is held back after it, in minor units.
    pub(crate) fn of(event: AccountEvent, at: Timestamp, version: u64, held_back: i64) -> Self {
        let blank = |kind| Self {
            at,
            version,
            kind,
            order_id: None,
            amount: None,
            revision: None,
            reason: None,
            credit_limit: None,
            held_back: format!("{}.{:02}", held_back / 100, held_back % 100),
        };
        let payment = |kind, order_id, amount| Self {
            order_id: Some(order_id),
            amount: Some(amount),
            ..blank(kind)
        };
        match event {
            AccountEvent::AccountOpened {} => blank(MovementKind::Opened),
            AccountEvent::CreditLimitSet { credit_limit } => Self {
                credit_limit: Some(credit_limit),
                ..blank(MovementKind::LimitSet)
            },
            AccountEvent::PaymentAuthorized { order_id, amount } => {
                payment(MovementKind::Authorized, order_id, amount)
            }
            AccountEvent::PaymentDeclined {
                order_id,
                amount,
                reason,
            } => Self {
                reason: Some(reason),
                ..payment(MovementKind::Declined, order_id, amount)
            },
            AccountEvent::PaymentRevised {
                order_id,
                revision,
                amount,
            } => Self {
                revision: Some(revision),
                ..payment(MovementKind::Revised, order_id, amount)
            },
            AccountEvent::PaymentRevisionDeclined {
                order_id,
                revision,
                amount,
                reason,
            } => Self {
                revision: Some(revision),
                reason: Some(reason),
                ..payment(MovementKind::RevisionDeclined, order_id, amount)
            },
            AccountEvent::PaymentRevisionUndone {
                order_id,
                revision,
                amount,
            } => Self {
                revision: Some(revision),
                ..payment(MovementKind::RevisionUndone, order_id, amount)
            },
            AccountEvent::PaymentReversed { order_id, amount } => {
                payment(MovementKind::Reversed, order_id, amount)
            }
            AccountEvent::PaymentCaptured { order_id, amount } => {
                payment(MovementKind::Captured, order_id, amount)
            }
        }
    }
}
