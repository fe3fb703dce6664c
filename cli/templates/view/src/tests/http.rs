//! Tests of the query function over HTTP.

use crate::tests::{history, id};
use crate::{__Name__, router};
use serde_json::Value;
use testkit::{Answer, ViewStack, token_of};

/// Starts the view with three entries.
async fn filled() -> ViewStack<__Name__> {
    let stack = ViewStack::start(router).await;
    for number in 1..=3 {
        stack.publish(&history(number, 2)).await;
    }
    stack
}

fn ids(answer: &Answer) -> Vec<String> {
    let id = |entry: &Value| entry["__idField__"].as_str().unwrap().to_owned();
    answer.page("entries").iter().map(id).collect()
}

fn all(numbers: &[u128]) -> Vec<String> {
    numbers.iter().map(|number| id(*number).to_string()).collect()
}

#[tokio::test]
async fn entries_are_listed_by_id_page_by_page() {
    let stack = filled().await;
    let first = stack.get("/__name__?limit=2").await;
    let cursor = first.cursor().unwrap();
    let second = stack.get(&format!("/__name__?limit=2&cursor={cursor}")).await;
    assert_eq!((ids(&first), ids(&second)), (all(&[1, 2]), all(&[3])));
    assert_eq!(second.cursor(), None);
}

#[tokio::test]
async fn entry_is_found_by_id_and_is_304_when_unchanged() {
    let stack = filled().await;
    let path = format!("/__name__/{}", id(2));
    let found = stack.get(&path).await.expect(200);
    assert_eq!(found.body["__idField__"], id(2).to_string());
    stack.get_unless(&path, found.header("etag")).await.expect(304);
}

#[tokio::test]
async fn an_id_without_events_is_404() {
    let answer = filled().await.get(&format!("/__name__/{}", id(9))).await;
    assert_eq!(answer.problem(), (404, "UNKNOWN___SOURCE__"));
}

#[tokio::test]
async fn read_with_a_token_shows_a_new_entry() {
    let stack = filled().await;
    let committed = history(4, 1);
    stack.bench.store(&committed).await.unwrap();
    let token = token_of(&committed[0]);
    let answer = stack.get_with("/__name__", &[("Consistency-Token", &token)]).await;
    assert_eq!(ids(&answer), all(&[1, 2, 3, 4]));
}

#[tokio::test]
async fn invalid_parameters_are_refused_by_name() {
    let stack = filled().await;
    for (query, field) in [("limit=0", "limit"), ("limit=101", "limit"), ("sort=name", "sort"), ("cursor=x", "cursor")] {
        let answer = stack.get(&format!("/__name__?{query}")).await;
        assert_eq!((answer.status, answer.body["field"].as_str()), (400, Some(field)), "{query}");
    }
}
