//! One order's payment: what accounting decided about it, on a stream of the order's own.
//!
//! Nothing is decided here. The account decided; this stream is where the order's subscribers hear of it, without gaps
//! (see [`contracts::payment`]). It remembers the payment for good, also when the account has forgotten the order.

use contracts::payment::{CATEGORY, DeclineReason, PaymentEvent, PaymentStatus};
use contracts::{ConsumerId, Money, OrderId};
use event_store::Decider;
use serde::{Deserialize, Serialize};

// Events: contracts::payment.

// State.

/// What is recorded of a payment; nothing before the account has decided.
///
/// The names are stored in snapshots: a change of their meaning takes a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PaymentState(pub Option<PaymentDetails>);

/// What is known of a payment that is decided. About 100 bytes, however often the order is revised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentDetails {
    /// Who pays.
    #[serde(rename = "c")]
    pub consumer_id: ConsumerId,
    /// Where it stands.
    #[serde(rename = "s")]
    pub status: PaymentStatus,
    /// What is held back or was paid; what would have been, when it is declined or reversed.
    #[serde(rename = "m")]
    pub amount: Money,
    /// Why the account's last answer was no: to the payment itself, or to its last revision.
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<DeclineReason>,
    /// The last revision of the order that was answered, whatever the answer was.
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

/// The account has decided about an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What is paid.
    pub order_id: OrderId,
    /// Who pays.
    pub consumer_id: ConsumerId,
    /// What it is about: the order's total, or the revised order's.
    pub amount: Money,
    /// What the account decided.
    pub outcome: Outcome,
}

/// What the account decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The account covers the order.
    Authorized,
    /// The account does not cover the order.
    Declined {
        /// Why.
        reason: DeclineReason,
    },
    /// The account covers the revised order.
    Revised {
        /// Which revision of the order.
        revision: u32,
    },
    /// The account does not cover the revised order.
    RevisionDeclined {
        /// Which revision of the order.
        revision: u32,
        /// Why.
        reason: DeclineReason,
    },
    /// The amount before the revision is held back again.
    RevisionUndone {
        /// Which revision of the order.
        revision: u32,
    },
    /// Nothing is held back any more.
    Reversed,
    /// The order is paid.
    Captured,
}

impl Outcome {
    /// Whether it is the first that is said about an order's payment.
    #[must_use]
    pub fn begins_a_payment(self) -> bool {
        matches!(self, Self::Authorized | Self::Declined { .. })
    }
}

/// Why a payment refuses a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaymentError {
    /// Subscribers have acted on another outcome already; the first one stands.
    #[error("the payment is already recorded as {0}")]
    AlreadyDecided(PaymentStatus),
    /// The account answered something about an order that it never authorized nor declined.
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

/// Whether the payment has it already. An account's decisions come in the order in which it took them, and each of them
/// any number of times; so what lies before what is recorded is a repetition.
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
        // Whatever became of the payment, the order must not wait for ever.
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
