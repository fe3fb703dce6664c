//! The query function: parameters, pages and read-your-writes.

use crate::{AccountStatement, router};
use commit::Commit;
use fixtures::{account, credited, history, opened};
use serde_json::json;
use testkit::{Answer, ViewStack, token_of};
use view_function::{Limit, Paging};

/// Returns the path of account 7's statement.
fn statement(parameters: &str) -> String {
    format!("/accounts/{}/statement?{parameters}", account(7))
}

/// Returns commits with this number of movements: an opening and credits.
fn story(movements: u128) -> Vec<Commit> {
    let credits = (1..movements).map(|number| credited(number, "1.00"));
    let events: Vec<_> = [opened("Ada", "0.00")].into_iter().chain(credits).collect();
    history(7, &events)
}

async fn with_movements(movements: u128) -> ViewStack<AccountStatement> {
    let stack = ViewStack::start(router).await;
    stack.publish(&story(movements)).await;
    stack
}

fn versions(answer: &Answer) -> Vec<u64> {
    let movements = answer.page("movements").into_iter();
    movements
        .map(|movement| movement["version"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn pages_list_every_movement_once_newest_first() {
    let stack = with_movements(12).await;
    for limit in ["limit=1", "limit=5", "limit=12", ""] {
        let mut page = stack.get(&statement(limit)).await;
        let mut found = versions(&page);
        while let Some(cursor) = page.cursor() {
            page = stack.get(&statement(&format!("{limit}&cursor={cursor}"))).await;
            found.extend(versions(&page));
        }
        assert_eq!(found, (1..=12).rev().collect::<Vec<_>>(), "{limit}");
    }
}

#[tokio::test]
async fn d4_new_movements_do_not_shift_later_pages() {
    let stack = with_movements(5).await;
    let first = stack.get(&statement("limit=3")).await;
    stack.publish(&story(6)[5..]).await;
    let next = statement(&format!("cursor={}", first.cursor().unwrap()));
    assert_eq!(versions(&stack.get(&next).await), [2, 1]);
}

#[tokio::test]
async fn d2_read_with_token_shows_movements_before_projection() {
    let stack = with_movements(2).await;
    let story = story(3);
    stack.bench.store(&story[2..]).await.unwrap();
    let token = token_of(&story[2]);
    let own = stack
        .get_with(&statement(""), &[("consistency-token", &token)])
        .await;
    assert_eq!(versions(&own), [3, 2, 1]);
    assert_eq!(own.page("movements")[0]["balance"], "2.00");
}

#[tokio::test]
async fn unknown_account_has_an_empty_statement() {
    let stack = with_movements(1).await;
    let path = format!("/accounts/{}/statement", account(8));
    assert_eq!(stack.get(&path).await.json(), json!({ "movements": [] }));
}

#[tokio::test]
async fn invalid_parameters_are_refused_by_name() {
    let stack = with_movements(1).await;
    for (query, field) in [("limit=0", "limit"), ("limit=101", "limit"), ("page=2", "page")] {
        let answer = stack.get(&statement(query)).await;
        assert_eq!(answer.problem(), (400, "INVALID_PARAMETER"), "{query}");
        assert_eq!(answer.body["field"], field);
    }
    let answer = stack.get("/accounts/acc_7/statement").await;
    assert_eq!(answer.problem(), (400, "INVALID_ID"));
}

#[tokio::test]
async fn cursor_of_another_account_or_outside_the_list_is_refused() {
    let stack = with_movements(3).await;
    let cursor = stack.get(&statement("limit=1")).await.cursor().unwrap();
    let other = format!("/accounts/{}/statement?cursor={cursor}", account(8));
    assert_eq!(stack.get(&other).await.problem(), (400, "INVALID_CURSOR"));
    let id = account(7).to_string();
    let paging = Paging::new("movements", &[&id], Limit::default(), None);
    for sort in ["-", ""] {
        let forged = paging.next(Some(&json!({ "s": sort }))).unwrap().unwrap();
        let answer = stack.get(&statement(&format!("cursor={forged}"))).await;
        assert_eq!(answer.problem(), (400, "INVALID_CURSOR"), "{sort}");
    }
}
