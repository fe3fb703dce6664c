//! What moves orders on: the answers of accounting and the kitchen, and the delivery.

use crate::order::{Order, OrderCommand};
use crate::order_error::OrderError;
use contracts::delivery::{self, DeliveryEvent};
use contracts::payment::{self, PaymentEvent};
use contracts::ticket::{self, TicketEvent};
use contracts::{DeclineReason, OrderId, ReasonCode};
use event_store::{EventStore, ExecuteError};
use function::Wiring;
use projection::{ApplyError, Cause, EffectError, Effects, Published, Reactor};
use serde::{Deserialize, Serialize};

/// What is known of the answers to one order: only what one event alone does not say. The names are stored.
///
/// It comes out the same whichever source is heard first: what counts of a revision is only known of the newest one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// The newest revision that anybody answered; 0: none.
    #[serde(rename = "v", default)]
    pub revision: u32,
    /// The kitchen agreed to it.
    #[serde(rename = "t", default)]
    pub ticket_agreed: bool,
    /// Accounting agreed to it.
    #[serde(rename = "p", default)]
    pub payment_agreed: bool,
    /// The delivery is at the door. Remembered, because an order whose cancelling or revision is still open refuses to be
    /// completed: it is completed as soon as that is answered.
    #[serde(rename = "d", default)]
    pub delivered: bool,
}

/// What is asked of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Settle {
    /// The order.
    pub order_id: OrderId,
    /// What to do.
    pub command: OrderCommand,
}

/// The reactor `orders-reactor`. What payment, ticket and delivery say becomes a command to their order:
///
/// - payment authorized → approve, declined → reject;
/// - ticket cancelled → confirm the cancelling, cancelling refused → refuse it;
/// - ticket and payment revised → confirm the revision; one of them refused → reject it at once, and whoever agreed undoes it
///   when the order says so;
/// - delivered → complete.
#[derive(Debug)]
pub struct OrdersReactor;

impl Reactor for OrdersReactor {
    type Document = Answers;
    type Command = Settle;

    const NAME: &'static str = "orders-reactor";
    const SOURCES: &'static [&'static str] = &[payment::CATEGORY, ticket::CATEGORY, delivery::CATEGORY];

    fn react(answers: &mut Answers, event: &Published<'_>) -> Result<Vec<Settle>, ApplyError> {
        let commands = match event.category() {
            payment::CATEGORY => answers.of_accounting(&event.decode()?)?,
            ticket::CATEGORY => answers.of_the_kitchen(event.decode()?),
            _ => answers.of_the_courier(&event.decode()?),
        };
        let order_id: OrderId = event
            .id()
            .parse()
            .map_err(|error| ApplyError::rejected(format!("the stream's id is no order's: {error}")))?;
        let settle = |command| Settle { order_id, command };
        Ok(commands.into_iter().map(settle).collect())
    }
}

impl Answers {
    fn of_accounting(&mut self, event: &PaymentEvent) -> Result<Vec<OrderCommand>, ApplyError> {
        Ok(match event {
            PaymentEvent::PaymentAuthorized { .. } => vec![OrderCommand::Approve],
            PaymentEvent::PaymentDeclined { reason, .. } => vec![OrderCommand::Reject {
                reason: code(*reason)?,
            }],
            PaymentEvent::PaymentRevised { revision, .. } => {
                if !self.is_newest(*revision) {
                    return Ok(vec![]);
                }
                self.payment_agreed = true;
                self.agreed()
            }
            PaymentEvent::PaymentRevisionDeclined { revision, reason, .. } => {
                self.disagreed(*revision, code(*reason)?)
            }
            // What follows from the order itself.
            PaymentEvent::PaymentRevisionUndone { .. }
            | PaymentEvent::PaymentReversed { .. }
            | PaymentEvent::PaymentCaptured { .. } => vec![],
        })
    }

    fn of_the_kitchen(&mut self, event: TicketEvent) -> Vec<OrderCommand> {
        match event {
            // Also of an order that was rejected; that one has nothing to confirm, and refuses.
            TicketEvent::TicketCancelled {} => vec![OrderCommand::ConfirmCancel],
            TicketEvent::TicketCancelRefused { reason } => {
                self.then_complete(OrderCommand::RefuseCancel { reason })
            }
            TicketEvent::TicketRevised { revision, .. } => {
                if !self.is_newest(revision) {
                    return vec![];
                }
                self.ticket_agreed = true;
                self.agreed()
            }
            TicketEvent::TicketRevisionRefused { revision, reason } => self.disagreed(revision, reason),
            // The order does not wait for the cooking, and the rest follows from the order itself.
            TicketEvent::TicketCreated { .. }
            | TicketEvent::TicketConfirmed {}
            | TicketEvent::TicketAccepted { .. }
            | TicketEvent::TicketPreparationStarted {}
            | TicketEvent::TicketPreparationCompleted {}
            | TicketEvent::TicketPickedUp {}
            | TicketEvent::TicketRevisionUndone { .. } => vec![],
        }
    }

    fn of_the_courier(&mut self, event: &DeliveryEvent) -> Vec<OrderCommand> {
        match event {
            DeliveryEvent::DeliveryDelivered { .. } => {
                self.delivered = true;
                vec![OrderCommand::Complete]
            }
            DeliveryEvent::DeliveryCreated { .. }
            | DeliveryEvent::DeliveryRevised { .. }
            | DeliveryEvent::DeliveryCourierRequested { .. }
            | DeliveryEvent::DeliveryScheduled { .. }
            | DeliveryEvent::DeliveryPickedUp {}
            | DeliveryEvent::DeliveryLocationUpdated { .. }
            | DeliveryEvent::DeliveryCancelled { .. } => vec![],
        }
    }

    /// Whether this revision is the newest one that was answered. What was known of older ones is forgotten with that: the
    /// order settled them before it proposed another.
    fn is_newest(&mut self, revision: u32) -> bool {
        if revision > self.revision {
            self.revision = revision;
            self.ticket_agreed = false;
            self.payment_agreed = false;
        }
        revision == self.revision
    }

    fn agreed(&self) -> Vec<OrderCommand> {
        if self.ticket_agreed && self.payment_agreed {
            self.then_complete(OrderCommand::ConfirmRevision {
                revision: self.revision,
            })
        } else {
            vec![]
        }
    }

    fn disagreed(&mut self, revision: u32, reason: ReasonCode) -> Vec<OrderCommand> {
        if self.is_newest(revision) {
            self.then_complete(OrderCommand::RejectRevision { revision, reason })
        } else {
            vec![]
        }
    }

    /// After this the order is `APPROVED` again; one that was delivered meanwhile is completed.
    ///
    /// The completion comes last, so that the command before it has the same place, and with that the same command id, in
    /// every run: also in one after the delivery became known.
    fn then_complete(&self, command: OrderCommand) -> Vec<OrderCommand> {
        if self.delivered {
            vec![command, OrderCommand::Complete]
        } else {
            vec![command]
        }
    }
}

fn code(reason: DeclineReason) -> Result<ReasonCode, ApplyError> {
    ReasonCode::new(reason.as_str()).map_err(|error| ApplyError::rejected(error.to_string()))
}

/// Carries out what the reactor asks, on the orders' own event table.
#[derive(Clone)]
pub struct OrderEffects {
    orders: EventStore<Order>,
}

impl OrderEffects {
    /// On the orders' own event table.
    #[must_use]
    pub fn new(wiring: &Wiring) -> Self {
        Self {
            orders: wiring.store(),
        }
    }
}

impl Effects<Settle> for OrderEffects {
    async fn run(&self, settle: Settle, cause: &Cause) -> Result<(), EffectError> {
        let Settle { order_id, command } = settle;
        match self.orders.execute(&order_id, &command, &cause.context()).await {
            Ok(_) => Ok(()),
            // The order went another way first. That is an outcome, not a fault.
            Err(ExecuteError::Refused(error @ OrderError::InvalidTransition { .. })) => {
                tracing::info!(%order_id, %error, "an order has no use for an answer");
                Ok(())
            }
            // Somebody answers because an order was created. Without one, something is lost: be loud (G11).
            Err(error) => Err(EffectError::Retry(error.to_string())),
        }
    }
}

#[cfg(test)]
#[path = "reactor_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "reactor_world_tests.rs"]
mod world_tests;
