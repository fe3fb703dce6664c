use crate::ask::Ask;
use crate::payment::{Outcome, Record};
use contracts::{AccountEvent, ConsumerEvent, ConsumerId, Invalid, OrderEvent, OrderId};
use projection::{ApplyError, Published, Reactor};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The reactor's document: the consumer who pays for an order, which only the order's creation names. Documents of
/// consumers and accounts are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    /// The consumer who ordered; `None` before the order was created, and if the key is not an order's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<ConsumerId>,
}

/// The reactor that consumes the events of consumers, orders and accounting's own accounts.
#[derive(Debug, Clone, Copy)]
pub struct AccountingReactor;

impl Reactor for AccountingReactor {
    type Document = Payer;
    type Command = Ask;
    const NAME: &'static str = "accounting-reactor";
    const SOURCES: &'static [&'static str] = &[
        contracts::consumer::CATEGORY,
        contracts::order::CATEGORY,
        contracts::account::CATEGORY,
    ];

    fn react(payer: &mut Payer, event: &Published<'_>) -> Result<Vec<Ask>, ApplyError> {
        let ask = match event.category() {
            contracts::consumer::CATEGORY => match event.decode::<ConsumerEvent>()? {
                ConsumerEvent::ConsumerCreated { .. } => Some(Ask::Open {
                    consumer_id: id_of(event)?,
                }),
            },
            contracts::order::CATEGORY => of_order(payer, id_of(event)?, &event.decode()?)?,
            contracts::account::CATEGORY => of_account(id_of(event)?, &event.decode()?).map(Ask::Record),
            other => {
                return Err(ApplyError::rejected(format!(
                    "{other} is not a source of this reactor"
                )));
            }
        };
        Ok(ask.into_iter().collect())
    }
}

fn of_order(payer: &mut Payer, order_id: OrderId, event: &OrderEvent) -> Result<Option<Ask>, ApplyError> {
    if let OrderEvent::OrderCreated {
        consumer_id,
        order_total,
        ..
    } = event
    {
        payer.consumer = Some(*consumer_id);
        return Ok(Some(Ask::Authorize {
            consumer_id: *consumer_id,
            order_id,
            amount: *order_total,
        }));
    }
    let consumer_id = payer
        .consumer
        .ok_or_else(|| ApplyError::rejected("the consumer who pays for this order is not known"))?;
    Ok(match event {
        OrderEvent::OrderRevisionProposed {
            revision,
            new_order_total,
            ..
        } => Some(Ask::Revise {
            consumer_id,
            order_id,
            revision: *revision,
            amount: *new_order_total,
        }),
        OrderEvent::OrderRevisionRejected {
            revision,
            order_total,
            ..
        } => Some(Ask::UndoRevision {
            consumer_id,
            order_id,
            revision: *revision,
            amount: *order_total,
        }),
        // An order is rejected because its payment was declined, so there is rarely anything to reverse; but an ended
        // order must not leave an authorization open.
        OrderEvent::OrderCancelled {} | OrderEvent::OrderRejected { .. } => Some(Ask::Reverse {
            consumer_id,
            order_id,
        }),
        OrderEvent::OrderCompleted {} => Some(Ask::Capture {
            consumer_id,
            order_id,
        }),
        OrderEvent::OrderCreated { .. }
        | OrderEvent::OrderApproved {}
        | OrderEvent::OrderCancelRequested {}
        | OrderEvent::OrderCancelRefused { .. }
        | OrderEvent::OrderRevised { .. } => None,
    })
}

pub(crate) fn of_account(consumer_id: ConsumerId, event: &AccountEvent) -> Option<Record> {
    let (order_id, amount, outcome) = match *event {
        AccountEvent::AccountOpened {} | AccountEvent::CreditLimitSet { .. } => return None,
        AccountEvent::PaymentAuthorized { order_id, amount } => (order_id, amount, Outcome::Authorized),
        AccountEvent::PaymentDeclined {
            order_id,
            amount,
            reason,
        } => (order_id, amount, Outcome::Declined { reason }),
        AccountEvent::PaymentRevised {
            order_id,
            revision,
            amount,
        } => (order_id, amount, Outcome::Revised { revision }),
        AccountEvent::PaymentRevisionDeclined {
            order_id,
            revision,
            amount,
            reason,
        } => (order_id, amount, Outcome::RevisionDeclined { revision, reason }),
        AccountEvent::PaymentRevisionUndone {
            order_id,
            revision,
            amount,
        } => (order_id, amount, Outcome::RevisionUndone { revision }),
        AccountEvent::PaymentReversed { order_id, amount } => (order_id, amount, Outcome::Reversed),
        AccountEvent::PaymentCaptured { order_id, amount } => (order_id, amount, Outcome::Captured),
    };
    Some(Record {
        order_id,
        consumer_id,
        amount,
        outcome,
    })
}

fn id_of<T: FromStr<Err = Invalid>>(event: &Published<'_>) -> Result<T, ApplyError> {
    event
        .id()
        .parse()
        .map_err(|error| ApplyError::rejected(format!("the stream's id: {error}")))
}
