//! A13, G6: the sources commute.

use crate::OrderHistory;
use crate::tests::commits::{Life, accepted, authorized, created, order_id, ticket_created};
use crate::tests::stack::Stack;
use commit::Commit;
use contracts::{OrderEvent, TicketEvent};
use projection::testing::{assert_commutes, fold};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

#[test]
fn the_sources_of_a_delivered_order_commute() {
    let mut life = Life::new(1, "2026-11-23T17:00:00Z");
    assert_commutes::<OrderHistory>(&[
        life.order(created()),
        life.ticket(ticket_created()),
        life.payment(authorized(order_id(1))),
        life.order(OrderEvent::OrderApproved {}),
        life.ticket(TicketEvent::TicketConfirmed {}),
        life.ticket(accepted()),
    ]);
}

/// Returns random interleavings of the streams of one order. Events of one stream stay in order, as the engine
/// guarantees; the order across streams is arbitrary.
fn weaves(commits: &[Commit], count: u64) -> impl Iterator<Item = Vec<Commit>> {
    (0..count).map(move |seed| {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut streams: BTreeMap<&str, VecDeque<&Commit>> = BTreeMap::new();
        for commit in commits {
            streams
                .entry(commit.stream.category())
                .or_default()
                .push_back(commit);
        }
        let mut woven = Vec::new();
        while !streams.is_empty() {
            let keys: Vec<&str> = streams.keys().copied().collect();
            let key = keys[random.usize(..keys.len())];
            let next = streams.get_mut(key).and_then(VecDeque::pop_front);
            match next {
                Some(commit) => woven.push(commit.clone()),
                None => drop(streams.remove(key)),
            }
        }
        woven
    })
}

#[test]
fn a13_every_interleaving_of_an_orders_streams_gives_one_document() {
    let commits = Life::to_the_door(1);
    let expected = fold::<OrderHistory>(&commits);
    for woven in weaves(&commits, 2_000) {
        assert_eq!(fold::<OrderHistory>(&woven), expected, "{woven:?}");
    }
}

#[tokio::test]
async fn a13_reordered_and_duplicated_commits_of_an_order_list_one_document() {
    let stack = Stack::start().await;
    let mut random = fastrand::Rng::with_seed(13);
    let mut expected: Option<(Value, Value)> = None;
    for number in 1..=60 {
        let mut commits = Life::to_the_door(number);
        for commit in &commits {
            stack.store(commit).await;
        }
        let mut twice = [commits.clone(), std::mem::take(&mut commits)].concat();
        random.shuffle(&mut twice);
        for batch in twice.chunks(random.usize(1..5)) {
            stack.deliver(batch).await;
        }
        let id = order_id(number).to_string();
        let same = |value: &Value| serde_json::from_str(&value.to_string().replace(&id, "ord")).unwrap();
        let found = (
            same(&stack.json(&format!("/orders/{id}")).await),
            same(&stack.listed(&id).await),
        );
        match &expected {
            None => expected = Some(found),
            Some(expected) => assert_eq!(&found, expected, "order {number}"),
        }
    }
    assert_eq!(expected.unwrap().0["status"], "DELIVERED");
}

#[test]
fn the_sources_of_a_rejected_order_commute() {
    assert_commutes::<OrderHistory>(&Life::to_the_rejection(1));
}

/// Returns every permutation of these numbers.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for shorter in permutations(count - 1) {
        for place in 0..=shorter.len() {
            let mut longer = shorter.clone();
            longer.insert(place, count - 1);
            all.push(longer);
        }
    }
    all
}

#[tokio::test]
async fn a13_every_permutation_of_duplicated_events_lists_one_document() {
    let stack = Stack::start().await;
    let mut expected: Option<(Value, Value)> = None;
    for (number, permutation) in permutations(5).into_iter().enumerate() {
        let number = number as u128 + 1;
        let mut life = Life::new(number, "2026-11-23T17:00:00Z");
        let commits = [
            life.order(created()),
            life.ticket(ticket_created()),
            life.payment(authorized(order_id(number))),
            life.order(OrderEvent::OrderApproved {}),
            life.ticket(TicketEvent::TicketConfirmed {}),
        ];
        for commit in &commits {
            stack.store(commit).await;
        }
        // One half has each commit twice in a row, the other the whole sequence twice.
        let twice: Vec<usize> = if number.is_multiple_of(2) {
            permutation.iter().flat_map(|n| [*n, *n]).collect()
        } else {
            permutation.repeat(2)
        };
        for place in twice {
            stack.deliver(&commits[place..=place]).await;
        }
        let id = order_id(number).to_string();
        let story = stack.json(&format!("/orders/{id}")).await;
        let listed = stack.listed(&id).await;
        // These orders differ only in their ids.
        let same = |value: &Value| serde_json::from_str(&value.to_string().replace(&id, "ord")).unwrap();
        let found = (same(&story), same(&listed));
        match &expected {
            None => expected = Some(found),
            Some(expected) => assert_eq!(&found, expected, "{permutation:?}"),
        }
    }
    let (story, listed) = expected.unwrap();
    assert_eq!(
        (&story["status"], &listed["status"]),
        (&"APPROVED".into(), &"APPROVED".into())
    );
    assert_eq!(story["transitions"].as_array().map(Vec::len), Some(5));
}
