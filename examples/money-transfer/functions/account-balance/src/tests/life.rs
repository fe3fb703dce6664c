//! Histories of accounts, as the accounts service writes them: balances never leave the amounts of money.

use commit::Commit;
use contracts::account::{AccountEvent, CATEGORY, RejectionReason};
use contracts::{AccountId, Money, TransferId, TransferStatus};
use jiff::Timestamp;
use testkit::commits;
use uuid::Uuid;

pub(crate) fn account(number: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(number))
}

fn transfer(number: u128) -> TransferId {
    TransferId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn money(amount: &str) -> Money {
    amount.parse().unwrap()
}

pub(crate) fn opened(owner: &str, balance: &str) -> AccountEvent {
    AccountEvent::AccountOpened {
        owner: owner.parse().unwrap(),
        initial_balance: money(balance),
    }
}

pub(crate) fn debited(number: u128, amount: &str) -> AccountEvent {
    AccountEvent::AccountDebited {
        transfer_id: transfer(number),
        to: account(99),
        amount: money(amount),
    }
}

pub(crate) fn debit_rejected(number: u128, amount: &str) -> AccountEvent {
    AccountEvent::DebitRejected {
        transfer_id: transfer(number),
        to: account(99),
        amount: money(amount),
        reason: RejectionReason::InsufficientFunds,
    }
}

pub(crate) fn credited(number: u128, amount: &str) -> AccountEvent {
    AccountEvent::AccountCredited {
        transfer_id: transfer(number),
        from: account(99),
        amount: money(amount),
    }
}

pub(crate) fn credit_rejected(number: u128, amount: &str) -> AccountEvent {
    AccountEvent::CreditRejected {
        transfer_id: transfer(number),
        from: account(99),
        amount: money(amount),
        reason: RejectionReason::BalanceTooLarge,
    }
}

pub(crate) fn refunded(number: u128, amount: &str) -> AccountEvent {
    AccountEvent::AccountRefunded {
        transfer_id: transfer(number),
        to: account(99),
        amount: money(amount),
    }
}

pub(crate) fn settled(number: u128, amount: &str) -> AccountEvent {
    AccountEvent::TransferSettled {
        transfer_id: transfer(number),
        other: account(99),
        amount: money(amount),
        status: TransferStatus::Completed,
    }
}

/// What a transfer with this number may leave on an account, in one of five ways. No more is taken than was there before.
pub(crate) fn part(kind: usize, number: u128) -> Vec<AccountEvent> {
    match kind {
        0 => vec![debited(number, "1.00"), settled(number, "1.00")],
        1 => vec![credited(number, "2.50"), settled(number, "2.50")],
        2 => vec![
            debited(number, "1.00"),
            refunded(number, "1.00"),
            settled(number, "1.00"),
        ],
        3 => vec![debit_rejected(number, "99.00"), settled(number, "99.00")],
        _ => vec![credit_rejected(number, "99.00"), settled(number, "99.00")],
    }
}

/// One commit for each event, a second after one another.
pub(crate) fn history(number: u128, events: &[AccountEvent]) -> Vec<Commit> {
    let begins = Timestamp::from_second(1_795_000_000).unwrap();
    commits(&format!("{CATEGORY}#{}", account(number)), begins, events)
}
