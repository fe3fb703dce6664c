//! A13, G6: the sources commute.

use crate::commits::{Life, accepted, authorized, created, order_id, ticket_created};
use crate::stack::Stack;
use contracts::{OrderEvent, TicketEvent};
use order_history::OrderHistory;
use projection::testing::assert_commutes;
use serde_json::Value;

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

#[test]
fn the_sources_of_a_rejected_order_commute() {
    assert_commutes::<OrderHistory>(&Life::to_the_rejection(1));
}

/// Every order of these numbers.
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
async fn a13_every_permutation_of_an_orders_events_each_twice_lists_the_same_document() {
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
        // Twice in a row for one half, the whole sequence twice for the other.
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
        // Their ids are all that tells these orders apart.
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
