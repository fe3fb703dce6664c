//! Given these events, when that is asked, then this happens: without a table or a runtime.

use crate::tests::{account, money};
use crate::{Answer, Transfer, TransferCommand, TransferError};
use contracts::{RejectionReason, TransferEvent};
use event_store::testing::given;

const REASON: RejectionReason = RejectionReason::InsufficientFunds;

fn created() -> TransferEvent {
    TransferEvent::TransferCreated {
        from: account(1),
        to: account(2),
        amount: money("5.00"),
    }
}

fn debited() -> TransferEvent {
    TransferEvent::TransferDebited {}
}

fn refused() -> TransferEvent {
    TransferEvent::TransferRefused { reason: REASON }
}

fn completed() -> TransferEvent {
    TransferEvent::TransferCompleted {}
}

fn failed() -> TransferEvent {
    TransferEvent::TransferFailed { reason: REASON }
}

fn create(from: u128, to: u128, amount: &str) -> TransferCommand {
    TransferCommand::Create {
        from: account(from),
        to: account(to),
        amount: money(amount),
    }
}

/// What an answer does to a transfer in each of its statuses: pending, debited, completed, refunding, and failed with and without a
/// refund. `None` is nothing.
fn answered(answer: Answer) -> [Result<Option<TransferEvent>, TransferError>; 6] {
    let histories = [
        vec![created()],
        vec![created(), debited()],
        vec![created(), debited(), completed()],
        vec![created(), debited(), refused()],
        vec![created(), debited(), refused(), failed()],
        vec![created(), failed()],
    ];
    histories.map(|history| {
        let state = given::<Transfer>(history).state();
        let decided = <Transfer as event_store::Decider>::decide(&state, &TransferCommand::Note(answer));
        decided.map(|events| events.into_iter().next())
    })
}

const CONTRADICTION: Result<Option<TransferEvent>, TransferError> = Err(TransferError::Contradiction);

#[test]
fn a_transfer_is_created_once() {
    given::<Transfer>([]).when(create(1, 2, "5.00")).then([created()]);
    given::<Transfer>([created()])
        .when(create(1, 2, "5.00"))
        .then_error(TransferError::Exists);
}

#[test]
fn a_transfer_is_between_two_accounts_and_of_some_amount() {
    given::<Transfer>([])
        .when(create(1, 1, "5.00"))
        .then_error(TransferError::SameAccount);
    given::<Transfer>([])
        .when(create(1, 2, "0.00"))
        .then_error(TransferError::NoAmount);
}

#[test]
fn an_answer_to_a_transfer_that_was_not_created_is_refused() {
    given::<Transfer>([])
        .when(TransferCommand::Note(Answer::Debited))
        .then_error(TransferError::NotCreated);
}

#[test]
fn a_debit_moves_a_pending_transfer_on() {
    assert_eq!(
        answered(Answer::Debited),
        [
            Ok(Some(debited())),
            Ok(None),
            Ok(None),
            Ok(None),
            Ok(None),
            CONTRADICTION
        ]
    );
}

#[test]
fn a_rejected_debit_fails_a_pending_transfer() {
    assert_eq!(
        answered(Answer::DebitRejected(REASON)),
        [
            Ok(Some(failed())),
            CONTRADICTION,
            CONTRADICTION,
            CONTRADICTION,
            CONTRADICTION,
            Ok(None)
        ]
    );
}

#[test]
fn a_credit_completes_a_debited_transfer() {
    assert_eq!(
        answered(Answer::Credited),
        [
            CONTRADICTION,
            Ok(Some(completed())),
            Ok(None),
            CONTRADICTION,
            CONTRADICTION,
            CONTRADICTION
        ]
    );
}

#[test]
fn a_rejected_credit_makes_a_debited_transfer_wait_for_the_refund() {
    assert_eq!(
        answered(Answer::CreditRejected(REASON)),
        [
            CONTRADICTION,
            Ok(Some(refused())),
            CONTRADICTION,
            Ok(None),
            Ok(None),
            CONTRADICTION
        ]
    );
}

#[test]
fn a_refund_fails_the_transfer_for_the_reason_of_the_refusal() {
    assert_eq!(
        answered(Answer::Refunded),
        [
            CONTRADICTION,
            CONTRADICTION,
            CONTRADICTION,
            Ok(Some(failed())),
            Ok(None),
            CONTRADICTION
        ]
    );
}
