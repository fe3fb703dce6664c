//! One account: its balance, and what it has answered to transfers that have not ended.

use contracts::account::{AccountEvent, CATEGORY, Owner, RejectionReason};
use contracts::{AccountId, Money, TransferId, TransferStatus};
use event_store::Decider;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

// State.

/// The maximum number of transfers that an account remembers at a time. A transfer needs a few seconds, so this is hundreds of
/// transfers a second on one account; one more waits until another one has ended. Each takes about 60 bytes of a snapshot.
pub const MAX_OPEN_TRANSFERS: usize = 1_000;

/// The state of an account. It grows with the transfers that have not ended ([`MAX_OPEN_TRANSFERS`]), not with all that ever were.
///
/// The names are stored in snapshots; a change of their meaning requires a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountState {
    /// What is known once it was opened. An account that nobody opened may have a stream: of transfers that it rejected.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub details: Option<AccountDetails>,
    /// What was answered to transfers that have not ended.
    #[serde(rename = "o", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open: BTreeMap<TransferId, Leg>,
    /// How many transfers it has forgotten, because they had ended.
    #[serde(rename = "s", default)]
    pub settled: u64,
}

/// An account that was opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountDetails {
    /// Whose it is.
    #[serde(rename = "w")]
    pub owner: Owner,
    /// The balance. What a transfer takes is taken when it begins.
    #[serde(rename = "b")]
    pub balance: Money,
    /// Whether it is closed for good.
    #[serde(rename = "c", default)]
    pub closed: bool,
}

/// An account's answer to a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Leg {
    /// The amount was taken.
    #[serde(rename = "d")]
    Debited(Money),
    /// The amount came back.
    #[serde(rename = "r")]
    Refunded,
    /// The amount was added.
    #[serde(rename = "c")]
    Credited,
    /// Nothing was taken or added.
    #[serde(rename = "n")]
    Rejected,
}

impl AccountState {
    /// Returns the sum of what was taken by transfers that may still give it back, in minor units.
    #[must_use]
    pub fn in_transfer(&self) -> i64 {
        let debited = self.open.values().map(|leg| match leg {
            Leg::Debited(amount) => amount.minor(),
            Leg::Refunded | Leg::Credited | Leg::Rejected => 0,
        });
        debited.fold(0, i64::saturating_add)
    }

    /// Changes the balance of an account that was opened. Decisions keep it between zero and the largest amount.
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
        /// Whose it is.
        owner: Owner,
        /// What is paid in.
        initial_balance: Money,
    },
    /// Takes the amount of a transfer, or rejects it.
    Debit {
        /// The transfer's part that is this account's.
        posting: Posting,
        /// What [`AccountState::settled`] was before the transfer was found to wait for the answer.
        settled: u64,
    },
    /// Adds the amount of a transfer, or rejects it.
    Credit {
        /// The transfer's part that is this account's.
        posting: Posting,
        /// What [`AccountState::settled`] was before the transfer was found to wait for the answer.
        settled: u64,
    },
    /// Gives back what a transfer took, once.
    Refund {
        /// The transfer's part that is this account's.
        posting: Posting,
    },
    /// Forgets a transfer that has ended.
    Settle {
        /// The transfer's part that is this account's.
        posting: Posting,
        /// How it ended.
        status: TransferStatus,
    },
    /// Closes the account for good.
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

/// Why an account refuses a command. What a transfer is refused is no error but an event, because the transfer waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The id is taken, by another command than this one.
    #[error("the id is taken")]
    Exists,
    /// Nobody opened an account under the id.
    #[error("there is no such account")]
    NotOpened,
    /// There is money on the account, or it may come back to it.
    #[error("the account has a balance, or a transfer from it has not ended")]
    NotEmpty,
    /// The account has forgotten transfers since this one was found to wait, so it may have been this one: look again.
    #[error("the account has forgotten transfers meanwhile; look at this one again")]
    Forgot,
    /// The account remembers as many transfers as it can.
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

/// Answers a transfer once. While the account remembers the transfer, a repetition is recognized by that. It forgets a transfer after
/// that one has ended, so who asks later finds that the transfer does not wait any more. Between that look and this decision nothing
/// may have been forgotten.
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

/// What may come back has its place in the balance, so that a refund never fails.
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

/// Only what was taken comes back, so a repetition finds nothing to do, however late.
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
