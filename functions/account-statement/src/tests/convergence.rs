//! G6 on the real view: after any delivery, the table equals the fold of the events.

use crate::AccountStatement;
use crate::tests::commits::{
    Life, authorized, captured, declined, limit_set, opened, reversed, revised, revision_declined,
    revision_undone,
};
use commit::Commit;
use contracts::account::AccountEvent;
use proptest::prelude::*;
use testkit::converges;

const CASES: u32 = 100;

fn event() -> impl Strategy<Value = AccountEvent> {
    let of_an_order = (0..8, 1..4_u128, 1..3_u32, 1..100_u32);
    of_an_order.prop_map(|(kind, order, revision, amount)| {
        let amount = format!("{amount}.{amount:02}");
        match kind {
            0 => limit_set(&amount),
            1 => authorized(order, &amount),
            2 => declined(order, &amount),
            3 => revised(order, revision, &amount),
            4 => revision_declined(order, revision, &amount),
            5 => revision_undone(order, revision, &amount),
            6 => reversed(order, &amount),
            _ => captured(order, &amount),
        }
    })
}

fn commits(number: u128) -> impl Strategy<Value = Vec<Commit>> {
    let commits = prop::collection::vec(prop::collection::vec(event(), 1..4), 0..7);
    commits.prop_map(move |commits| {
        let mut life = Life::new(number);
        let opening = life.commit(&[opened()]);
        let rest = commits.iter().map(|events| life.commit(events));
        std::iter::once(opening).chain(rest).collect()
    })
}

#[test]
fn g6_the_view_converges_under_any_delivery() {
    let histories = (commits(1), commits(2)).prop_map(|(first, second)| [first, second].concat());
    converges::<AccountStatement>(histories, CASES);
}
