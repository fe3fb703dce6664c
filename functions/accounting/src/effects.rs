use crate::account::AccountCommand;
use crate::ask::Ask;
use crate::payment::{Outcome, PaymentError, Record};
use crate::service::Accounting;
use contracts::{ConsumerId, Money, OrderId, PaymentStatus};
use event_store::{ExecuteError, StoreError};
use function::Wiring;
use jiff::SignedDuration;
use projection::{Cause, EffectError, Effects};
use std::error::Error;

/// Executes the reactor's commands.
#[derive(Clone)]
pub struct AskEffects {
    accounting: Accounting,
}

impl AskEffects {
    /// Returns the effects on accounting's event table.
    #[must_use]
    pub fn new(wiring: &Wiring) -> Self {
        Self {
            accounting: Accounting::new(wiring),
        }
    }

    /// Authorizes or declines, once.
    ///
    /// A repetition is usually recognized by its command id among the account's recent commands, at no cost. It can
    /// arrive later than that (a message redelivered from the dead-letter queue, after 16 more commits on the account).
    /// Then an open authorization is still in the state, but a decline is not, and neither is an authorization that was
    /// reversed or captured since. The order's payment stream keeps all of them for good, because an order ends only
    /// after its decision was published. It is read if the order is older than [`LATE`], so the normal case costs nothing
    /// more; an order that waited in a backlog costs one more Query (0.5–1 RU).
    ///
    /// One case remains: 16 later commits on one account and a repetition, all within [`LATE`]. Then the account may
    /// decide a second time, the payment stream keeps the first decision, and [`Self::record`] releases the amount.
    async fn authorize(
        &self,
        consumer_id: ConsumerId,
        order_id: OrderId,
        amount: Money,
        cause: &Cause,
    ) -> Result<(), EffectError> {
        if is_late(cause)
            && self
                .accounting
                .payment(order_id)
                .await
                .map_err(unread)?
                .state
                .0
                .is_some()
        {
            return Ok(());
        }
        let context = cause.context();
        settled(
            self.accounting
                .authorize(consumer_id, order_id, amount, &context)
                .await,
        )
    }

    /// Revises or declines, once. An open authorization stores the last revision that was answered; after it has ended,
    /// the payment stream does.
    async fn revise(
        &self,
        consumer_id: ConsumerId,
        order_id: OrderId,
        revision: u32,
        amount: Money,
        cause: &Cause,
    ) -> Result<(), EffectError> {
        if is_late(cause) {
            let payment = self.accounting.payment(order_id).await.map_err(unread)?.state.0;
            if payment.is_some_and(|payment| payment.revision >= Some(revision)) {
                return Ok(());
            }
        }
        let revise = AccountCommand::ReviseAuthorization {
            order_id,
            amount,
            revision,
        };
        self.execute(consumer_id, revise, cause).await
    }

    /// Executes a command for which a late repetition finds no open authorization, the requested amount, or a later
    /// revision.
    async fn execute(
        &self,
        consumer_id: ConsumerId,
        command: AccountCommand,
        cause: &Cause,
    ) -> Result<(), EffectError> {
        settled(
            self.accounting
                .execute(consumer_id, &command, &cause.context())
                .await,
        )
    }

    /// Publishes a decision. An authorization of a payment that was declined or has ended is a second decision
    /// ([`Self::authorize`]). No later event would reverse or capture it, so it is released at once.
    async fn record(&self, record: &Record, cause: &Cause) -> Result<(), EffectError> {
        let recorded = self.accounting.record(record, &cause.context()).await;
        let stands = match &recorded {
            Ok(payment) => payment.is_some_and(|payment| payment.status == PaymentStatus::Authorized),
            Err(ExecuteError::Refused(PaymentError::AlreadyDecided(_))) => false,
            Err(_) => true,
        };
        if record.outcome == Outcome::Authorized && !stands {
            let reverse = AccountCommand::Reverse {
                order_id: record.order_id,
            };
            self.execute(record.consumer_id, reverse, cause).await?;
        }
        settled(recorded)
    }
}

/// The age from which an order may have been handled before. The queues redeliver after a minute at the earliest.
const LATE: SignedDuration = SignedDuration::from_secs(10);

fn is_late(cause: &Cause) -> bool {
    cause.now.duration_since(cause.time) > LATE
}

impl Effects<Ask> for AskEffects {
    async fn run(&self, ask: Ask, cause: &Cause) -> Result<(), EffectError> {
        match ask {
            Ask::Open { consumer_id } => settled(self.accounting.open(consumer_id, &cause.context()).await),
            Ask::Authorize {
                consumer_id,
                order_id,
                amount,
            } => self.authorize(consumer_id, order_id, amount, cause).await,
            Ask::Revise {
                consumer_id,
                order_id,
                revision,
                amount,
            } => self.revise(consumer_id, order_id, revision, amount, cause).await,
            Ask::UndoRevision {
                consumer_id,
                order_id,
                revision,
                amount,
            } => {
                let undo = AccountCommand::UndoRevision {
                    order_id,
                    revision,
                    amount,
                };
                self.execute(consumer_id, undo, cause).await
            }
            Ask::Reverse {
                consumer_id,
                order_id,
            } => {
                self.execute(consumer_id, AccountCommand::Reverse { order_id }, cause)
                    .await
            }
            Ask::Capture {
                consumer_id,
                order_id,
            } => {
                self.execute(consumer_id, AccountCommand::Capture { order_id }, cause)
                    .await
            }
            Ask::Record(record) => self.record(&record, cause).await,
        }
    }
}

/// Treats a refusal as an outcome: it is logged, and repeating the message would not change it.
fn settled<T, E: Error>(done: Result<T, ExecuteError<E>>) -> Result<(), EffectError> {
    match done {
        Ok(_) => Ok(()),
        Err(ExecuteError::Refused(error)) => {
            tracing::error!(%error, "accounting refused a command of its reactor");
            Ok(())
        }
        Err(error) => Err(EffectError::Retry(error.to_string())),
    }
}

fn unread(error: StoreError) -> EffectError {
    EffectError::Retry(error.to_string())
}
