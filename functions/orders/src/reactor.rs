//! What approves and rejects orders: the decisions on their payments.

use crate::order::{Order, OrderCommand, OrderError};
use contracts::payment::{self, PaymentEvent};
use contracts::{OrderId, ReasonCode};
use event_store::{EventStore, ExecuteError};
use projection::{ApplyError, Cause, EffectError, Effects, Published, Reactor};
use serde::{Deserialize, Serialize};

/// What is known of one order's payment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaymentDecision {
    /// Nothing yet.
    #[default]
    Open,
    /// It is authorized.
    Authorized,
    /// It is declined.
    Declined,
}

/// An order whose payment is decided, and what that means for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Settle {
    /// The order.
    pub order_id: OrderId,
    /// Approve or reject.
    pub command: OrderCommand,
}

/// The reactor `orders-reactor`: payment authorized → approve, payment declined → reject.
#[derive(Debug)]
pub struct OrdersReactor;

impl Reactor for OrdersReactor {
    type Document = PaymentDecision;
    type Command = Settle;

    const NAME: &'static str = "orders-reactor";
    const SOURCES: &'static [&'static str] = &[payment::CATEGORY];

    fn react(document: &mut PaymentDecision, event: &Published<'_>) -> Result<Vec<Settle>, ApplyError> {
        let (decision, settle) = match event.decode()? {
            PaymentEvent::PaymentAuthorized { order_id, .. } => (
                PaymentDecision::Authorized,
                Settle {
                    order_id,
                    command: OrderCommand::Approve,
                },
            ),
            PaymentEvent::PaymentDeclined { order_id, reason, .. } => (
                PaymentDecision::Declined,
                Settle {
                    order_id,
                    command: OrderCommand::Reject {
                        reason: ReasonCode::new(reason.as_str())
                            .map_err(|e| ApplyError::rejected(e.to_string()))?,
                    },
                },
            ),
        };
        *document = decision;
        Ok(vec![settle])
    }
}

/// Carries out what the reactor asks, on the orders' own event table.
#[derive(Clone)]
pub struct OrderEffects {
    /// The orders.
    pub orders: EventStore<Order>,
}

impl Effects<Settle> for OrderEffects {
    async fn run(&self, settle: Settle, cause: &Cause) -> Result<(), EffectError> {
        let Settle { order_id, command } = settle;
        match self
            .orders
            .execute(&order_id.to_string(), &command, &cause.context())
            .await
        {
            Ok(_) => Ok(()),
            // The order went another way first. That is an outcome, not a fault.
            Err(ExecuteError::Refused(error @ OrderError::InvalidTransition { .. })) => {
                tracing::info!(%order_id, %error, "the decision on the payment came too late");
                Ok(())
            }
            // A payment is decided because an order was created. Without one, something is lost: be loud (G11).
            Err(error) => Err(EffectError::Retry(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_commits::commit;
    use contracts::DeclineReason;

    const ORDER: &str = "ord_00000000000000000000000000000003";

    fn reaction_to(event: &PaymentEvent) -> (PaymentDecision, Vec<Settle>) {
        let commit = commit(&format!("payment#{ORDER}"), 1, event);
        let mut document = PaymentDecision::default();
        let published = Published {
            commit: &commit,
            version: 1,
            event: &commit.events[0],
        };
        let commands = OrdersReactor::react(&mut document, &published).unwrap();
        (document, commands)
    }

    #[test]
    fn an_authorized_payment_approves_the_order() {
        let reaction = reaction_to(&PaymentEvent::PaymentAuthorized {
            order_id: ORDER.parse().unwrap(),
            consumer_id: "con_00000000000000000000000000000001".parse().unwrap(),
            amount: "61.70".parse().unwrap(),
        });
        let approve = Settle {
            order_id: ORDER.parse().unwrap(),
            command: OrderCommand::Approve,
        };
        assert_eq!(reaction, (PaymentDecision::Authorized, vec![approve]));
    }

    #[test]
    fn a_declined_payment_rejects_the_order_and_says_why() {
        let reaction = reaction_to(&PaymentEvent::PaymentDeclined {
            order_id: ORDER.parse().unwrap(),
            consumer_id: "con_00000000000000000000000000000001".parse().unwrap(),
            amount: "61.70".parse().unwrap(),
            reason: DeclineReason::InsufficientCredit,
        });
        let reject = Settle {
            order_id: ORDER.parse().unwrap(),
            command: OrderCommand::Reject {
                reason: "INSUFFICIENT_CREDIT".parse().unwrap(),
            },
        };
        assert_eq!(reaction, (PaymentDecision::Declined, vec![reject]));
    }
}
