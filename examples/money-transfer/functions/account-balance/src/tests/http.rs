//! The query function: pages, parameters and read-your-writes.

use crate::{AccountBalance, router};
use fixtures::{account, debited, history, opened};
use serde_json::{Value, json};
use testkit::{Answer, ViewStack, token_of};

/// Starts the view with accounts 1 to 3 of Ada and account 4 of Grace.
async fn filled() -> ViewStack<AccountBalance> {
    let stack = ViewStack::start(router).await;
    for (number, owner) in [(1, "Ada"), (2, "Ada"), (3, "Ada"), (4, "Grace")] {
        stack.publish(&history(number, &[opened(owner, "10.00")])).await;
    }
    stack
}

fn ids(answer: &Answer) -> Vec<String> {
    let id = |entry: &Value| entry["accountId"].as_str().unwrap().to_owned();
    answer.page("accounts").iter().map(id).collect()
}

fn all(numbers: &[u128]) -> Vec<String> {
    numbers
        .iter()
        .map(|number| account(*number).to_string())
        .collect()
}

#[tokio::test]
async fn owners_accounts_are_listed_in_pages() {
    let stack = filled().await;
    let first = stack.get("/accounts?owner=Ada&limit=2").await;
    let cursor = first.cursor().unwrap();
    let second = format!("/accounts?owner=Ada&limit=2&cursor={cursor}");
    let second = stack.get(&second).await;
    assert_eq!((ids(&first), ids(&second)), (all(&[1, 2]), all(&[3])));
    assert_eq!(second.cursor(), None);
    assert_eq!(ids(&stack.get("/accounts?owner=Nobody").await), all(&[]));
}

#[tokio::test]
async fn balance_is_found_by_account_and_is_304_if_unchanged() {
    let stack = filled().await;
    let path = format!("/accounts/{}/balance", account(2));
    let found = stack.get(&path).await.expect(200);
    assert_eq!(
        (&found.body["owner"], &found.body["balance"]),
        (&json!("Ada"), &json!("10.00"))
    );
    stack.get_unless(&path, found.header("etag")).await.expect(304);
}

#[tokio::test]
async fn unknown_account_is_404() {
    let path = format!("/accounts/{}/balance", account(9));
    assert_eq!(
        filled().await.get(&path).await.problem(),
        (404, "UNKNOWN_ACCOUNT")
    );
}

#[tokio::test]
async fn d2_read_with_token_shows_the_balance_before_projection() {
    let stack = filled().await;
    let story = history(5, &[opened("Grace", "10.00"), debited(1, "4.00")]);
    stack.bench.store(&story).await.unwrap();
    let token = [("Consistency-Token", &*token_of(&story[1]))];
    let balance = stack
        .get_with(&format!("/accounts/{}/balance", account(5)), &token)
        .await;
    assert_eq!(balance.body["balance"], "6.00");
    let list = stack.get_with("/accounts?owner=Grace", &token).await;
    assert_eq!(ids(&list), all(&[4, 5]));
}

#[tokio::test]
async fn invalid_parameters_are_refused_by_name() {
    let stack = filled().await;
    for (query, field) in [
        ("", "owner"),
        ("owner=", "owner"),
        ("owner=Ada&limit=0", "limit"),
        ("owner=Ada&limit=101", "limit"),
        ("owner=Ada&sort=name", "sort"),
        ("owner=Ada&cursor=x", "cursor"),
    ] {
        let answer = stack.get(&format!("/accounts?{query}")).await;
        assert_eq!(
            (answer.status, answer.body["field"].as_str()),
            (400, Some(field)),
            "{query}"
        );
    }
}
