//! The fold alone: the movements that given events produce.

use crate::tests::commits::{
    Life, authorized, captured, consumer, declined, limit_set, opened, order, reversed, revised,
    revision_declined, revision_undone,
};
use crate::{AccountStatement, Movement, MovementKind};
use contracts::account::AccountEvent;
use projection::testing::{assert_commutes, fold, journal};
use serde_json::json;

/// Returns the movements of these events, each a commit of its own.
fn movements(events: &[AccountEvent]) -> Vec<Movement> {
    let mut life = Life::new(7);
    let commits: Vec<_> = events
        .iter()
        .map(|event| life.commit(std::slice::from_ref(event)))
        .collect();
    let rows = journal::<AccountStatement>(&commits).into_iter();
    rows.map(|row| serde_json::from_value(row.data).unwrap())
        .collect()
}

/// Returns the kind of each movement, and the sum held back after it.
fn held_back(events: &[AccountEvent]) -> Vec<(MovementKind, String)> {
    let movements = movements(events).into_iter();
    movements
        .map(|movement| (movement.kind, movement.held_back))
        .collect()
}

fn told(expected: &[(MovementKind, &str)]) -> Vec<(MovementKind, String)> {
    expected
        .iter()
        .map(|(kind, held)| (*kind, (*held).to_owned()))
        .collect()
}

#[test]
fn an_amount_is_held_back_until_it_is_captured() {
    assert_eq!(
        held_back(&[
            opened(),
            limit_set("200.00"),
            authorized(1, "61.70"),
            authorized(2, "0.05"),
            captured(1, "61.70"),
        ]),
        told(&[
            (MovementKind::Opened, "0.00"),
            (MovementKind::LimitSet, "0.00"),
            (MovementKind::Authorized, "61.70"),
            (MovementKind::Authorized, "61.75"),
            (MovementKind::Captured, "0.05"),
        ])
    );
}

#[test]
fn reversed_and_declined_amounts_are_not_held_back() {
    assert_eq!(
        held_back(&[authorized(1, "61.70"), declined(2, "9.00"), reversed(1, "61.70")]),
        told(&[
            (MovementKind::Authorized, "61.70"),
            (MovementKind::Declined, "61.70"),
            (MovementKind::Reversed, "0.00"),
        ])
    );
}

#[test]
fn revision_holds_back_its_amount_until_it_is_reverted() {
    assert_eq!(
        held_back(&[
            authorized(1, "61.70"),
            revised(1, 1, "123.40"),
            revision_undone(1, 1, "61.70"),
            revision_declined(1, 2, "999.00"),
        ]),
        told(&[
            (MovementKind::Authorized, "61.70"),
            (MovementKind::Revised, "123.40"),
            (MovementKind::RevisionUndone, "61.70"),
            (MovementKind::RevisionDeclined, "61.70"),
        ])
    );
}

#[test]
fn revision_after_the_end_holds_nothing_back() {
    assert_eq!(
        held_back(&[
            authorized(1, "61.70"),
            reversed(1, "61.70"),
            revision_undone(1, 1, "5.00")
        ])[2]
            .1,
        "0.00"
    );
}

#[test]
fn held_back_sum_can_exceed_the_largest_amount() {
    assert_eq!(
        held_back(&[authorized(1, "9999999999.99"), authorized(2, "9999999999.99")])[1].1,
        "19999999999.98"
    );
}

#[test]
fn movement_carries_the_fields_of_its_event() {
    let found = movements(&[limit_set("200.00"), revision_declined(1, 2, "999.00")]);
    assert_eq!(
        serde_json::to_value(&found).unwrap(),
        json!([
            {
                "at": "2026-11-23T17:00:01Z", "version": 1, "kind": "LIMIT_SET",
                "creditLimit": "200.00", "heldBack": "0.00",
            },
            {
                "at": "2026-11-23T17:00:02Z", "version": 2, "kind": "REVISION_DECLINED",
                "orderId": order(1), "amount": "999.00", "revision": 2,
                "reason": "INSUFFICIENT_CREDIT", "heldBack": "0.00",
            },
        ])
    );
}

#[test]
fn every_event_of_a_commit_is_a_movement() {
    let commit = Life::new(7).commit(&[opened(), authorized(1, "61.70"), captured(1, "61.70")]);
    let rows = journal::<AccountStatement>(&[commit]);
    let places: Vec<_> = rows.iter().map(|row| (&*row.partition, &*row.sort)).collect();
    let account = consumer(7).to_string();
    assert_eq!(
        places,
        [
            (&*account, "00000000000000000001"),
            (&*account, "00000000000000000002"),
            (&*account, "00000000000000000003"),
        ]
    );
    assert_eq!(rows[1].data["heldBack"], "61.70");
}

#[test]
fn document_drops_ended_orders() {
    let mut life = Life::new(7);
    let commits = [
        life.commit(&[
            opened(),
            limit_set("200.00"),
            authorized(1, "61.70"),
            declined(2, "999.00"),
        ]),
        life.commit(&[captured(1, "61.70")]),
    ];
    assert_eq!(
        fold::<AccountStatement>(&commits),
        crate::AccountDocument::default()
    );
}

#[test]
fn duplicate_commits_give_the_same_movements() {
    let mut life = Life::new(7);
    assert_commutes::<AccountStatement>(&[
        life.commit(&[opened(), authorized(1, "61.70")]),
        life.commit(&[revised(1, 1, "123.40")]),
        life.commit(&[authorized(2, "5.00")]),
        life.commit(&[reversed(1, "123.40")]),
    ]);
}
