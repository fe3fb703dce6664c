//! The rules of transfers as given events, a command and the expected result, without a table or a runtime.

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

/// Returns the decision about an answer in each status of a transfer: pending, debited, completed, refunding, failed with a refund and
/// failed without one. `None` means no event.
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
fn transfer_is_created_once() {
    given::<Transfer>([]).when(create(1, 2, "5.00")).then([created()]);
    given::<Transfer>([created()])
        .when(create(1, 2, "5.00"))
        .then_error(TransferError::Exists);
}

#[test]
fn transfer_to_the_same_account_or_of_zero_is_refused() {
    given::<Transfer>([])
        .when(create(1, 1, "5.00"))
        .then_error(TransferError::SameAccount);
    given::<Transfer>([])
        .when(create(1, 2, "0.00"))
        .then_error(TransferError::NoAmount);
}

#[test]
fn answer_to_an_uncreated_transfer_is_refused() {
    given::<Transfer>([])
        .when(TransferCommand::Note(Answer::Debited))
        .then_error(TransferError::NotCreated);
}

#[test]
fn debit_makes_a_pending_transfer_debited() {
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
fn rejected_debit_fails_a_pending_transfer() {
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
fn credit_completes_a_debited_transfer() {
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
fn rejected_credit_makes_a_debited_transfer_refunding() {
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
fn refund_fails_a_transfer_with_the_reason_of_the_rejection() {
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
