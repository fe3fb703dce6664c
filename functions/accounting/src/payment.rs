//! One order's payment: accounting's decisions about it, on the order's own stream.
//!
//! The account decides; this stream publishes the decisions to the order's subscribers, without gaps (see
//! [`contracts::payment`]). It keeps the payment for good, even after the account no longer stores the order.

use contracts::payment::{CATEGORY, DeclineReason, PaymentEvent, PaymentStatus};
use contracts::{ConsumerId, Money, OrderId};
use event_store::Decider;
use serde::{Deserialize, Serialize};

// Events: contracts::payment.

// State.

/// The recorded state of a payment; empty before the account has decided.
///
/// The names are stored in snapshots; a change of their meaning requires a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PaymentState(pub Option<PaymentDetails>);

/// The details of a payment that was decided. About 100 bytes, however often the order is revised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentDetails {
    /// The consumer who pays.
    #[serde(rename = "c")]
    pub consumer_id: ConsumerId,
    /// The payment's status.
    #[serde(rename = "s")]
    pub status: PaymentStatus,
    /// The amount that is held back or was paid. For a declined or reversed payment: the amount that would have been paid.
    #[serde(rename = "m")]
    pub amount: Money,
    /// Why the account declined the payment or its last revision.
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<DeclineReason>,
    /// The last revision of the order that was answered, whatever the answer.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
}

fn evolve(PaymentState(state): PaymentState, event: &PaymentEvent) -> PaymentState {
    let begun = |consumer_id, status, amount, reason| PaymentDetails {
        consumer_id,
        status,
        amount,
        reason,
        revision: None,
    };
    PaymentState(match *event {
        PaymentEvent::PaymentAuthorized {
            consumer_id, amount, ..
        } => Some(begun(consumer_id, PaymentStatus::Authorized, amount, None)),
        PaymentEvent::PaymentDeclined {
            consumer_id,
            amount,
            reason,
            ..
        } => Some(begun(consumer_id, PaymentStatus::Declined, amount, Some(reason))),
        PaymentEvent::PaymentRevised { revision, amount, .. }
        | PaymentEvent::PaymentRevisionUndone { revision, amount, .. } => {
            state.map(|payment| PaymentDetails {
                amount,
                reason: None,
                revision: payment.revision.max(Some(revision)),
                ..payment
            })
        }
        PaymentEvent::PaymentRevisionDeclined { revision, reason, .. } => {
            state.map(|payment| PaymentDetails {
                reason: Some(reason),
                revision: payment.revision.max(Some(revision)),
                ..payment
            })
        }
        PaymentEvent::PaymentReversed { amount, .. } => state.map(|payment| PaymentDetails {
            status: PaymentStatus::Reversed,
            amount,
            reason: None,
            ..payment
        }),
        PaymentEvent::PaymentCaptured { amount, .. } => state.map(|payment| PaymentDetails {
            status: PaymentStatus::Captured,
            amount,
            reason: None,
            ..payment
        }),
    })
}

// Decide.

/// A command to record a decision of the account about an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The order that is paid for.
    pub order_id: OrderId,
    /// The consumer who pays.
    pub consumer_id: ConsumerId,
    /// The order's total, or the revised order's.
    pub amount: Money,
    /// The account's decision.
    pub outcome: Outcome,
}

/// A decision of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The account covers the order.
    Authorized,
    /// The account does not cover the order.
    Declined {
        /// The reason for the decline.
        reason: DeclineReason,
    },
    /// The account covers the revised order.
    Revised {
        /// The number of the order's revision.
        revision: u32,
    },
    /// The account does not cover the revised order.
    RevisionDeclined {
        /// The number of the order's revision.
        revision: u32,
        /// The reason for the decline.
        reason: DeclineReason,
    },
    /// The previous amount is held back again.
    RevisionUndone {
        /// The number of the order's revision.
        revision: u32,
    },
    /// Nothing is held back any more.
    Reversed,
    /// The order is paid.
    Captured,
}

impl Outcome {
    /// Returns whether this is the first decision about an order's payment.
    #[must_use]
    pub fn begins_a_payment(self) -> bool {
        matches!(self, Self::Authorized | Self::Declined { .. })
    }
}

/// Why a payment refuses a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaymentError {
    /// Another first outcome is recorded, and subscribers may have acted on it; it is kept.
    #[error("the payment is already recorded as {0}")]
    AlreadyDecided(PaymentStatus),
    /// The decision concerns an order that the account neither authorized nor declined.
    #[error("the payment is not recorded yet")]
    NotDecided,
}

fn decide(PaymentState(state): &PaymentState, record: &Record) -> Result<Vec<PaymentEvent>, PaymentError> {
    let recorded = match state {
        None if record.outcome.begins_a_payment() => false,
        None => return Err(PaymentError::NotDecided),
        Some(payment) => is_recorded(payment, record)?,
    };
    Ok(if recorded { vec![] } else { vec![record.event()] })
}

/// Returns whether the payment contains the record already. An account's decisions arrive in the order in which it made
/// them, each any number of times, so a decision earlier than the recorded one is a repetition.
fn is_recorded(payment: &PaymentDetails, record: &Record) -> Result<bool, PaymentError> {
    let decided = Err(PaymentError::AlreadyDecided(payment.status));
    match (record.outcome, payment.status) {
        (Outcome::Authorized, PaymentStatus::Declined) => decided,
        (Outcome::Authorized, _) | (Outcome::Declined { .. }, PaymentStatus::Declined) => Ok(true),
        (Outcome::Declined { .. }, _) => decided,
        (Outcome::Revised { revision } | Outcome::RevisionDeclined { revision, .. }, _)
            if payment.revision >= Some(revision) =>
        {
            Ok(true)
        }
        // An order must get an answer in every status of the payment, or it waits forever.
        (Outcome::RevisionDeclined { .. }, _) | (Outcome::Revised { .. }, PaymentStatus::Authorized) => {
            Ok(false)
        }
        (Outcome::Revised { .. }, _) => decided,
        (Outcome::RevisionUndone { revision }, PaymentStatus::Authorized) => {
            Ok(payment.revision > Some(revision) || payment.amount == record.amount)
        }
        (Outcome::RevisionUndone { .. }, _) => Ok(true),
        (Outcome::Reversed | Outcome::Captured, PaymentStatus::Authorized) => Ok(false),
        (Outcome::Reversed, _) | (Outcome::Captured, PaymentStatus::Captured) => Ok(true),
        (Outcome::Captured, _) => decided,
    }
}

impl Record {
    fn event(&self) -> PaymentEvent {
        let Self {
            order_id,
            consumer_id,
            amount,
            outcome,
        } = *self;
        match outcome {
            Outcome::Authorized => PaymentEvent::PaymentAuthorized {
                order_id,
                consumer_id,
                amount,
            },
            Outcome::Declined { reason } => PaymentEvent::PaymentDeclined {
                order_id,
                consumer_id,
                amount,
                reason,
            },
            Outcome::Revised { revision } => PaymentEvent::PaymentRevised {
                order_id,
                consumer_id,
                revision,
                amount,
            },
            Outcome::RevisionDeclined { revision, reason } => PaymentEvent::PaymentRevisionDeclined {
                order_id,
                consumer_id,
                revision,
                amount,
                reason,
            },
            Outcome::RevisionUndone { revision } => PaymentEvent::PaymentRevisionUndone {
                order_id,
                consumer_id,
                revision,
                amount,
            },
            Outcome::Reversed => PaymentEvent::PaymentReversed {
                order_id,
                consumer_id,
                amount,
            },
            Outcome::Captured => PaymentEvent::PaymentCaptured {
                order_id,
                consumer_id,
                amount,
            },
        }
    }
}

/// The decider of payments.
#[derive(Debug, Clone, Copy)]
pub struct Payment;

impl Decider for Payment {
    type Id = OrderId;
    type Command = Record;
    type Event = PaymentEvent;
    type State = PaymentState;
    type Error = PaymentError;
    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 2;

    fn decide(state: &PaymentState, command: &Record) -> Result<Vec<PaymentEvent>, PaymentError> {
        decide(state, command)
    }

    fn evolve(state: PaymentState, event: &PaymentEvent) -> PaymentState {
        evolve(state, event)
    }
}

#[cfg(test)]
#[path = "payment_tests.rs"]
mod tests;
