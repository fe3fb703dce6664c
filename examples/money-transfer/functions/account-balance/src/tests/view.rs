//! The entry of an account after given events, and the convergence of the fold (G6).

use crate::{AccountBalance, BalanceEntry};
use contracts::account::AccountEvent;
use fixtures::{
    account, credited, debit_rejected, debited, histories, history, money, opened, refunded, settled,
};
use projection::View;
use projection::testing::{assert_commutes, fold};
use testkit::converges;

fn shown(events: &[AccountEvent]) -> Option<BalanceEntry> {
    fold::<AccountBalance>(&history(7, events))
}

fn balance(events: &[AccountEvent]) -> String {
    shown(events).unwrap().balance.to_string()
}

#[test]
fn new_account_has_its_initial_balance() {
    let entry = shown(&[opened("Ada", "10.00")]).unwrap();
    assert_eq!((entry.account_id, entry.balance), (account(7), money("10.00")));
    assert!(!entry.closed);
}

#[test]
fn debits_credits_and_refunds_change_the_balance() {
    let open = || opened("Ada", "10.00");
    assert_eq!(balance(&[open(), debited(1, "4.00")]), "6.00");
    assert_eq!(balance(&[open(), credited(1, "4.00")]), "14.00");
    assert_eq!(
        balance(&[open(), debited(1, "4.00"), refunded(1, "4.00")]),
        "10.00"
    );
    assert_eq!(
        balance(&[open(), debit_rejected(1, "40.00"), settled(1, "40.00")]),
        "10.00"
    );
}

#[test]
fn unopened_account_has_no_entry() {
    assert_eq!(shown(&[debit_rejected(1, "1.00"), settled(1, "1.00")]), None);
}

#[test]
fn closed_account_stays_in_its_owners_list() {
    let entry = shown(&[opened("Ada", "0.00"), AccountEvent::AccountClosed {}]);
    let index = AccountBalance::index(&entry).unwrap();
    assert_eq!((&*index.partition, &index.lean["closed"]), ("Ada", &true.into()));
}

#[test]
fn duplicate_commits_give_the_same_balance() {
    let events = [opened("Ada", "10.00"), debited(1, "4.00"), refunded(1, "4.00")];
    assert_commutes::<AccountBalance>(&history(7, &events));
}

#[test]
fn g6_the_view_converges_under_any_delivery() {
    converges::<AccountBalance>(histories(), 100);
}
