//! Given these events, when that is asked, then this happens: without a table or a runtime.

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

/// As an account is asked that has forgotten nothing.
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
fn an_account_is_opened_once() {
    given::<Account>([]).when(open("10.00")).then([opened("10.00")]);
    given::<Account>([opened("10.00")])
        .when(open("10.00"))
        .then_error(AccountError::Exists);
}

#[test]
fn an_id_that_rejected_transfers_can_still_be_opened() {
    given::<Account>([debit_rejected(1, "1.00", RejectionReason::UnknownAccount)])
        .when(open("10.00"))
        .then([opened("10.00")]);
}

#[test]
fn a_debit_takes_up_to_the_whole_balance() {
    given::<Account>([opened("10.00")])
        .when(debit(1, "10.00"))
        .then([debited(1, "10.00")]);
    given::<Account>([opened("10.00")])
        .when(debit(1, "10.01"))
        .then([debit_rejected(1, "10.01", RejectionReason::InsufficientFunds)]);
}

#[test]
fn two_debits_do_not_use_the_same_money() {
    given::<Account>([opened("10.00"), debited(1, "6.00")])
        .when(debit(2, "6.00"))
        .then([debit_rejected(2, "6.00", RejectionReason::InsufficientFunds)]);
}

#[test]
fn a_credit_can_be_debited_at_once() {
    given::<Account>([opened("0.00"), credited(1, "6.00")])
        .when(debit(2, "6.00"))
        .then([debited(2, "6.00")]);
}

#[test]
fn an_unknown_account_gives_and_takes_nothing() {
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
fn a_closed_account_gives_and_takes_nothing() {
    let closed = || given::<Account>([opened("0.00"), AccountEvent::AccountClosed {}]);
    closed()
        .when(debit(1, "1.00"))
        .then([debit_rejected(1, "1.00", RejectionReason::AccountClosed)]);
    closed()
        .when(credit(1, "1.00"))
        .then([credit_rejected(1, "1.00", RejectionReason::AccountClosed)]);
}

#[test]
fn a_balance_is_an_amount_of_money_and_a_refund_always_fits() {
    given::<Account>([opened("9999999999.98")])
        .when(credit(1, "0.01"))
        .then([credited(1, "0.01")]);
    given::<Account>([opened("9999999999.99"), debited(1, "1.00")])
        .when(credit(2, "0.01"))
        .then([credit_rejected(2, "0.01", RejectionReason::BalanceTooLarge)]);
}

#[test]
fn a_repeated_answer_is_no_event_while_the_transfer_is_open() {
    given::<Account>([opened("10.00"), debited(1, "1.00")])
        .when(debit(1, "1.00"))
        .then_nothing();
    given::<Account>([opened("10.00"), credited(1, "1.00")])
        .when(credit(1, "1.00"))
        .then_nothing();
    // Also when the money has come meanwhile: the transfer has its answer.
    let rejected = debit_rejected(1, "1.00", RejectionReason::InsufficientFunds);
    given::<Account>([opened("0.00"), rejected, credited(2, "5.00")])
        .when(debit(1, "1.00"))
        .then_nothing();
}

#[test]
fn an_account_that_forgot_a_transfer_since_the_look_asks_for_another_look() {
    let history = || {
        let completed = settled(1, "1.00", TransferStatus::Completed);
        given::<Account>([opened("10.00"), debited(1, "1.00"), completed])
    };
    history().when(debit(1, "1.00")).then_error(AccountError::Forgot);
    history().when(credit(2, "1.00")).then_error(AccountError::Forgot);
    let after_a_look = AccountCommand::Debit {
        posting: posting(2, "1.00"),
        settled: 1,
    };
    history().when(after_a_look).then([debited(2, "1.00")]);
}

#[test]
fn only_what_was_taken_comes_back_and_once() {
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
fn an_ended_transfer_is_forgotten_once() {
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
fn an_account_that_remembers_too_many_transfers_makes_the_next_one_wait() {
    let full = (1..=MAX_OPEN_TRANSFERS as u128).map(|number| credited(number, "0.01"));
    given::<Account>([opened("0.00")].into_iter().chain(full))
        .when(credit(0, "0.01"))
        .then_error(AccountError::TooManyOpenTransfers);
}

#[test]
fn an_account_closes_when_nothing_is_on_it_or_can_come_back() {
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
