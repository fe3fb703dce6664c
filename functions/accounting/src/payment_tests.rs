use super::*;
use event_store::testing::given;

fn record_of(outcome: Outcome, amount: &str) -> Record {
    Record {
        order_id: OrderId::from_uuid(uuid::Uuid::from_u128(1)),
        consumer_id: ConsumerId::from_uuid(uuid::Uuid::from_u128(2)),
        amount: amount.parse().unwrap(),
        outcome,
    }
}

fn record(outcome: Outcome) -> Record {
    record_of(outcome, "12.34")
}

const DECLINED: Outcome = Outcome::Declined {
    reason: DeclineReason::InsufficientCredit,
};

fn revised(revision: u32) -> Outcome {
    Outcome::Revised { revision }
}

fn revision_declined(revision: u32) -> Outcome {
    Outcome::RevisionDeclined {
        revision,
        reason: DeclineReason::InsufficientCredit,
    }
}

fn undone(revision: u32) -> Outcome {
    Outcome::RevisionUndone { revision }
}

/// Returns the events of these decisions.
fn recorded(outcomes: &[(Outcome, &str)]) -> Vec<PaymentEvent> {
    outcomes
        .iter()
        .map(|(outcome, amount)| record_of(*outcome, amount).event())
        .collect()
}

fn details(outcomes: &[(Outcome, &str)]) -> PaymentDetails {
    given::<Payment>(recorded(outcomes)).state().0.unwrap()
}

#[test]
fn account_decision_is_recorded() {
    given::<Payment>([])
        .when(record(Outcome::Authorized))
        .then([PaymentEvent::PaymentAuthorized {
            order_id: OrderId::from_uuid(uuid::Uuid::from_u128(1)),
            consumer_id: ConsumerId::from_uuid(uuid::Uuid::from_u128(2)),
            amount: "12.34".parse().unwrap(),
        }]);
}

/// The outcome of each record after each history of a payment: `x` is recorded, `=` is recorded already, `-` is refused.
#[test]
fn every_decision_is_recorded_once_and_the_first_one_stands() {
    let records = [
        Outcome::Authorized,
        DECLINED,
        revised(1),
        revision_declined(1),
        undone(1),
        Outcome::Reversed,
        Outcome::Captured,
    ];
    let authorized = (Outcome::Authorized, "12.34");
    for (history, row) in [
        // authorized, declined, revised, revision declined, undone, reversed, captured; each to 9.99
        (vec![authorized], "=-xxxxx"),
        (vec![(DECLINED, "12.34")], "-=-x==-"),
        (vec![authorized, (revised(1), "20.00")], "=-==xxx"),
        (vec![authorized, (revision_declined(1), "20.00")], "=-==xxx"),
        (
            vec![authorized, (revised(1), "20.00"), (undone(1), "9.99")],
            "=-===xx",
        ),
        (vec![authorized, (revised(2), "20.00")], "=-===xx"),
        (vec![authorized, (Outcome::Reversed, "12.34")], "=--x==-"),
        (vec![authorized, (Outcome::Captured, "12.34")], "=--x==="),
    ] {
        for (outcome, cell) in records.into_iter().zip(row.chars()) {
            let status = details(&history).status;
            let record = record_of(outcome, "9.99");
            let test = given::<Payment>(recorded(&history)).when(record.clone());
            match cell {
                'x' => test.then([record.event()]),
                '=' => test.then([]),
                _ => test.then_error(PaymentError::AlreadyDecided(status)),
            }
        }
    }
}

#[test]
fn record_without_a_first_decision_is_refused() {
    for outcome in [
        revised(1),
        revision_declined(1),
        undone(1),
        Outcome::Reversed,
        Outcome::Captured,
    ] {
        given::<Payment>([])
            .when(record(outcome))
            .then_error(PaymentError::NotDecided);
    }
}

#[test]
fn payment_state_keeps_the_last_answer() {
    let authorized = (Outcome::Authorized, "12.34");
    let shown = |outcomes: &[_]| {
        let payment = details(outcomes);
        (
            payment.status,
            payment.amount.to_string(),
            payment.reason,
            payment.revision,
        )
    };
    let reason = Some(DeclineReason::InsufficientCredit);
    assert_eq!(
        shown(&[(DECLINED, "61.70")]),
        (PaymentStatus::Declined, "61.70".to_owned(), reason, None)
    );
    let mut history = vec![authorized, (revision_declined(1), "99.00")];
    assert_eq!(
        shown(&history),
        (PaymentStatus::Authorized, "12.34".to_owned(), reason, Some(1))
    );
    history.push((revised(2), "20.00"));
    assert_eq!(
        shown(&history),
        (PaymentStatus::Authorized, "20.00".to_owned(), None, Some(2))
    );
    history.push((Outcome::Captured, "20.00"));
    assert_eq!(
        shown(&history),
        (PaymentStatus::Captured, "20.00".to_owned(), None, Some(2))
    );
}
