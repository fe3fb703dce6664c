//! The marketplace in the simulator: its clients' actions, and the invariants of its orders.

mod clients;
mod town;

use anyhow::ensure;
use commit::{Commit, Event};
use contracts::account::{self, AccountEvent};
use contracts::order::{OrderEvent, OrderStatus};
use contracts::ticket::{self, TicketEvent};
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

/// What other streams say about an order.
#[derive(Debug, Clone, Copy, Default)]
struct Others {
    accepted: bool,
    /// How often its amount was held back on the account, and released.
    authorized: u32,
    reversed: u32,
}

/// Checks that every order has ended or is accepted at rest: no reply of another service is missing, and no order waits for a
/// kitchen that does not answer. What an account held back for an order that ended without a delivery is released, once, and
/// for no other order.
fn nothing_is_stuck(history: &[Commit]) -> anyhow::Result<()> {
    let mut orders: BTreeMap<&str, OrderState> = BTreeMap::new();
    let of_orders = |commit: &&Commit| commit.stream.category() == Order::CATEGORY;
    for commit in history.iter().filter(of_orders) {
        let state = orders.entry(commit.stream.id()).or_default();
        for event in &commit.events {
            *state = Order::evolve(std::mem::take(state), &OrderEvent::decode(event)?);
        }
    }
    let others = others(history)?;
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
        let Others {
            accepted,
            authorized,
            reversed,
        } = others.get(id).copied().unwrap_or_default();
        ensure!(
            status != Some(OrderStatus::Approved) || accepted,
            "order {id} waits for ever to be accepted"
        );
        // An account may decide twice about an order; then it releases the second amount at once.
        let ended = matches!(status, Some(OrderStatus::Cancelled | OrderStatus::Rejected));
        let released = authorized.saturating_sub(u32::from(!ended));
        ensure!(
            reversed == released,
            "order {id} is {status:?}; its amount was held back {authorized} times and released {reversed} times"
        );
    }
    Ok(())
}

fn others(history: &[Commit]) -> anyhow::Result<BTreeMap<String, Others>> {
    let mut orders: BTreeMap<String, Others> = BTreeMap::new();
    for commit in history {
        for event in &commit.events {
            match commit.stream.category() {
                ticket::CATEGORY => {
                    let event = TicketEvent::decode(event)?;
                    let others = orders.entry(commit.stream.id().to_owned()).or_default();
                    others.accepted |= matches!(event, TicketEvent::TicketAccepted { .. });
                }
                account::CATEGORY => match AccountEvent::decode(event)? {
                    AccountEvent::PaymentAuthorized { order_id, .. } => {
                        orders.entry(order_id.to_string()).or_default().authorized += 1;
                    }
                    AccountEvent::PaymentReversed { order_id, .. } => {
                        orders.entry(order_id.to_string()).or_default().reversed += 1;
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }
    Ok(orders)
}
