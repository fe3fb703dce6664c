//! The query function: parameters, pages, tags and read-your-writes.

use crate::AccountStatement;
use crate::tests::commits::{Life, authorized, consumer, limit_set, opened, order};
use crate::tests::stack::{Statement, start};
use commit::Commit;
use serde_json::json;
use testkit::token_of;
use testkit::{Answer, ViewStack};
use view_function::{Limit, Paging};

/// Returns the path of consumer 7's statement.
fn statement(parameters: &str) -> String {
    format!("/accounts/{}/statement?{parameters}", consumer(7))
}

fn refused(answer: &Answer) -> (u16, String, String) {
    let problem = answer.json();
    let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    (answer.status, text("code"), text("field"))
}

/// Returns a stack with this number of limit changes.
async fn with_limits(count: usize) -> (ViewStack<AccountStatement>, Life) {
    let stack = start().await;
    let mut life = Life::new(7);
    let commits: Vec<Commit> = (0..count)
        .map(|n| life.commit(&[limit_set(&format!("{n}.00"))]))
        .collect();
    stack.publish(&commits).await;
    (stack, life)
}

#[tokio::test]
async fn the_newest_movement_comes_first() {
    let stack = start().await;
    let mut life = Life::new(7);
    stack
        .publish(&[life.commit(&[opened()]), life.commit(&[authorized(1, "61.70")])])
        .await;
    assert_eq!(
        stack.get(&statement("")).await.json(),
        json!({ "movements": [
            {
                "at": "2026-11-23T17:00:02.000Z", "version": 2, "kind": "AUTHORIZED",
                "orderId": order(1), "amount": "61.70", "heldBack": "61.70",
            },
            { "at": "2026-11-23T17:00:01.000Z", "version": 1, "kind": "OPENED", "heldBack": "0.00" },
        ] })
    );
}

#[tokio::test]
async fn b9_unopened_account_has_an_empty_statement() {
    let (stack, _) = with_limits(1).await;
    let path = format!("/accounts/{}/statement", consumer(8));
    assert_eq!(stack.get(&path).await.json(), json!({ "movements": [] }));
}

#[tokio::test]
async fn every_movement_is_on_one_page_newest_first() {
    let (stack, _) = with_limits(25).await;
    for limit in ["limit=1", "limit=7", "limit=25", ""] {
        let mut page = stack.get(&statement(limit)).await;
        let mut found = page.versions();
        while let Some(cursor) = page.cursor() {
            page = stack.get(&statement(&format!("{limit}&cursor={cursor}"))).await;
            assert!(
                !page.versions().is_empty(),
                "{limit}: a page after a cursor is empty"
            );
            found.extend(page.versions());
        }
        assert_eq!(found, (1..=25).rev().collect::<Vec<_>>(), "{limit}");
    }
}

#[tokio::test]
async fn d4_new_movements_do_not_shift_later_pages() {
    let (stack, mut life) = with_limits(5).await;
    let first = stack.get(&statement("limit=3")).await;
    stack.publish(&[life.commit(&[limit_set("7.00")])]).await;
    let next = statement(&format!("cursor={}", first.cursor().unwrap()));
    assert_eq!(stack.get(&next).await.versions(), [2, 1]);
}

#[tokio::test]
async fn invalid_parameters_are_refused_by_name() {
    let stack = start().await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=few", "limit"),
        ("page=2", "page"),
        ("consumerId=con_1", "consumerId"),
    ] {
        let answer = stack.get(&statement(query)).await;
        assert_eq!(
            refused(&answer),
            (400, "INVALID_PARAMETER".to_owned(), field.to_owned()),
            "{query}"
        );
    }
    for id in [
        "ord_0193a5b2c4d67e8f9a0b1c2d3e4f5061",
        "con_7",
        "con_..%2F",
        "%00",
    ] {
        let answer = stack.get(&format!("/accounts/{id}/statement")).await;
        assert_eq!(
            refused(&answer),
            (400, "INVALID_ID".to_owned(), "consumerId".to_owned()),
            "{id}"
        );
    }
}

#[tokio::test]
async fn cursor_of_another_account_is_refused() {
    let (stack, _) = with_limits(3).await;
    let cursor = stack.get(&statement("limit=1")).await.cursor().unwrap();
    let other = format!("/accounts/{}/statement?cursor={cursor}", consumer(8));
    assert_eq!(refused(&stack.get(&other).await).1, "INVALID_CURSOR");
    let id = consumer(7).to_string();
    let paging = Paging::new("movements", &[&id], Limit::default(), None);
    // Any other position is one of this list.
    let forged = ["-", ""].map(|sort| paging.next(Some(&json!({ "s": sort }))).unwrap().unwrap());
    let damaged = [cursor[1..].to_owned(), String::new(), "x".to_owned()];
    for cursor in forged.into_iter().chain(damaged) {
        let answer = stack.get(&statement(&format!("cursor={cursor}"))).await;
        assert_eq!(refused(&answer).1, "INVALID_CURSOR", "{cursor}");
    }
}

#[tokio::test]
async fn page_with_matching_etag_is_304() {
    let (stack, mut life) = with_limits(1).await;
    let tag = stack.get(&statement("")).await.headers["etag"].clone();
    let tag = [("if-none-match", tag.to_str().unwrap())];
    let same = stack.get_with(&statement(""), &tag).await;
    assert_eq!((same.status, same.bytes.len()), (304, 0));
    stack.publish(&[life.commit(&[limit_set("7.00")])]).await;
    assert_eq!(stack.get_with(&statement(""), &tag).await.versions(), [2, 1]);
}

#[tokio::test]
async fn d2_token_shows_movements_before_projection() {
    let stack = start().await;
    let mut life = Life::new(7);
    let commits = [life.commit(&[opened()]), life.commit(&[authorized(1, "61.70")])];
    stack.bench.store(&commits).await.unwrap();
    assert_eq!(stack.get(&statement("")).await.versions(), [0; 0]);
    let token = token_of(&commits[1]);
    let own = stack
        .get_with(&statement(""), &[("consistency-token", &token)])
        .await;
    assert_eq!(own.versions(), [2, 1]);
    assert_eq!(own.movements()[0]["heldBack"], "61.70");
}

#[tokio::test]
async fn d2_token_adds_movements_to_projected_ones() {
    let (stack, mut life) = with_limits(3).await;
    let commit = life.commit(&[authorized(1, "61.70")]);
    stack.bench.store(std::slice::from_ref(&commit)).await.unwrap();
    let token = token_of(&commit);
    let own = stack
        .get_with(&statement("limit=2"), &[("consistency-token", &token)])
        .await;
    assert_eq!(own.versions(), [4, 3]);
}
