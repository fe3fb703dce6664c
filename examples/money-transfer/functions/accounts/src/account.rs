//! One account: its balance, and its answers to transfers that have not ended.

use contracts::account::{AccountEvent, CATEGORY, Owner, RejectionReason};
use contracts::{AccountId, Money, TransferId, TransferStatus};
use event_store::Decider;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

// State.

/// The maximum number of transfers that an account remembers at a time. A transfer takes a few seconds, so this allows hundreds of
/// transfers per second on one account. A further transfer waits until another one has ended. Each takes about 60 bytes of a snapshot.
pub const MAX_OPEN_TRANSFERS: usize = 1_000;

/// The state of an account. It grows with the transfers that have not ended ([`MAX_OPEN_TRANSFERS`]), not with all transfers.
///
/// The names are stored in snapshots; a change of their meaning requires a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountState {
    /// The details; `None` before the account is opened. An unopened account may still have a stream of rejected transfers.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub details: Option<AccountDetails>,
    /// The account's answers to transfers that have not ended.
    #[serde(rename = "o", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open: BTreeMap<TransferId, Leg>,
    /// The number of ended transfers that the account has removed from `open`.
    #[serde(rename = "s", default)]
    pub settled: u64,
}

/// An account that was opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountDetails {
    /// The owner.
    #[serde(rename = "w")]
    pub owner: Owner,
    /// The balance, without the amounts of debited transfers.
    #[serde(rename = "b")]
    pub balance: Money,
    /// Whether the account is permanently closed.
    #[serde(rename = "c", default)]
    pub closed: bool,
}

/// An account's answer to a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Leg {
    /// The amount was taken.
    #[serde(rename = "d")]
    Debited(Money),
    /// The amount was refunded.
    #[serde(rename = "r")]
    Refunded,
    /// The amount was added.
    #[serde(rename = "c")]
    Credited,
    /// The debit or credit was rejected.
    #[serde(rename = "n")]
    Rejected,
}

impl AccountState {
    /// Returns the sum of the debited amounts that may still be refunded, in minor units.
    #[must_use]
    pub fn in_transfer(&self) -> i64 {
        let debited = self.open.values().map(|leg| match leg {
            Leg::Debited(amount) => amount.minor(),
            Leg::Refunded | Leg::Credited | Leg::Rejected => 0,
        });
        debited.fold(0, i64::saturating_add)
    }

    /// Changes the balance of an opened account. Decisions keep it between zero and the largest amount.
    fn post(&mut self, change: impl Fn(Money) -> Option<Money>) {
        if let Some(details) = &mut self.details {
            details.balance = change(details.balance).unwrap_or(details.balance);
        }
    }
}

fn evolve(mut state: AccountState, event: &AccountEvent) -> AccountState {
    match event {
        AccountEvent::AccountOpened {
            owner,
            initial_balance,
        } => {
            state.details = Some(AccountDetails {
                owner: owner.clone(),
                balance: *initial_balance,
                closed: false,
            });
        }
        AccountEvent::AccountDebited {
            transfer_id, amount, ..
        } => {
            state.open.insert(*transfer_id, Leg::Debited(*amount));
            state.post(|balance| balance.checked_sub(*amount));
        }
        AccountEvent::AccountCredited {
            transfer_id, amount, ..
        } => {
            state.open.insert(*transfer_id, Leg::Credited);
            state.post(|balance| balance.checked_add(*amount));
        }
        AccountEvent::AccountRefunded {
            transfer_id, amount, ..
        } => {
            state.open.insert(*transfer_id, Leg::Refunded);
            state.post(|balance| balance.checked_add(*amount));
        }
        AccountEvent::DebitRejected { transfer_id, .. }
        | AccountEvent::CreditRejected { transfer_id, .. } => {
            state.open.insert(*transfer_id, Leg::Rejected);
        }
        AccountEvent::TransferSettled { transfer_id, .. } => {
            state.open.remove(transfer_id);
            state.settled += 1;
        }
        AccountEvent::AccountClosed {} => {
            if let Some(details) = &mut state.details {
                details.closed = true;
            }
        }
    }
    state
}

// Decide.

/// The commands of an account.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountCommand {
    /// Opens the account.
    Open {
        /// The owner.
        owner: Owner,
        /// The amount that is paid in.
        initial_balance: Money,
    },
    /// Debits the amount of a transfer, or rejects the debit.
    Debit {
        /// This account's part of the transfer.
        posting: Posting,
        /// The value of [`AccountState::settled`] before the transfer was read.
        settled: u64,
    },
    /// Credits the amount of a transfer, or rejects the credit.
    Credit {
        /// This account's part of the transfer.
        posting: Posting,
        /// The value of [`AccountState::settled`] before the transfer was read.
        settled: u64,
    },
    /// Refunds the amount that a transfer debited, once.
    Refund {
        /// This account's part of the transfer.
        posting: Posting,
    },
    /// Settles a transfer that has ended, so that the account no longer remembers it.
    Settle {
        /// This account's part of the transfer.
        posting: Posting,
        /// The transfer's final status.
        status: TransferStatus,
    },
    /// Closes the account permanently.
    Close,
}

/// One account's part of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// The transfer.
    pub transfer_id: TransferId,
    /// The other account.
    pub other: AccountId,
    /// The amount.
    pub amount: Money,
}

/// Why an account refuses a command. The rejection of a transfer is not an error but an event, because the transfer waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// Another command has already used the id.
    #[error("the id is taken")]
    Exists,
    /// No account was opened under the id.
    #[error("there is no such account")]
    NotOpened,
    /// The account has a balance, or an amount may still be refunded to it.
    #[error("the account has a balance, or a transfer from it has not ended")]
    NotEmpty,
    /// The account has settled transfers since it was loaded, and this one may be among them. Load the account and read the transfer
    /// again.
    #[error("the account has settled transfers since it was loaded; load it and read the transfer again")]
    Forgot,
    /// The account already remembers the maximum number of transfers.
    #[error("{MAX_OPEN_TRANSFERS} transfers of the account have not ended; try again when some have")]
    TooManyOpenTransfers,
}

fn decide(state: &AccountState, command: &AccountCommand) -> Result<Vec<AccountEvent>, AccountError> {
    match command {
        AccountCommand::Open { .. } if state.details.is_some() => Err(AccountError::Exists),
        AccountCommand::Open {
            owner,
            initial_balance,
        } => Ok(vec![AccountEvent::AccountOpened {
            owner: owner.clone(),
            initial_balance: *initial_balance,
        }]),
        AccountCommand::Debit { posting, settled } => answer(state, posting, *settled, debit),
        AccountCommand::Credit { posting, settled } => answer(state, posting, *settled, credit),
        AccountCommand::Refund { posting } => Ok(refund(state, posting).into_iter().collect()),
        AccountCommand::Settle { posting, status } => {
            Ok(settle(state, posting, *status).into_iter().collect())
        }
        AccountCommand::Close => close(state),
    }
}

/// Answers a transfer once. While the account remembers the transfer, it recognizes a repetition. After the transfer is settled, the
/// caller detects a repetition by reading the transfer. `settled` guarantees that no transfer was settled between the load that precedes
/// this read and the decision.
fn answer(
    state: &AccountState,
    posting: &Posting,
    settled: u64,
    decide: fn(&AccountState, &Posting) -> AccountEvent,
) -> Result<Vec<AccountEvent>, AccountError> {
    if state.open.contains_key(&posting.transfer_id) {
        return Ok(vec![]);
    }
    if state.settled != settled {
        return Err(AccountError::Forgot);
    }
    if state.open.len() >= MAX_OPEN_TRANSFERS {
        return Err(AccountError::TooManyOpenTransfers);
    }
    Ok(vec![decide(state, posting)])
}

fn debit(state: &AccountState, posting: &Posting) -> AccountEvent {
    let Posting {
        transfer_id,
        other: to,
        amount,
    } = *posting;
    let covered = usable(state).and_then(|details| match details.balance.checked_sub(amount) {
        Some(_) => Ok(()),
        None => Err(RejectionReason::InsufficientFunds),
    });
    match covered {
        Ok(()) => AccountEvent::AccountDebited {
            transfer_id,
            to,
            amount,
        },
        Err(reason) => AccountEvent::DebitRejected {
            transfer_id,
            to,
            amount,
            reason,
        },
    }
}

/// Rejects a credit that would leave no room in the balance for all possible refunds, so that a refund never fails.
fn credit(state: &AccountState, posting: &Posting) -> AccountEvent {
    let Posting {
        transfer_id,
        other: from,
        amount,
    } = *posting;
    let taken = usable(state).and_then(|details| {
        let largest = Money::MAX.minor().saturating_sub(state.in_transfer());
        match details.balance.checked_add(amount) {
            Some(balance) if balance.minor() <= largest => Ok(()),
            _ => Err(RejectionReason::BalanceTooLarge),
        }
    });
    match taken {
        Ok(()) => AccountEvent::AccountCredited {
            transfer_id,
            from,
            amount,
        },
        Err(reason) => AccountEvent::CreditRejected {
            transfer_id,
            from,
            amount,
            reason,
        },
    }
}

fn usable(state: &AccountState) -> Result<&AccountDetails, RejectionReason> {
    match &state.details {
        None => Err(RejectionReason::UnknownAccount),
        Some(details) if details.closed => Err(RejectionReason::AccountClosed),
        Some(details) => Ok(details),
    }
}

/// Refunds only an amount that the account remembers as debited, so a repetition has no effect, however late it comes.
fn refund(state: &AccountState, posting: &Posting) -> Option<AccountEvent> {
    match state.open.get(&posting.transfer_id) {
        Some(Leg::Debited(amount)) => Some(AccountEvent::AccountRefunded {
            transfer_id: posting.transfer_id,
            to: posting.other,
            amount: *amount,
        }),
        Some(Leg::Refunded | Leg::Credited | Leg::Rejected) | None => None,
    }
}

fn settle(state: &AccountState, posting: &Posting, status: TransferStatus) -> Option<AccountEvent> {
    let settled = AccountEvent::TransferSettled {
        transfer_id: posting.transfer_id,
        other: posting.other,
        amount: posting.amount,
        status,
    };
    state.open.contains_key(&posting.transfer_id).then_some(settled)
}

fn close(state: &AccountState) -> Result<Vec<AccountEvent>, AccountError> {
    let details = state.details.as_ref().ok_or(AccountError::NotOpened)?;
    if details.closed {
        return Ok(vec![]);
    }
    if details.balance != Money::ZERO || state.in_transfer() != 0 {
        return Err(AccountError::NotEmpty);
    }
    Ok(vec![AccountEvent::AccountClosed {}])
}

/// The decider of accounts.
#[derive(Debug, Clone, Copy)]
pub struct Account;

impl Decider for Account {
    type Id = AccountId;
    type Command = AccountCommand;
    type Event = AccountEvent;
    type State = AccountState;
    type Error = AccountError;
    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 1;

    fn decide(state: &AccountState, command: &AccountCommand) -> Result<Vec<AccountEvent>, AccountError> {
        decide(state, command)
    }

    fn evolve(state: AccountState, event: &AccountEvent) -> AccountState {
        evolve(state, event)
    }
}
