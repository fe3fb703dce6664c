//! The marketplace in the simulator: its clients' actions, and the invariants of its orders.

mod clients;
mod town;

use anyhow::ensure;
use commit::{Commit, Event};
use contracts::order::{OrderEvent, OrderStatus};
use event_store::Decider;
use orders::{Order, OrderState};
use simulator::{SHELVES, Scenario};
use std::collections::BTreeMap;

/// The marketplace makes ten times as many calls as the shelves, so it is one in forty.
pub const SCENARIOS: &[(u32, Scenario)] = &[(1, MARKETPLACE), (39, SHELVES)];

/// All services, views and reactors, and a few orders.
pub const MARKETPLACE: Scenario = Scenario {
    system: |_| system::belvedere(),
    clients: clients::add,
    agree: nothing_is_stuck,
};

/// Checks that every order has ended or is approved at rest: no reply of another service is missing.
fn nothing_is_stuck(history: &[Commit]) -> anyhow::Result<()> {
    let mut orders: BTreeMap<&str, OrderState> = BTreeMap::new();
    let of_orders = |commit: &&Commit| commit.stream.category() == Order::CATEGORY;
    for commit in history.iter().filter(of_orders) {
        let state = orders.entry(commit.stream.id()).or_default();
        for event in &commit.events {
            *state = Order::evolve(std::mem::take(state), &OrderEvent::decode(event)?);
        }
    }
    for (id, state) in orders {
        let status = state.status();
        ensure!(
            !matches!(
                status,
                Some(
                    OrderStatus::ApprovalPending | OrderStatus::CancelPending | OrderStatus::RevisionPending
                )
            ),
            "order {id} is stuck in {status:?}"
        );
    }
    Ok(())
}
