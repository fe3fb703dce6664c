//! G6 on the real view: after any delivery, the table equals the fold of the events.

use crate::OrderTotals;
use crate::tests::commits::{
    Life, approved, cancel_refused, cancel_requested, cancelled, completed, created_by, proposed, rejected,
    revised, revision_rejected,
};
use commit::Commit;
use contracts::OrderEvent;
use proptest::prelude::*;
use testkit::converges;

const CASES: u32 = 100;

fn courses() -> impl Strategy<Value = Vec<OrderEvent>> {
    let price = || 1..99_999_i64;
    prop_oneof![
        Just(vec![rejected()]),
        Just(vec![approved(), cancel_requested(), cancelled()]),
        Just(vec![
            approved(),
            cancel_requested(),
            cancel_refused(),
            completed()
        ]),
        price().prop_map(|price| vec![approved(), proposed(price), revised(price), completed()]),
        price().prop_map(|price| vec![approved(), proposed(price), revision_rejected(), completed()]),
    ]
}

/// Returns the commits of an order up to some point, of one or two events each.
fn commits(number: u128) -> impl Strategy<Value = Vec<Commit>> {
    let who = (1..3_u128, 1..3_u128, 1..99_999_i64, 20..24_u32);
    (who, courses(), 0..5_usize, 1..3_usize).prop_map(move |((by, at, price, day), course, steps, size)| {
        let mut life = Life::new(number, &format!("2026-11-{day}T17:00:00Z"));
        let rest = course.into_iter().take(steps);
        let events: Vec<OrderEvent> = std::iter::once(created_by(by, at, price)).chain(rest).collect();
        events.chunks(size).map(|events| life.commit(events)).collect()
    })
}

#[test]
fn g6_the_view_converges_under_any_delivery() {
    let orders = (commits(1), commits(2), commits(3), commits(4));
    let histories = orders.prop_map(|(a, b, c, d)| [a, b, c, d].concat());
    converges::<OrderTotals>(histories, CASES);
}
