use crate::account::{Account, AccountCommand, AccountError, Posting};
use commit::StreamId;
use contracts::transfer::CATEGORY;
use contracts::{AccountId, Invalid, Money, TransferEvent, TransferId, TransferStatus};
use event_store::{CommitReader, EventStore, ExecuteError};
use function::Wiring;
use projection::{ApplyError, Cause, EffectError, Effects, Published, Reactor};
use serde::{Deserialize, Serialize};

/// What the reactor asks of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// The account.
    pub account_id: AccountId,
    /// Its part of the transfer.
    pub posting: Posting,
    /// What it has to do.
    pub step: Step,
    /// The version of the transfer's event that asks for it.
    pub version: u64,
}

/// What an account has to do for a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Give the amount.
    Debit,
    /// Take the amount.
    Credit,
    /// Take the amount back.
    Refund,
    /// Forget the transfer, which has ended like this.
    Settle(TransferStatus),
}

impl Ask {
    /// Returns the command to an account that has forgotten so many transfers.
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

/// What a transfer is about, which only its creation says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    from: AccountId,
    to: AccountId,
    amount: Money,
}

/// Listens to transfers: the accounts' part of the process.
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

/// How often an account is asked again at once, because it has forgotten transfers meanwhile. After that the message is.
const LOOKS: usize = 8;

/// Carries out what the reactor asks.
#[derive(Clone)]
pub struct AccountsEffects {
    accounts: EventStore<Account>,
    transfers: CommitReader,
}

impl AccountsEffects {
    /// On the accounts' own event table, and the transfers' to look at.
    #[must_use]
    pub fn new(wiring: &Wiring) -> Self {
        Self {
            accounts: wiring.store(),
            transfers: wiring.commits(CATEGORY),
        }
    }

    /// Has a transfer answered, once for ever: 2 Queries and a PutItem.
    ///
    /// The account remembers the transfer until that one has ended. So the transfer is looked at *after* the account was loaded: if
    /// it has gone on, the answer was given; if not, only what the account forgets between its loading and the decision could hide
    /// an answer, and then it refuses ([`AccountError::Forgot`]). Nothing depends on how late a repetition comes.
    async fn answer(&self, ask: &Ask, cause: &Cause) -> Result<(), EffectError> {
        for _ in 0..LOOKS {
            let loaded = self.accounts.load(&ask.account_id).await.map_err(retry)?;
            if self.has_gone_on(ask).await? {
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

    /// Returns whether the transfer has an event after the one that asks. 1 consistent Query of one item (0.5 RU).
    async fn has_gone_on(&self, ask: &Ask) -> Result<bool, EffectError> {
        let stream = StreamId::new(CATEGORY, &ask.posting.transfer_id.to_string()).map_err(retry)?;
        let head = self.transfers.head(&stream).await.map_err(retry)?;
        Ok(head.is_some_and(|head| head.first > ask.version))
    }
}

impl Effects<Ask> for AccountsEffects {
    async fn run(&self, ask: Ask, cause: &Cause) -> Result<(), EffectError> {
        match ask.step {
            Step::Debit | Step::Credit => self.answer(&ask, cause).await,
            // What is not remembered is neither refunded nor forgotten a second time.
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
