//! The rules of accounts as given events, a command and the expected result, without a table or a runtime.

use crate::tests::{account, money, posting, transfer};
use crate::{Account, AccountCommand, AccountError, MAX_OPEN_TRANSFERS};
use contracts::TransferStatus;
use contracts::account::{AccountEvent, RejectionReason};
use event_store::testing::given;

fn opened(balance: &str) -> AccountEvent {
    AccountEvent::AccountOpened {
        owner: "Ada Lovelace".parse().unwrap(),
        initial_balance: money(balance),
    }
}

fn debited(number: u128, amount: &str) -> AccountEvent {
    AccountEvent::AccountDebited {
        transfer_id: transfer(number),
        to: account(2),
        amount: money(amount),
    }
}

fn debit_rejected(number: u128, amount: &str, reason: RejectionReason) -> AccountEvent {
    AccountEvent::DebitRejected {
        transfer_id: transfer(number),
        to: account(2),
        amount: money(amount),
        reason,
    }
}

fn credited(number: u128, amount: &str) -> AccountEvent {
    AccountEvent::AccountCredited {
        transfer_id: transfer(number),
        from: account(2),
        amount: money(amount),
    }
}

fn credit_rejected(number: u128, amount: &str, reason: RejectionReason) -> AccountEvent {
    AccountEvent::CreditRejected {
        transfer_id: transfer(number),
        from: account(2),
        amount: money(amount),
        reason,
    }
}

fn refunded(number: u128, amount: &str) -> AccountEvent {
    AccountEvent::AccountRefunded {
        transfer_id: transfer(number),
        to: account(2),
        amount: money(amount),
    }
}

fn settled(number: u128, amount: &str, status: TransferStatus) -> AccountEvent {
    AccountEvent::TransferSettled {
        transfer_id: transfer(number),
        other: account(2),
        amount: money(amount),
        status,
    }
}

fn open(balance: &str) -> AccountCommand {
    AccountCommand::Open {
        owner: "Ada Lovelace".parse().unwrap(),
        initial_balance: money(balance),
    }
}

/// Returns a debit for an account that has settled no transfer.
fn debit(number: u128, amount: &str) -> AccountCommand {
    AccountCommand::Debit {
        posting: posting(number, amount),
        settled: 0,
    }
}

fn credit(number: u128, amount: &str) -> AccountCommand {
    AccountCommand::Credit {
        posting: posting(number, amount),
        settled: 0,
    }
}

fn refund(number: u128, amount: &str) -> AccountCommand {
    AccountCommand::Refund {
        posting: posting(number, amount),
    }
}

fn settle(number: u128, amount: &str, status: TransferStatus) -> AccountCommand {
    AccountCommand::Settle {
        posting: posting(number, amount),
        status,
    }
}

#[test]
fn account_is_opened_once() {
    given::<Account>([]).when(open("10.00")).then([opened("10.00")]);
    given::<Account>([opened("10.00")])
        .when(open("10.00"))
        .then_error(AccountError::Exists);
}

#[test]
fn account_can_be_opened_after_it_rejected_transfers() {
    given::<Account>([debit_rejected(1, "1.00", RejectionReason::UnknownAccount)])
        .when(open("10.00"))
        .then([opened("10.00")]);
}

#[test]
fn debit_of_the_whole_balance_is_accepted_and_above_it_is_rejected() {
    given::<Account>([opened("10.00")])
        .when(debit(1, "10.00"))
        .then([debited(1, "10.00")]);
    given::<Account>([opened("10.00")])
        .when(debit(1, "10.01"))
        .then([debit_rejected(1, "10.01", RejectionReason::InsufficientFunds)]);
}

#[test]
fn debit_above_the_remaining_balance_is_rejected() {
    given::<Account>([opened("10.00"), debited(1, "6.00")])
        .when(debit(2, "6.00"))
        .then([debit_rejected(2, "6.00", RejectionReason::InsufficientFunds)]);
}

#[test]
fn credited_amount_can_be_debited_at_once() {
    given::<Account>([opened("0.00"), credited(1, "6.00")])
        .when(debit(2, "6.00"))
        .then([debited(2, "6.00")]);
}

#[test]
fn unknown_account_rejects_debits_and_credits() {
    given::<Account>([]).when(debit(1, "1.00")).then([debit_rejected(
        1,
        "1.00",
        RejectionReason::UnknownAccount,
    )]);
    given::<Account>([])
        .when(credit(1, "1.00"))
        .then([credit_rejected(1, "1.00", RejectionReason::UnknownAccount)]);
}

#[test]
fn closed_account_rejects_debits_and_credits() {
    let closed = || given::<Account>([opened("0.00"), AccountEvent::AccountClosed {}]);
    closed()
        .when(debit(1, "1.00"))
        .then([debit_rejected(1, "1.00", RejectionReason::AccountClosed)]);
    closed()
        .when(credit(1, "1.00"))
        .then([credit_rejected(1, "1.00", RejectionReason::AccountClosed)]);
}

#[test]
fn credit_that_leaves_no_room_for_a_refund_is_rejected() {
    given::<Account>([opened("9999999999.98")])
        .when(credit(1, "0.01"))
        .then([credited(1, "0.01")]);
    given::<Account>([opened("9999999999.99"), debited(1, "1.00")])
        .when(credit(2, "0.01"))
        .then([credit_rejected(2, "0.01", RejectionReason::BalanceTooLarge)]);
}

#[test]
fn repeated_command_for_an_open_transfer_adds_no_event() {
    given::<Account>([opened("10.00"), debited(1, "1.00")])
        .when(debit(1, "1.00"))
        .then_nothing();
    given::<Account>([opened("10.00"), credited(1, "1.00")])
        .when(credit(1, "1.00"))
        .then_nothing();
    // This also holds when the balance has become sufficient, because the transfer has its answer.
    let rejected = debit_rejected(1, "1.00", RejectionReason::InsufficientFunds);
    given::<Account>([opened("0.00"), rejected, credited(2, "5.00")])
        .when(debit(1, "1.00"))
        .then_nothing();
}

#[test]
fn debit_or_credit_is_refused_if_the_account_has_settled_transfers_since_its_load() {
    let history = || {
        let completed = settled(1, "1.00", TransferStatus::Completed);
        given::<Account>([opened("10.00"), debited(1, "1.00"), completed])
    };
    history().when(debit(1, "1.00")).then_error(AccountError::Forgot);
    history().when(credit(2, "1.00")).then_error(AccountError::Forgot);
    let after_reload = AccountCommand::Debit {
        posting: posting(2, "1.00"),
        settled: 1,
    };
    history().when(after_reload).then([debited(2, "1.00")]);
}

#[test]
fn only_a_debited_amount_is_refunded_and_only_once() {
    let debit = || debited(1, "1.00");
    given::<Account>([opened("10.00"), debit()])
        .when(refund(1, "1.00"))
        .then([refunded(1, "1.00")]);
    given::<Account>([opened("10.00"), debit(), refunded(1, "1.00")])
        .when(refund(1, "1.00"))
        .then_nothing();
    given::<Account>([opened("10.00"), credited(1, "1.00")])
        .when(refund(1, "1.00"))
        .then_nothing();
    let failed = settled(1, "1.00", TransferStatus::Failed);
    given::<Account>([opened("10.00"), debit(), refunded(1, "1.00"), failed])
        .when(refund(1, "1.00"))
        .then_nothing();
}

#[test]
fn ended_transfer_is_settled_once() {
    let settle = || settle(1, "1.00", TransferStatus::Completed);
    let completed = || settled(1, "1.00", TransferStatus::Completed);
    given::<Account>([opened("10.00"), debited(1, "1.00")])
        .when(settle())
        .then([completed()]);
    let state = given::<Account>([opened("10.00"), debited(1, "1.00"), completed()])
        .when(settle())
        .then_state();
    assert!(state.open.is_empty());
    given::<Account>([]).when(settle()).then_nothing();
}

#[test]
fn transfer_above_the_maximum_of_open_transfers_is_refused() {
    let full = (1..=MAX_OPEN_TRANSFERS as u128).map(|number| credited(number, "0.01"));
    given::<Account>([opened("0.00")].into_iter().chain(full))
        .when(credit(0, "0.01"))
        .then_error(AccountError::TooManyOpenTransfers);
}

#[test]
fn only_an_account_without_balance_or_possible_refund_can_be_closed() {
    let closed = || AccountEvent::AccountClosed {};
    given::<Account>([opened("0.00")])
        .when(AccountCommand::Close)
        .then([closed()]);
    given::<Account>([opened("0.00"), closed()])
        .when(AccountCommand::Close)
        .then_nothing();
    given::<Account>([opened("0.01")])
        .when(AccountCommand::Close)
        .then_error(AccountError::NotEmpty);
    given::<Account>([opened("1.00"), debited(1, "1.00")])
        .when(AccountCommand::Close)
        .then_error(AccountError::NotEmpty);
    given::<Account>([])
        .when(AccountCommand::Close)
        .then_error(AccountError::NotOpened);
}
