use contracts::account::AccountEvent;
use contracts::{DeclineReason, Moment, Money, OrderId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A movement on an account. The names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Movement {
    /// The commit time.
    #[schema(value_type = Moment)]
    pub at: Timestamp,
    /// The version on the account's stream, from 1, without gaps.
    pub version: u64,
    /// The kind of the movement.
    pub kind: MovementKind,
    /// The order that the movement concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// The order's total, or what was held back, reversed or captured for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The number of the order's revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
    /// Why the payment or revision was declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<DeclineReason>,
    /// The new limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_limit: Option<Money>,
    /// The sum that was held back for all orders after the movement. It may have more digits than one amount.
    #[schema(pattern = r"^(0|[1-9][0-9]*)\.[0-9]{2}$", example = "61.70")]
    pub held_back: String,
}

/// The kinds of movements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MovementKind {
    /// The account was opened.
    Opened,
    /// The credit limit was changed.
    LimitSet,
    /// An amount is held back for an order.
    Authorized,
    /// The account does not cover the order.
    Declined,
    /// A changed amount is held back for a revised order.
    Revised,
    /// The account does not cover the revised order; the amount that is held back stays the same.
    RevisionDeclined,
    /// A revision was reverted; the previous amount is held back again.
    RevisionUndone,
    /// The order was cancelled; nothing is held back for it any more.
    Reversed,
    /// The order was paid; nothing is held back for it any more.
    Captured,
}

impl Movement {
    /// Returns the movement of an event, with the sum held back after it, in minor units.
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
