use crate::account::{Account, AccountCommand, AccountError, AccountState, Consumer};
use crate::payment::{Payment, PaymentDetails, PaymentError, PaymentState, Record};
use commit::{EventData, InvalidStreamId, StreamId};
use contracts::{ConsumerId, Money, OrderId};
use event_store::{CommandContext, CommitReader, EventStore, ExecuteError, Executed, Loaded, StoreError};
use function::Wiring;

/// The accounting service: its accounts and payments, and read access to consumers and orders.
#[derive(Clone)]
pub(crate) struct Accounting {
    accounts: EventStore<Account>,
    payments: EventStore<Payment>,
    consumers: CommitReader,
    orders: CommitReader,
}

impl Accounting {
    /// Returns the service on these tables.
    pub(crate) fn new(wiring: &Wiring) -> Self {
        Self {
            accounts: wiring.store(),
            payments: wiring.store(),
            consumers: wiring.commits(contracts::consumer::CATEGORY),
            orders: wiring.commits(contracts::order::CATEGORY),
        }
    }

    pub(crate) async fn load(&self, id: ConsumerId) -> Result<Loaded<AccountState>, StoreError> {
        self.accounts.load(&id).await
    }

    pub(crate) async fn open(
        &self,
        id: ConsumerId,
        context: &CommandContext,
    ) -> Result<Executed<Account>, ExecuteError<AccountError>> {
        // A bare conditional put (1 WU): the account rarely exists already.
        self.accounts.create(&id, &AccountCommand::Open, context).await
    }

    pub(crate) async fn set_limit(
        &self,
        id: ConsumerId,
        credit_limit: Money,
        context: &CommandContext,
    ) -> Result<Executed<Account>, ExecuteError<AccountError>> {
        self.ask_when_not_open(id, context, |consumer| AccountCommand::SetLimit {
            credit_limit,
            consumer,
        })
        .await
    }

    pub(crate) async fn authorize(
        &self,
        id: ConsumerId,
        order_id: OrderId,
        amount: Money,
        context: &CommandContext,
    ) -> Result<Executed<Account>, ExecuteError<AccountError>> {
        self.ask_when_not_open(id, context, |consumer| AccountCommand::Authorize {
            order_id,
            amount,
            consumer,
        })
        .await
    }

    /// Executes a command that requires an open account. A reactor opens accounts, and a client that registers and orders
    /// at once may be faster: only in that case are the consumers' own events read (one Query, 0.5–1 RU). The refused
    /// command stored nothing, so the second attempt uses the same command id.
    async fn ask_when_not_open(
        &self,
        id: ConsumerId,
        context: &CommandContext,
        command: impl Fn(Consumer) -> AccountCommand,
    ) -> Result<Executed<Account>, ExecuteError<AccountError>> {
        let first = self
            .accounts
            .execute(&id, &command(Consumer::NotAsked), context)
            .await;
        match first {
            Err(ExecuteError::Refused(AccountError::NotOpened)) => {
                let consumer = if self.consumer_exists(id).await? {
                    Consumer::Exists
                } else {
                    Consumer::Unknown
                };
                self.accounts.execute(&id, &command(consumer), context).await
            }
            other => other,
        }
    }

    pub(crate) async fn consumer_exists(&self, id: ConsumerId) -> Result<bool, StoreError> {
        let stream = stream(contracts::consumer::CATEGORY, id)?;
        Ok(self.consumers.head(&stream).await?.is_some())
    }

    /// Executes a command on an account that must be open.
    pub(crate) async fn execute(
        &self,
        id: ConsumerId,
        command: &AccountCommand,
        context: &CommandContext,
    ) -> Result<Executed<Account>, ExecuteError<AccountError>> {
        self.accounts.execute(&id, command, context).await
    }

    /// Returns the order's creation, or `None` if there is no such order. One consistent Query (1 RU per 4 KB).
    pub(crate) async fn creation(&self, id: OrderId) -> Result<Option<EventData>, StoreError> {
        let stream = stream(contracts::order::CATEGORY, id)?;
        let commits = self.orders.page(&stream, 0, 1).await?.commits;
        Ok(commits.into_iter().flat_map(|commit| commit.events).next())
    }

    /// Returns the order's payment, as far as it is decided and published. One consistent Query (0.5–1 RU).
    pub(crate) async fn payment(&self, id: OrderId) -> Result<Loaded<PaymentState>, StoreError> {
        self.payments.load(&id).await
    }

    /// Publishes a decision of the account, and returns the payment afterwards.
    pub(crate) async fn record(
        &self,
        record: &Record,
        context: &CommandContext,
    ) -> Result<Option<PaymentDetails>, ExecuteError<PaymentError>> {
        let id = &record.order_id;
        let executed = if record.outcome.begins_a_payment() {
            // A bare conditional put (1 WU); a repetition is always recognized, because it is the first commit.
            self.payments.create(id, record, context).await?
        } else {
            self.payments.execute(id, record, context).await?
        };
        Ok(executed.state.0)
    }
}

/// Returns the stream of this aggregate.
fn stream(category: &str, id: impl ToString) -> Result<StreamId, InvalidStreamId> {
    StreamId::new(category, &id.to_string())
}
