use crate::account::{Account, AccountCommand, AccountError, Posting};
use commit::StreamId;
use contracts::transfer::CATEGORY;
use contracts::{AccountId, Invalid, Money, TransferEvent, TransferId, TransferStatus};
use event_store::{CommitReader, EventStore, ExecuteError};
use function::Wiring;
use projection::{ApplyError, Cause, EffectError, Effects, Published, Reactor};
use serde::{Deserialize, Serialize};

/// A command that the reactor requests from one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// The account.
    pub account_id: AccountId,
    /// Its part of the transfer.
    pub posting: Posting,
    /// The step that the account takes.
    pub step: Step,
    /// The version of the transfer's event that requests the step.
    pub version: u64,
}

/// An account's step in a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Debit the amount.
    Debit,
    /// Credit the amount.
    Credit,
    /// Refund the amount.
    Refund,
    /// Settle the transfer, which has ended with this status.
    Settle(TransferStatus),
}

impl Ask {
    /// Returns the command to an account that has settled this number of transfers.
    #[must_use]
    pub fn command(&self, settled: u64) -> AccountCommand {
        let posting = self.posting;
        match self.step {
            Step::Debit => AccountCommand::Debit { posting, settled },
            Step::Credit => AccountCommand::Credit { posting, settled },
            Step::Refund => AccountCommand::Refund { posting },
            Step::Settle(status) => AccountCommand::Settle { posting, status },
        }
    }
}

/// The accounts and the amount of a transfer, which only its creation names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    from: AccountId,
    to: AccountId,
    amount: Money,
}

/// The reactor that consumes the events of transfers, and requests the steps of the accounts.
#[derive(Debug, Clone, Copy)]
pub struct AccountsReactor;

impl Reactor for AccountsReactor {
    type Document = Option<Asked>;
    type Command = Ask;
    const NAME: &'static str = "accounts-reactor";
    const SOURCES: &'static [&'static str] = &[CATEGORY];

    fn react(asked: &mut Option<Asked>, event: &Published<'_>) -> Result<Vec<Ask>, ApplyError> {
        let transfer_id = event.id().parse().map_err(rejected)?;
        let decoded = event.decode()?;
        if let TransferEvent::TransferCreated { from, to, amount } = decoded {
            *asked = Some(Asked { from, to, amount });
        }
        let asked =
            asked.ok_or_else(|| ApplyError::rejected("the creation of this transfer is not known"))?;
        let from = |step| asked.of_source(transfer_id, step, event.version);
        let to = |step| asked.of_target(transfer_id, step, event.version);
        let both = |status| vec![from(Step::Settle(status)), to(Step::Settle(status))];
        Ok(match decoded {
            TransferEvent::TransferCreated { .. } => vec![from(Step::Debit)],
            TransferEvent::TransferDebited {} => vec![to(Step::Credit)],
            TransferEvent::TransferRefused { .. } => vec![from(Step::Refund)],
            TransferEvent::TransferCompleted {} => both(TransferStatus::Completed),
            TransferEvent::TransferFailed { .. } => both(TransferStatus::Failed),
        })
    }
}

impl Asked {
    fn of_source(&self, transfer_id: TransferId, step: Step, version: u64) -> Ask {
        Ask {
            account_id: self.from,
            posting: Posting {
                transfer_id,
                other: self.to,
                amount: self.amount,
            },
            step,
            version,
        }
    }

    fn of_target(&self, transfer_id: TransferId, step: Step, version: u64) -> Ask {
        Ask {
            account_id: self.to,
            posting: Posting {
                transfer_id,
                other: self.from,
                amount: self.amount,
            },
            step,
            version,
        }
    }
}

fn rejected(error: Invalid) -> ApplyError {
    ApplyError::rejected(format!("the stream's id: {error}"))
}

/// The maximum number of attempts while an account settles other transfers. After that, the message is redelivered.
const ATTEMPTS: usize = 8;

/// Executes the commands that the reactor requests.
#[derive(Clone)]
pub struct AccountsEffects {
    accounts: EventStore<Account>,
    transfers: CommitReader,
}

impl AccountsEffects {
    /// Creates the effects on the accounts' own event table, with read access to that of the transfers.
    #[must_use]
    pub fn new(wiring: &Wiring) -> Self {
        Self {
            accounts: wiring.store(),
            transfers: wiring.commits(CATEGORY),
        }
    }

    /// Executes a debit or a credit once, however late it is repeated. Costs 2 Queries and a PutItem.
    ///
    /// The account remembers a transfer until the transfer has ended. So the transfer is read *after* the account is loaded. If the
    /// transfer has advanced, the account has already answered. Otherwise only a settlement between the load and the decision could
    /// hide an answer, and the account then refuses the command ([`AccountError::Forgot`]).
    async fn answer(&self, ask: &Ask, cause: &Cause) -> Result<(), EffectError> {
        for _ in 0..ATTEMPTS {
            let loaded = self.accounts.load(&ask.account_id).await.map_err(retry)?;
            if self.has_advanced(ask).await? {
                return Ok(());
            }
            let command = ask.command(loaded.state.settled);
            match self
                .accounts
                .execute_loaded(loaded, &command, &cause.context())
                .await
            {
                Ok(_) => return Ok(()),
                Err(ExecuteError::Refused(AccountError::Forgot)) => {}
                Err(error) => return Err(retry(error)),
            }
        }
        Err(retry(AccountError::Forgot))
    }

    /// Returns whether the transfer has an event after the one that requests the step. Costs 0.5 RU: 1 consistent Query of one item.
    async fn has_advanced(&self, ask: &Ask) -> Result<bool, EffectError> {
        let stream = StreamId::new(CATEGORY, &ask.posting.transfer_id.to_string()).map_err(retry)?;
        let head = self.transfers.head(&stream).await.map_err(retry)?;
        Ok(head.is_some_and(|head| head.first > ask.version))
    }
}

impl Effects<Ask> for AccountsEffects {
    async fn run(&self, ask: Ask, cause: &Cause) -> Result<(), EffectError> {
        match ask.step {
            Step::Debit | Step::Credit => self.answer(&ask, cause).await,
            // The account refunds and settles only transfers that it remembers, so a repetition changes nothing.
            Step::Refund | Step::Settle(_) => {
                let command = ask.command(0);
                let done = self
                    .accounts
                    .execute(&ask.account_id, &command, &cause.context())
                    .await;
                done.map(drop).map_err(retry)
            }
        }
    }
}

fn retry(error: impl std::fmt::Display) -> EffectError {
    EffectError::Retry(error.to_string())
}
