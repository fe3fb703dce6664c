use crate::payment::{Outcome, Record};
use crate::service::Accounting;
use aws_sdk_dynamodb::Client;
use contracts::{AccountEvent, ConsumerEvent, ConsumerId, Invalid, Money, OrderEvent, OrderId};
use event_store::{CommitReader, ExecuteError, StoreError};
use jiff::{SignedDuration, Timestamp};
use projection::{
    ApplyError, Cause, EffectError, Effects, Options, Published, Reactor, ReactorRunner, Sources,
};
use std::error::Error;
use std::str::FromStr;

/// What accounting asks of itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// A consumer was created: open the account.
    Open {
        /// Whose account it is.
        consumer_id: ConsumerId,
    },
    /// An order was placed: authorize its payment, or decline it.
    Authorize {
        /// Who pays.
        consumer_id: ConsumerId,
        /// What is paid.
        order_id: OrderId,
        /// The order's total.
        amount: Money,
    },
    /// The account has decided about an order: publish it on the order's own stream, where subscribers can tell a gap.
    Record(Record),
}

/// Listens to consumers, orders and accounting's own accounts.
#[derive(Debug, Clone, Copy)]
pub struct AccountingReactor;

impl Reactor for AccountingReactor {
    /// Nothing to remember: every event says by itself what to do, and accounts and payments know the rest.
    type Document = ();
    type Command = Ask;
    const NAME: &'static str = "accounting-reactor";
    const SOURCES: &'static [&'static str] = &[
        contracts::consumer::CATEGORY,
        contracts::order::CATEGORY,
        contracts::account::CATEGORY,
    ];

    fn react((): &mut (), event: &Published<'_>) -> Result<Vec<Ask>, ApplyError> {
        let ask = match event.category() {
            contracts::consumer::CATEGORY => match event.decode::<ConsumerEvent>()? {
                ConsumerEvent::ConsumerCreated { .. } => Some(Ask::Open {
                    consumer_id: id_of(event)?,
                }),
            },
            contracts::order::CATEGORY => match event.decode::<OrderEvent>()? {
                OrderEvent::OrderCreated {
                    consumer_id,
                    order_total,
                    ..
                } => Some(Ask::Authorize {
                    consumer_id,
                    order_id: id_of(event)?,
                    amount: order_total,
                }),
                OrderEvent::OrderApproved {} | OrderEvent::OrderRejected { .. } => None,
            },
            contracts::account::CATEGORY => {
                let decided = match event.decode::<AccountEvent>()? {
                    AccountEvent::AccountOpened {} | AccountEvent::CreditLimitSet { .. } => None,
                    AccountEvent::PaymentAuthorized { order_id, amount } => {
                        Some((order_id, amount, Outcome::Authorized))
                    }
                    AccountEvent::PaymentDeclined {
                        order_id,
                        amount,
                        reason,
                    } => Some((order_id, amount, Outcome::Declined { reason })),
                };
                let consumer_id = id_of(event)?;
                decided.map(|(order_id, amount, outcome)| {
                    Ask::Record(Record {
                        order_id,
                        consumer_id,
                        amount,
                        outcome,
                    })
                })
            }
            other => return Err(ApplyError::rejected(format!("{other} is none of the sources"))),
        };
        Ok(ask.into_iter().collect())
    }
}

fn id_of<T: FromStr<Err = Invalid>>(event: &Published<'_>) -> Result<T, ApplyError> {
    event
        .id()
        .parse()
        .map_err(|error| ApplyError::rejected(format!("the stream's id: {error}")))
}

/// Carries out what the reactor asks.
#[derive(Clone)]
pub struct AskEffects {
    accounting: Accounting,
}

impl AskEffects {
    /// On these accounts and payments.
    #[must_use]
    pub fn new(accounting: Accounting) -> Self {
        Self { accounting }
    }

    /// Authorizes or declines, once.
    ///
    /// A repetition is recognized by its command id among the account's recent commands, which costs nothing. It can come
    /// later than that (a message redelivered from the dead-letter queue, while the consumer ordered 16 more times): then an
    /// open authorization is still found in the state, but a decline has left no trace there, and neither has an
    /// authorization that was settled since. The order's payment stream remembers both. It is asked when the order is
    /// older than [`LATE`], so the normal way costs nothing more; an order that waited in a backlog costs one Query
    /// (0.5–1 RU) more.
    ///
    /// What remains: 16 later commits on one account, and a repetition, within [`LATE`]. Then the account may decide a
    /// second time, the payment stream keeps the first decision ([`PaymentError::AlreadyDecided`]), and the log says so.
    ///
    /// [`PaymentError::AlreadyDecided`]: crate::payment::PaymentError::AlreadyDecided
    async fn authorize(
        &self,
        consumer_id: ConsumerId,
        order_id: OrderId,
        amount: Money,
        cause: &Cause,
    ) -> Result<(), EffectError> {
        let late = Timestamp::now().duration_since(cause.time) > LATE;
        if late && self.accounting.is_decided(order_id).await.map_err(unread)? {
            return Ok(());
        }
        let context = cause.context();
        settled(
            self.accounting
                .authorize(consumer_id, order_id, amount, &context)
                .await,
        )
    }
}

/// From here on an order may have been handled before. The queues deliver again after a minute at the earliest.
const LATE: SignedDuration = SignedDuration::from_secs(10);

impl Effects<Ask> for AskEffects {
    async fn run(&self, ask: Ask, cause: &Cause) -> Result<(), EffectError> {
        match ask {
            Ask::Open { consumer_id } => settled(self.accounting.open(consumer_id, &cause.context()).await),
            Ask::Authorize {
                consumer_id,
                order_id,
                amount,
            } => self.authorize(consumer_id, order_id, amount, cause).await,
            Ask::Record(record) => settled(self.accounting.record(&record, &cause.context()).await),
        }
    }
}

/// A refusal is an outcome: it is logged, and repeating the message would not change it.
fn settled<T, E: Error>(done: Result<T, ExecuteError<E>>) -> Result<(), EffectError> {
    match done {
        Ok(_) => Ok(()),
        Err(ExecuteError::Refused(error)) => {
            tracing::error!(%error, "accounting refused what its reactor asked");
            Ok(())
        }
        Err(error) => Err(EffectError::Retry(error.to_string())),
    }
}

fn unread(error: StoreError) -> EffectError {
    EffectError::Retry(error.to_string())
}

/// The tables that only the reactor works with.
#[derive(Debug, Clone)]
pub struct ReactorTables {
    /// What the reactor has seen.
    pub reactions: String,
    /// The orders' event table, which it heals from.
    pub orders: String,
}

/// The reactor, ready to take batches.
#[must_use]
pub fn reactor(
    client: Client,
    tables: ReactorTables,
    accounting: &Accounting,
) -> ReactorRunner<AccountingReactor, AskEffects> {
    let orders = CommitReader::new(client.clone(), tables.orders);
    let sources = Sources::new()
        .with(contracts::consumer::CATEGORY, accounting.consumers().clone())
        .with(contracts::order::CATEGORY, orders)
        .with(contracts::account::CATEGORY, accounting.own().clone());
    ReactorRunner::new(
        client,
        tables.reactions,
        sources,
        AskEffects::new(accounting.clone()),
        Options::default(),
    )
}
