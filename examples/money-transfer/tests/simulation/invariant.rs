//! The invariant: no money is made or lost.

use accounts::{Account, AccountState};
use anyhow::{Context, bail, ensure};
use commit::{Commit, Event};
use contracts::{AccountEvent, AccountId, Money, TransferEvent, TransferId};
use event_store::Decider;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of completed, rejected and refunded transfers in all runs of this process.
pub(crate) static ENDS: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];

/// Checks the history of a system at rest. The sum of all balances is the amount that was paid in, and no balance was ever negative.
/// Every transfer has completed or failed, with the matching legs, and no account remembers a transfer.
pub(crate) fn agree(history: &[Commit]) -> anyhow::Result<()> {
    let mut books = Books::default();
    for commit in history {
        for event in &commit.events {
            let id = commit.stream.id();
            if commit.stream.category() == Account::CATEGORY {
                books.account(id.parse()?, &AccountEvent::decode(event)?)?;
            } else {
                books.transfer(id.parse()?, &TransferEvent::decode(event)?);
            }
        }
    }
    books.close()
}

#[derive(Default)]
struct Books {
    paid_in: i64,
    balances: BTreeMap<AccountId, i64>,
    accounts: BTreeMap<AccountId, AccountState>,
    transfers: BTreeMap<TransferId, Story>,
}

/// The outcome of one transfer and its movements of money.
#[derive(Debug, Default)]
struct Story {
    created: Option<(AccountId, AccountId, Money)>,
    completed: bool,
    failed: bool,
    legs: Vec<Leg>,
}

/// A movement of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leg {
    Debit(AccountId, Money),
    Credit(AccountId, Money),
    Refund(AccountId, Money),
}

impl Books {
    fn account(&mut self, id: AccountId, event: &AccountEvent) -> anyhow::Result<()> {
        let state = self.accounts.entry(id).or_default();
        *state = Account::evolve(std::mem::take(state), event);
        let (transfer_id, leg, change) = match *event {
            AccountEvent::AccountOpened { initial_balance, .. } => {
                self.paid_in += initial_balance.minor();
                *self.balances.entry(id).or_default() += initial_balance.minor();
                return Ok(());
            }
            AccountEvent::AccountDebited {
                transfer_id, amount, ..
            } => (transfer_id, Leg::Debit(id, amount), -amount.minor()),
            AccountEvent::AccountCredited {
                transfer_id, amount, ..
            } => (transfer_id, Leg::Credit(id, amount), amount.minor()),
            AccountEvent::AccountRefunded {
                transfer_id, amount, ..
            } => (transfer_id, Leg::Refund(id, amount), amount.minor()),
            AccountEvent::DebitRejected { .. }
            | AccountEvent::CreditRejected { .. }
            | AccountEvent::TransferSettled { .. }
            | AccountEvent::AccountClosed {} => return Ok(()),
        };
        self.transfers.entry(transfer_id).or_default().legs.push(leg);
        let balance = self.balances.entry(id).or_default();
        *balance += change;
        ensure!(*balance >= 0, "the balance of account {id} is {balance}");
        Ok(())
    }

    fn transfer(&mut self, id: TransferId, event: &TransferEvent) {
        let story = self.transfers.entry(id).or_default();
        match *event {
            TransferEvent::TransferCreated { from, to, amount } => story.created = Some((from, to, amount)),
            TransferEvent::TransferCompleted {} => story.completed = true,
            TransferEvent::TransferFailed { .. } => story.failed = true,
            TransferEvent::TransferDebited {} | TransferEvent::TransferRefused { .. } => {}
        }
    }

    fn close(self) -> anyhow::Result<()> {
        let (paid_in, sum) = (self.paid_in, self.balances.values().sum::<i64>());
        ensure!(sum == paid_in, "the balances sum to {sum}, not {paid_in}");
        for (id, story) in self.transfers {
            let end = story.end().with_context(|| format!("transfer {id}"))?;
            ENDS[end].fetch_add(1, Ordering::Relaxed);
        }
        for (id, AccountState { open, .. }) in self.accounts {
            ensure!(open.is_empty(), "account {id} still remembers {open:?}");
        }
        Ok(())
    }
}

impl Story {
    /// Returns the transfer's index in [`ENDS`].
    fn end(mut self) -> anyhow::Result<usize> {
        let created = self.created;
        let (from, to, amount) =
            created.context("accounts moved money for a transfer that was not created")?;
        // The history lists the accounts' streams one after the other, so the order of the legs is not known.
        self.legs
            .sort_unstable_by_key(|leg| !matches!(leg, Leg::Debit(..)));
        let debit = Leg::Debit(from, amount);
        let (credit, refund) = (Leg::Credit(to, amount), Leg::Refund(from, amount));
        match (self.completed, self.failed, &*self.legs) {
            (true, false, legs) if legs == [debit, credit] => Ok(0),
            (false, true, []) => Ok(1),
            (false, true, legs) if legs == [debit, refund] => Ok(2),
            _ => bail!("{self:?}"),
        }
    }
}
