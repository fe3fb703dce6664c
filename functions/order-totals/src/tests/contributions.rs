//! The fold alone: the contribution of an order with given events.

use crate::OrderTotals;
use crate::tests::commits::{
    Life, approved, cancel_refused, cancel_requested, cancelled, completed, consumer, created, proposed,
    rejected, restaurant, revised, revision_rejected,
};
use contracts::OrderEvent;
use projection::View;
use projection::testing::{assert_commutes, fold};
use std::collections::BTreeMap;

/// Returns the contribution of an order with these events: to its restaurant's day, and to its consumer.
fn contributes(events: &[OrderEvent]) -> (BTreeMap<String, i64>, BTreeMap<String, i64>) {
    let commits = Life::new(1, "2026-11-23T23:00:00Z").commits(events);
    let tallies = OrderTotals::tallies(&fold::<OrderTotals>(&commits));
    let mut tallies: BTreeMap<_, _> = tallies
        .into_iter()
        .map(|tally| (tally.key, tally.amounts))
        .collect();
    // The day is that of the creation, however late the other events are.
    let sales = tallies
        .remove(&format!("{}#2026-11-23", restaurant(9)))
        .unwrap_or_default();
    let summary = tallies.remove(&consumer(7).to_string()).unwrap_or_default();
    assert_eq!(tallies, BTreeMap::new());
    (sales, summary)
}

fn amounts(amounts: &[(&str, i64)]) -> BTreeMap<String, i64> {
    amounts
        .iter()
        .map(|(name, amount)| ((*name).to_owned(), *amount))
        .collect()
}

#[track_caller]
fn assert_sale(events: &[OrderEvent], status: &str, sum: &str, total: i64) {
    let expected = (
        amounts(&[("orders", 1), ("turnover", total)]),
        amounts(&[(status, 1), (sum, total)]),
    );
    assert_eq!(contributes(events), expected);
}

#[track_caller]
fn assert_no_sale(events: &[OrderEvent], status: &str) {
    assert_eq!(contributes(events), (amounts(&[]), amounts(&[(status, 1)])));
}

#[test]
fn unapproved_order_is_no_sale() {
    assert_no_sale(&[created()], "APPROVAL_PENDING");
    assert_no_sale(&[created(), rejected()], "REJECTED");
}

#[test]
fn approved_order_is_a_sale_under_way() {
    assert_sale(&[created(), approved()], "APPROVED", "underWay", 6_170);
}

#[test]
fn order_stays_a_sale_while_a_request_is_open() {
    let events = [created(), approved(), cancel_requested()];
    assert_sale(&events, "CANCEL_PENDING", "underWay", 6_170);
    let events = [created(), approved(), proposed(9_900)];
    assert_sale(&events, "REVISION_PENDING", "underWay", 6_170);
}

#[test]
fn refused_requests_change_nothing() {
    let events = [created(), approved(), cancel_requested(), cancel_refused()];
    assert_sale(&events, "APPROVED", "underWay", 6_170);
    let events = [created(), approved(), proposed(9_900), revision_rejected()];
    assert_sale(&events, "APPROVED", "underWay", 6_170);
}

#[test]
fn cancelled_order_is_no_sale() {
    let events = [created(), approved(), cancel_requested(), cancelled()];
    assert_no_sale(&events, "CANCELLED");
}

#[test]
fn revised_order_counts_with_its_new_total() {
    let events = [created(), approved(), proposed(9_900), revised(9_900)];
    assert_sale(&events, "APPROVED", "underWay", 9_900);
}

#[test]
fn delivered_order_counts_as_spending() {
    let events = [
        created(),
        approved(),
        proposed(9_900),
        revised(9_900),
        completed(),
    ];
    assert_sale(&events, "DELIVERED", "spending", 9_900);
}

#[test]
fn second_creation_is_ignored() {
    assert_sale(&[created(), approved(), created()], "APPROVED", "underWay", 6_170);
}

#[test]
fn duplicate_commits_give_the_same_document() {
    let events = [
        created(),
        approved(),
        proposed(9_900),
        revised(9_900),
        completed(),
    ];
    assert_commutes::<OrderTotals>(&Life::new(1, "2026-11-23T23:00:00Z").commits(&events));
}
