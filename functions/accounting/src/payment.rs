//! One order's payment: what accounting decided about it, on a stream of the order's own.
//!
//! Nothing is decided here. The account decided; this stream is where the order's subscribers hear of it, without gaps
//! (see [`contracts::payment`]).

use contracts::payment::{CATEGORY, DeclineReason, PaymentEvent};
use contracts::{ConsumerId, Money, OrderId};
use event_store::Decider;
use serde::{Deserialize, Serialize};

// Events: contracts::payment.

// State.

/// What is recorded of a payment; nothing before the account has decided.
///
/// The names are stored in snapshots: a change of their meaning takes a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PaymentState(pub Option<Outcome>);

/// What the account decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "o")]
pub enum Outcome {
    /// The account covers the order.
    Authorized,
    /// The account does not cover the order.
    Declined {
        /// Why.
        reason: DeclineReason,
    },
}

fn evolve(_: PaymentState, event: &PaymentEvent) -> PaymentState {
    PaymentState(Some(match event {
        PaymentEvent::PaymentAuthorized { .. } => Outcome::Authorized,
        PaymentEvent::PaymentDeclined { reason, .. } => Outcome::Declined { reason: *reason },
    }))
}

// Decide.

/// The account has decided about an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What is paid.
    pub order_id: OrderId,
    /// Who pays.
    pub consumer_id: ConsumerId,
    /// The order's total.
    pub amount: Money,
    /// What the account decided.
    pub outcome: Outcome,
}

/// Why a payment refuses a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaymentError {
    /// Subscribers have acted on the other outcome already; the first one stands.
    #[error("the payment is already recorded as {0:?}")]
    AlreadyDecided(Outcome),
}

fn decide(PaymentState(state): &PaymentState, command: &Record) -> Result<Vec<PaymentEvent>, PaymentError> {
    let Record {
        order_id,
        consumer_id,
        amount,
        outcome,
    } = command.clone();
    match *state {
        Some(recorded) if recorded == outcome => Ok(vec![]),
        Some(recorded) => Err(PaymentError::AlreadyDecided(recorded)),
        None => Ok(vec![match outcome {
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
        }]),
    }
}

/// The decider of payments.
#[derive(Debug, Clone, Copy)]
pub struct Payment;

impl Decider for Payment {
    type Command = Record;
    type Event = PaymentEvent;
    type State = PaymentState;
    type Error = PaymentError;
    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 1;

    fn decide(state: &PaymentState, command: &Record) -> Result<Vec<PaymentEvent>, PaymentError> {
        decide(state, command)
    }

    fn evolve(state: PaymentState, event: &PaymentEvent) -> PaymentState {
        evolve(state, event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event_store::testing::given;

    fn record(outcome: Outcome) -> Record {
        Record {
            order_id: OrderId::from_uuid(uuid::Uuid::from_u128(1)),
            consumer_id: ConsumerId::from_uuid(uuid::Uuid::from_u128(2)),
            amount: "12.34".parse().unwrap(),
            outcome,
        }
    }

    fn authorized() -> PaymentEvent {
        PaymentEvent::PaymentAuthorized {
            order_id: OrderId::from_uuid(uuid::Uuid::from_u128(1)),
            consumer_id: ConsumerId::from_uuid(uuid::Uuid::from_u128(2)),
            amount: "12.34".parse().unwrap(),
        }
    }

    #[test]
    fn the_accounts_decision_is_recorded() {
        given::<Payment>([])
            .when(record(Outcome::Authorized))
            .then([authorized()]);
    }

    #[test]
    fn the_same_decision_twice_is_recorded_once() {
        given::<Payment>([authorized()])
            .when(record(Outcome::Authorized))
            .then([]);
    }

    #[test]
    fn the_first_decision_stands() {
        given::<Payment>([authorized()])
            .when(record(Outcome::Declined {
                reason: DeclineReason::InsufficientCredit,
            }))
            .then_error(PaymentError::AlreadyDecided(Outcome::Authorized));
    }
}
