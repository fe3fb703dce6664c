//! The query function: parameters, pages, tags, read-your-writes, and the number of calls.

use crate::tests::commits::{Life, ZIP, always, closed, created, hours, id};
use crate::tests::stack::{Found, Stack, start};
use commit::Commit;
use contracts::restaurant::DayOfWeek;
use serde_json::json;
use testkit::Answer;
use testkit::token_of;
use view_function::{Limit, Paging};

const NOON: &str = "2026-11-23T12:00:00Z";

fn at_noon(parameters: &str) -> String {
    format!("/restaurants/available?zip={ZIP}&at={NOON}&{parameters}")
}

/// Returns restaurants that are always open.
fn open(numbers: std::ops::RangeInclusive<u128>) -> Vec<Commit> {
    let created = created(&always(), &[ZIP], "UTC");
    numbers.map(|number| Life::new(number).commit(&created)).collect()
}

async fn pages(stack: &Stack, first: &str) -> Vec<Answer> {
    let mut pages = vec![stack.get(first).await];
    while let Some(cursor) = pages.last().unwrap().cursor() {
        pages.push(stack.get(&format!("{first}&cursor={cursor}")).await);
    }
    pages
}

fn refused(answer: &Answer) -> (u16, String, String) {
    let problem = answer.json();
    let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    (answer.status, text("code"), text("field"))
}

#[tokio::test]
async fn invalid_parameters_are_refused_by_name() {
    let stack = start().await;
    for (query, field) in [
        ("", "zip"),
        ("zip=", "zip"),
        ("zip=94612%23MONDAY", "zip"),
        ("zip=12345678901234567", "zip"),
        ("zip=94612&zip=94613", "zip"),
        ("zip=94612&at=", "at"),
        ("zip=94612&at=2026-11-23", "at"),
        ("zip=94612&at=2026-11-23T12:00:00", "at"),
        ("zip=94612&at=1026-11-23T12:00:00Z", "at"),
        ("zip=94612&limit=0", "limit"),
        ("zip=94612&limit=101", "limit"),
        ("zip=94612&timeZone=UTC", "timeZone"),
    ] {
        let answer = stack.get(&format!("/restaurants/available?{query}")).await;
        let expected = (400, "INVALID_PARAMETER".to_owned(), field.to_owned());
        assert_eq!(refused(&answer), expected, "{query}");
    }
    assert_eq!(stack.calls.take(), [""; 0]);
}

#[tokio::test]
async fn every_restaurant_is_on_one_page() {
    let stack = start().await;
    stack.publish(&open(1..=7)).await;
    let pages = pages(&stack, &at_noon("limit=3")).await;
    let found: Vec<u128> = pages.iter().flat_map(Answer::found).collect();
    assert_eq!(found, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(pages[0].found().len(), 3);
}

#[tokio::test]
async fn page_with_all_restaurants_has_no_cursor() {
    let stack = start().await;
    stack.publish(&open(1..=3)).await;
    let page = stack.get(&at_noon("")).await;
    assert_eq!((page.found(), page.cursor()), (vec![1, 2, 3], None));
}

#[tokio::test]
async fn cursor_of_another_zip_code_or_moment_is_refused() {
    let stack = start().await;
    stack.publish(&open(1..=3)).await;
    let cursor = stack.get(&at_noon("limit=1")).await.cursor().unwrap();
    assert_eq!(
        stack
            .get(&at_noon(&format!("limit=2&cursor={cursor}")))
            .await
            .found(),
        [2, 3]
    );
    let damaged = &cursor[1..];
    for another in [
        format!("zip=94613&at={NOON}&cursor={cursor}"),
        format!("zip={ZIP}&at=2026-11-23T12:00:01Z&cursor={cursor}"),
        format!("zip={ZIP}&cursor={cursor}"),
        format!("zip={ZIP}&at={NOON}&cursor={damaged}"),
        format!("zip={ZIP}&at={NOON}&cursor="),
    ] {
        let answer = stack.get(&format!("/restaurants/available?{another}")).await;
        let expected = (400, "INVALID_CURSOR".to_owned(), "cursor".to_owned());
        assert_eq!(refused(&answer), expected, "{another}");
    }
}

/// Returns the cursor of a list without `at`, as a client could forge it.
fn cursor_without_at(place: &serde_json::Value) -> String {
    let paging = Paging::new("restaurants", &[ZIP, ""], Limit::default(), None);
    paging.next(Some(place)).unwrap().unwrap()
}

#[tokio::test]
async fn pages_without_at_use_the_moment_of_the_first_page() {
    let stack = start().await;
    let monday = created(&[hours(DayOfWeek::Monday, "06:00", "22:00")], &[ZIP], "UTC");
    stack.publish(&[Life::new(1).commit(&monday)]).await;
    for (at, found) in [(NOON, vec![1]), ("2026-11-23T04:00:00Z", vec![])] {
        let cursor = cursor_without_at(&json!({ "t": at, "d": 0 }));
        let page = stack
            .get(&format!("/restaurants/available?zip={ZIP}&cursor={cursor}"))
            .await;
        assert_eq!(page.found(), found, "{at}");
    }
}

#[tokio::test]
async fn list_without_at_is_of_now() {
    let stack = start().await;
    stack.publish(&open(1..=3)).await;
    let pages = pages(&stack, &format!("/restaurants/available?zip={ZIP}&limit=2")).await;
    let found: Vec<u128> = pages.iter().flat_map(Answer::found).collect();
    assert_eq!(found, [1, 2, 3]);
}

#[tokio::test]
async fn cursor_with_an_invalid_position_is_refused() {
    let stack = start().await;
    for place in [
        json!({ "t": NOON, "d": 3 }),
        json!({ "t": NOON, "d": -1 }),
        json!({ "t": NOON, "d": 0, "r": "tally" }),
        json!({ "t": "yesterday", "d": 0 }),
        json!("94612#MONDAY"),
    ] {
        let cursor = cursor_without_at(&place);
        let answer = stack
            .get(&format!("/restaurants/available?zip={ZIP}&cursor={cursor}"))
            .await;
        assert_eq!(refused(&answer).1, "INVALID_CURSOR", "{place}");
    }
}

#[tokio::test]
async fn page_with_matching_etag_is_304() {
    let stack = start().await;
    stack.publish(&open(1..=1)).await;
    let tag = stack.get(&at_noon("")).await.headers["etag"].clone();
    let tag = [("if-none-match", tag.to_str().unwrap())];
    let same = stack.get_with(&at_noon(""), &tag).await;
    assert_eq!((same.status, same.bytes.len()), (304, 0));
    stack.publish(&open(2..=2)).await;
    assert_eq!(stack.get_with(&at_noon(""), &tag).await.found(), [1, 2]);
}

#[tokio::test]
async fn d2_token_shows_a_new_restaurant_before_projection() {
    let stack = start().await;
    let creation = open(1..=1);
    stack.bench.store(&creation).await.unwrap();
    assert_eq!(stack.get(&at_noon("")).await.found(), [0; 0]);
    let token = token_of(&creation[0]);
    let found = stack
        .get_with(&at_noon(""), &[("consistency-token", &token)])
        .await;
    assert_eq!(found.found(), [1]);
}

#[tokio::test]
async fn d2_token_hides_a_closed_restaurant_before_projection() {
    let stack = start().await;
    let mut life = Life::new(1);
    stack
        .publish(&[life.commit(&created(&always(), &[ZIP], "UTC"))])
        .await;
    let closing = life.commit(&closed());
    stack.bench.store(std::slice::from_ref(&closing)).await.unwrap();
    assert_eq!(stack.get(&at_noon("")).await.found(), [1]);
    let token = token_of(&closing);
    let found = stack
        .get_with(&at_noon(""), &[("consistency-token", &token)])
        .await;
    assert_eq!(found.found(), [0; 0]);
}

#[tokio::test]
async fn token_of_a_missing_version_is_refused() {
    let stack = start().await;
    let commit = Life::new(1).commit(&closed());
    let token = token_of(&commit);
    let answer = stack
        .get_with(&at_noon(""), &[("consistency-token", &token)])
        .await;
    assert_eq!(refused(&answer).1, "INVALID_CONSISTENCY_TOKEN");
}

#[tokio::test]
async fn d1_page_takes_at_most_two_queries_with_closed_restaurants() {
    let stack = start().await;
    let closed = created(&[hours(DayOfWeek::Monday, "01:00", "02:00")], &[ZIP], "UTC");
    let last = crate::ROWS_PER_QUERY as u128 + 1;
    let mut commits: Vec<Commit> = (1..last)
        .map(|number| Life::new(number).commit(&closed))
        .collect();
    commits.extend(open(last..=last));
    stack.publish(&commits).await;
    let _ = stack.get(&at_noon("")).await;
    stack.calls.take();

    let mut found = Vec::new();
    let mut path = at_noon("");
    loop {
        let page = stack.get(&path).await;
        let calls = stack.calls.take();
        let queries = calls.iter().filter(|call| *call == "Query").count();
        // The only other call is the read of the registry, which is cached for a second.
        let registry = calls.iter().filter(|call| *call == "GetItem").count();
        assert!(
            queries <= 2 && registry <= 1 && queries + registry == calls.len(),
            "{calls:?}"
        );
        found.extend(page.found());
        let Some(cursor) = page.cursor() else { break };
        path = at_noon(&format!("cursor={cursor}"));
    }
    assert_eq!(found, [last], "{}", id(last));
}
