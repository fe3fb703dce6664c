//! The movements of given events, and the convergence of the fold (G6).

use crate::{AccountStatement, Movement, MovementKind};
use contracts::TransferStatus;
use contracts::account::AccountEvent;
use fixtures::{
    account, credit_rejected, credited, debit_rejected, debited, histories, history, opened, refunded,
    settled,
};
use projection::testing::{assert_commutes, journal};
use serde_json::{Value, json};
use testkit::converges;

/// Returns the movements of these events, with one commit per event.
fn movements(events: &[AccountEvent]) -> Vec<Value> {
    let rows = journal::<AccountStatement>(&history(7, events)).into_iter();
    rows.map(|row| row.data).collect()
}

/// Returns the kind, the transfer's status and the balance of each movement.
fn summaries(events: &[AccountEvent]) -> Vec<(MovementKind, Option<TransferStatus>, String)> {
    let movements = movements(events).into_iter();
    let movements = movements.map(|movement| serde_json::from_value(movement).unwrap());
    let summary = |movement: Movement| {
        let status = movement.transfer.map(|transfer| transfer.status);
        (movement.kind, status, movement.balance.to_string())
    };
    movements.map(summary).collect()
}

fn line(
    kind: MovementKind,
    status: TransferStatus,
    balance: &str,
) -> (MovementKind, Option<TransferStatus>, String) {
    (kind, Some(status), balance.to_owned())
}

#[test]
fn completed_transfer_is_listed_as_a_debit_and_a_settlement() {
    let events = [opened("Ada", "10.00"), debited(1, "4.00"), settled(1, "4.00")];
    assert_eq!(
        summaries(&events)[1..],
        [
            line(MovementKind::Debit, TransferStatus::Debited, "6.00"),
            line(MovementKind::Settled, TransferStatus::Completed, "6.00"),
        ]
    );
}

#[test]
fn refused_transfer_is_listed_as_a_debit_and_a_refund() {
    let events = [opened("Ada", "10.00"), debited(1, "4.00"), refunded(1, "4.00")];
    assert_eq!(
        summaries(&events)[1..],
        [
            line(MovementKind::Debit, TransferStatus::Debited, "6.00"),
            line(MovementKind::Refund, TransferStatus::Failed, "10.00"),
        ]
    );
}

#[test]
fn rejected_transfers_do_not_change_the_balance() {
    let events = [
        opened("Ada", "10.00"),
        debit_rejected(1, "40.00"),
        credited(2, "1.00"),
        credit_rejected(3, "40.00"),
    ];
    assert_eq!(
        summaries(&events)[1..],
        [
            line(MovementKind::DebitRejected, TransferStatus::Failed, "10.00"),
            line(MovementKind::Credit, TransferStatus::Completed, "11.00"),
            line(MovementKind::CreditRejected, TransferStatus::Refunding, "11.00"),
        ]
    );
}

#[test]
fn movement_has_the_fields_of_its_event() {
    assert_eq!(
        movements(&[opened("Ada", "10.00"), debit_rejected(1, "40.00")]),
        [
            json!({
                "at": "2026-11-18T11:06:40Z", "version": 1, "kind": "OPENED",
                "amount": "10.00", "balance": "10.00",
            }),
            json!({
                "at": "2026-11-18T11:06:41Z", "version": 2, "kind": "DEBIT_REJECTED", "amount": "40.00",
                "transfer": {
                    "id": "trf_00000000000000000000000000000001", "account": account(99), "status": "FAILED",
                },
                "reason": "INSUFFICIENT_FUNDS", "balance": "10.00",
            }),
        ]
    );
}

#[test]
fn every_event_adds_a_row_under_its_account() {
    let events = [
        opened("Ada", "0.00"),
        credited(1, "1.00"),
        AccountEvent::AccountClosed {},
    ];
    let rows = journal::<AccountStatement>(&history(7, &events));
    let places: Vec<_> = rows.iter().map(|row| (&*row.partition, &*row.sort)).collect();
    let account = account(7).to_string();
    assert_eq!(
        places,
        [
            (&*account, "00000000000000000001"),
            (&*account, "00000000000000000002"),
            (&*account, "00000000000000000003"),
        ]
    );
}

#[test]
fn duplicate_commits_give_the_same_movements() {
    let events = [opened("Ada", "10.00"), debited(1, "4.00"), refunded(1, "4.00")];
    assert_commutes::<AccountStatement>(&history(7, &events));
}

#[test]
fn g6_the_view_converges_under_any_delivery() {
    converges::<AccountStatement>(histories(), 100);
}
