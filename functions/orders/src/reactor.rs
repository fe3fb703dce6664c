//! The reactor that advances orders when accounting, the kitchen and the courier answer, or do not answer in time.

use crate::deadlines::{ACCEPTANCE, ANSWER, DELIVERY, NOT_ANSWERED};
use crate::order::{Order, OrderCommand};
use crate::order_error::OrderError;
use contracts::delivery::{self, DeliveryEvent};
use contracts::order::{self, OrderEvent};
use contracts::payment::{self, PaymentEvent};
use contracts::ticket::{self, TicketEvent};
use contracts::{DeclineReason, Moment, OrderId, ReasonCode};
use event_store::{EventStore, ExecuteError};
use function::Wiring;
use jiff::Timestamp;
use projection::{ApplyError, Cause, Deadline, EffectError, Effects, Published, Reactor};
use serde::{Deserialize, Serialize};

/// The answers to one order that a single event does not carry, and what the order waits for. The names are stored.
///
/// The document does not depend on the order in which the sources are consumed: only the newest revision's answers are kept,
/// and every other field is written by the events of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// The newest revision that was answered; 0 if none was.
    #[serde(rename = "v", default)]
    pub revision: u32,
    /// Whether the kitchen agreed to it.
    #[serde(rename = "t", default)]
    pub ticket_agreed: bool,
    /// Whether accounting agreed to it.
    #[serde(rename = "p", default)]
    pub payment_agreed: bool,
    /// Whether the order was delivered. Stored because an order with an open cancel or revise request refuses to be
    /// completed; it is completed as soon as the request is answered.
    #[serde(rename = "d", default)]
    pub delivered: bool,
    /// The stage of the order, by its own events.
    #[serde(rename = "s", default, skip_serializing_if = "Stage::is_placed")]
    pub stage: Stage,
    /// Whether the kitchen has accepted, by the ticket's events.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub kitchen: Option<Kitchen>,
}

/// The stage of an order, with the time since which it waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Not approved yet.
    #[default]
    Placed,
    /// Approved, or approved again after a request was answered.
    Approved(#[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")] Timestamp),
    /// Approved again, because nobody answered a request to cancel. The ticket may still turn out to be cancelled, so another
    /// request would change nothing.
    NotAnswered(#[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")] Timestamp),
    /// A request to cancel is not answered yet.
    CancelPending(#[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")] Timestamp),
    /// A revision is not answered yet.
    RevisionPending {
        /// Its number.
        #[serde(rename = "v")]
        revision: u32,
        /// When it was proposed.
        #[serde(rename = "t", with = "jiff::fmt::serde::timestamp::millisecond::required")]
        since: Timestamp,
    },
    /// Rejected, cancelled or delivered.
    Over,
}

impl Stage {
    fn is_placed(&self) -> bool {
        *self == Self::Placed
    }
}

/// The part of the kitchen in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kitchen {
    /// The ticket has been waiting to be accepted since this time.
    Asked(#[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")] Timestamp),
    /// The ticket was accepted; the food will be ready at this time.
    Accepted(Moment),
    /// The ticket was cancelled.
    Cancelled,
}

/// The names of the deadlines. They are stored.
mod step {
    pub(super) const ACCEPTANCE: &str = "acceptance";
    pub(super) const CANCELLATION: &str = "cancellation";
    pub(super) const KITCHEN: &str = "kitchen";
    pub(super) const REVISION: &str = "revision";
    pub(super) const DELIVERY: &str = "delivery";
}

/// A command to an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Settle {
    /// The order.
    pub order_id: OrderId,
    /// The command.
    pub command: OrderCommand,
}

/// The reactor `orders-reactor`. It turns events of payment, ticket and delivery into commands to their order:
///
/// - payment authorized → approve, declined → reject;
/// - ticket cancelled → confirm the cancellation, cancellation refused → refuse it;
/// - ticket and payment revised → confirm the revision; one of them refused → reject it at once, and the service that
///   agreed reverts its part when the order publishes the rejection;
/// - delivered → complete.
///
/// If an answer does not come within its [deadline](crate::deadlines):
///
/// - ticket not accepted → cancel, as a consumer would: the kitchen decides whether it is too late;
/// - request to cancel not answered → refuse it, as if it were too late. If the ticket turns out to be cancelled, the order
///   follows it; until then it counts as overdue;
/// - revision not answered → reject it. A service that agreed, or agrees later, reverts its part.
#[derive(Debug)]
pub struct OrdersReactor;

impl Reactor for OrdersReactor {
    type Document = Answers;
    type Command = Settle;

    const NAME: &'static str = "orders-reactor";
    const SOURCES: &'static [&'static str] = &[
        payment::CATEGORY,
        ticket::CATEGORY,
        delivery::CATEGORY,
        order::CATEGORY,
    ];

    fn react(answers: &mut Answers, event: &Published<'_>) -> Result<Vec<Settle>, ApplyError> {
        let commands = match event.category() {
            payment::CATEGORY => answers.of_accounting(&event.decode()?)?,
            ticket::CATEGORY => answers.of_the_kitchen(event.decode()?, event.time()),
            order::CATEGORY => answers.of_the_order(&event.decode()?, event.time()),
            _ => answers.of_the_courier(&event.decode()?),
        };
        settle(event.id(), commands)
    }

    fn due(answers: &Answers) -> Vec<Deadline> {
        let mut due = Vec::new();
        match (answers.stage, answers.kitchen) {
            (Stage::Approved(since), Some(Kitchen::Asked(asked))) => {
                due.push(Deadline::new(step::ACCEPTANCE, since.max(asked) + ACCEPTANCE));
            }
            (Stage::NotAnswered(since), Some(Kitchen::Asked(_))) => {
                due.push(Deadline::watched(step::KITCHEN, since));
            }
            (Stage::CancelPending(since), _) => due.push(Deadline::new(step::CANCELLATION, since + ANSWER)),
            (Stage::RevisionPending { since, .. }, _) => {
                due.push(Deadline::new(step::REVISION, since + ANSWER));
            }
            _ => {}
        }
        if let Some(Kitchen::Accepted(ready_by)) = answers.kitchen
            && answers.stage != Stage::Over
            && !answers.delivered
        {
            due.push(Deadline::watched(step::DELIVERY, ready_by.timestamp() + DELIVERY));
        }
        due
    }

    fn overdue(answers: &Answers, key: &str, deadline: &Deadline) -> Result<Vec<Settle>, ApplyError> {
        settle(key, answers.not_answered(deadline.name)?)
    }
}

fn settle(order: &str, commands: Vec<OrderCommand>) -> Result<Vec<Settle>, ApplyError> {
    let order_id: OrderId = order
        .parse()
        .map_err(|error| ApplyError::rejected(format!("the stream's id is not an order id: {error}")))?;
    let settle = |command| Settle { order_id, command };
    Ok(commands.into_iter().map(settle).collect())
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
            // Consequences of the order's own events.
            PaymentEvent::PaymentRevisionUndone { .. }
            | PaymentEvent::PaymentReversed { .. }
            | PaymentEvent::PaymentCaptured { .. } => vec![],
        })
    }

    fn of_the_kitchen(&mut self, event: TicketEvent, time: Timestamp) -> Vec<OrderCommand> {
        match event {
            TicketEvent::TicketConfirmed {} => self.kitchen = Some(Kitchen::Asked(time)),
            TicketEvent::TicketAccepted { ready_by } => self.kitchen = Some(Kitchen::Accepted(ready_by)),
            TicketEvent::TicketCancelled {} => self.kitchen = Some(Kitchen::Cancelled),
            _ => {}
        }
        match event {
            // A rejected order's ticket is cancelled too; that order has nothing to confirm and refuses.
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
            // The order does not wait for these; the others are consequences of the order's own events.
            TicketEvent::TicketCreated { .. }
            | TicketEvent::TicketConfirmed {}
            | TicketEvent::TicketAccepted { .. }
            | TicketEvent::TicketPreparationStarted {}
            | TicketEvent::TicketPreparationCompleted {}
            | TicketEvent::TicketPickedUp {}
            | TicketEvent::TicketRevisionUndone { .. } => vec![],
        }
    }

    /// Follows the order's own events, which ask for nothing: they say what the order waits for.
    fn of_the_order(&mut self, event: &OrderEvent, time: Timestamp) -> Vec<OrderCommand> {
        self.stage = match event {
            OrderEvent::OrderCreated { .. } => Stage::Placed,
            OrderEvent::OrderCancelRefused { reason } if reason.as_str() == NOT_ANSWERED => {
                Stage::NotAnswered(time)
            }
            OrderEvent::OrderApproved {}
            | OrderEvent::OrderCancelRefused { .. }
            | OrderEvent::OrderRevised { .. }
            | OrderEvent::OrderRevisionRejected { .. } => Stage::Approved(time),
            OrderEvent::OrderCancelRequested {} => Stage::CancelPending(time),
            OrderEvent::OrderRevisionProposed { revision, .. } => Stage::RevisionPending {
                revision: *revision,
                since: time,
            },
            OrderEvent::OrderRejected { .. }
            | OrderEvent::OrderCancelled {}
            | OrderEvent::OrderCompleted {} => Stage::Over,
        };
        vec![]
    }

    /// Returns the commands for a step that did not come in time.
    fn not_answered(&self, name: &str) -> Result<Vec<OrderCommand>, ApplyError> {
        let reason =
            || ReasonCode::new(NOT_ANSWERED).map_err(|error| ApplyError::rejected(error.to_string()));
        Ok(match (name, self.stage) {
            (step::ACCEPTANCE, _) => vec![OrderCommand::Cancel],
            (step::CANCELLATION, _) => self.then_complete(OrderCommand::RefuseCancel { reason: reason()? }),
            (step::REVISION, Stage::RevisionPending { revision, .. }) => {
                let reason = reason()?;
                self.then_complete(OrderCommand::RejectRevision { revision, reason })
            }
            _ => vec![],
        })
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

    /// Returns whether this revision is the newest one that was answered. A newer revision clears the answers to older
    /// ones, because the order settled them before it proposed another.
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

    /// Appends the completion if the order was delivered meanwhile: after `command` it is `APPROVED` again.
    ///
    /// The completion comes last, so that `command` has the same position, and therefore the same command id, in every
    /// run, including a run after the delivery became known.
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

/// Executes the reactor's commands on the orders' event table.
#[derive(Clone)]
pub struct OrderEffects {
    orders: EventStore<Order>,
}

impl OrderEffects {
    /// Returns the effects on the orders' event table.
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
            // Another command changed the order first. That is an outcome, not a fault.
            Err(ExecuteError::Refused(error @ OrderError::InvalidTransition { .. })) => {
                tracing::info!(%order_id, %error, "an order ignores an answer that came too late");
                Ok(())
            }
            // Answers exist only for created orders, so the order was lost: its table was put back to an earlier time
            // (`HistoriesChanged`), and a message outlived it. No later try finds the order.
            Err(ExecuteError::Refused(error @ OrderError::NotCreated)) => {
                tracing::error!(%order_id, %error, "an answer is for an order that is no more");
                Ok(())
            }
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
