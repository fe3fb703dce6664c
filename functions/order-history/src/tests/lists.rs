//! D1, D3, D5, A9: the query function on the view, with exact times and counted calls.

use crate::tests::commits::{Life, consumer, created, created_with, order_id, ticket_created};
use crate::tests::stack::Stack;
use commit::Commit;
use contracts::{OrderEvent, TicketEvent};
use testkit::Answer;
use testkit::token_of;

fn orders(parameters: &str) -> String {
    format!("/orders?consumerId={}&{parameters}", consumer())
}

fn ids(page: &Answer) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", String::from_utf8_lossy(&page.bytes));
    let page = page.json();
    let orders = page["orders"].as_array().unwrap();
    orders
        .iter()
        .map(|order| order["orderId"].as_str().unwrap().to_owned())
        .collect()
}

/// Stores 1,000 orders of one consumer, a second apart; one in a hundred of them is cancelled.
async fn a_thousand_orders(stack: &Stack) {
    for number in 1..=1_000_u128 {
        let begins = format!(
            "2026-11-23T{:02}:{:02}:{:02}Z",
            number / 3600,
            number / 60 % 60,
            number % 60
        );
        let mut life = Life::new(number, &begins);
        let last = if number % 100 == 50 {
            OrderEvent::OrderCancelled {}
        } else {
            OrderEvent::OrderApproved {}
        };
        let commits = [life.order(created()), life.order(last)];
        for commit in &commits {
            stack.store(commit).await;
        }
        stack.deliver(&commits).await;
    }
}

#[tokio::test]
async fn d1_filter_finds_ten_of_a_thousand_orders_with_two_calls() {
    let stack = Stack::start().await;
    a_thousand_orders(&stack).await;
    // The first request also reads the serving generation, which is cached for a second.
    let _ = stack.get(&orders("limit=1")).await;

    stack.calls.take();
    let found = ids(&stack.get(&orders("status=CANCELLED&limit=10")).await);
    let queries = queries(&stack);
    assert_eq!(found.len(), 10);
    assert_eq!(found[0], order_id(950).to_string());
    assert!(queries <= 2, "{queries} Queries");
}

#[tokio::test]
async fn d1_filter_without_a_match_in_a_thousand_orders_takes_two_calls() {
    let stack = Stack::start().await;
    a_thousand_orders(&stack).await;
    let _ = stack.get(&orders("limit=1")).await;

    for filter in [
        "keywords=nothing",
        "status=APPROVAL_PENDING",
        "keywords=ajanta&status=APPROVAL_PENDING",
    ] {
        stack.calls.take();
        let page = stack.get(&orders(filter)).await;
        let queries = queries(&stack);
        assert_eq!(ids(&page), [""; 0]);
        assert_eq!(
            page.json().get("nextCursor"),
            None,
            "{filter}: the list has a next page"
        );
        assert!(queries <= 2, "{filter}: {queries} Queries");
    }
}

/// Returns the number of Queries. The only other call allowed is the read of the registry.
fn queries(stack: &Stack) -> usize {
    let calls = stack.calls.take();
    let registry = calls.iter().filter(|call| *call == "GetItem").count();
    let queries = calls.iter().filter(|call| *call == "Query").count();
    assert!(registry <= 1 && registry + queries == calls.len(), "{calls:?}");
    queries
}

#[tokio::test]
async fn query_function_only_reads() {
    let stack = Stack::start().await;
    let mut life = Life::new(1, "2026-11-23T17:00:00Z");
    let creation = life.order(created());
    stack.store(&creation).await;
    let token = token_of(&creation);
    for path in [
        orders(""),
        format!("/orders/{}", order_id(1)),
        format!("/orders/{}", order_id(2)),
    ] {
        for headers in [vec![], vec![("consistency-token", token.as_str())]] {
            let _ = stack.get_with(&path, &headers).await;
        }
    }
    let calls = stack.calls.take();
    assert!(!calls.is_empty());
    let reads = ["BatchGetItem", "GetItem", "Query"];
    assert!(
        calls.iter().all(|call| reads.contains(&call.as_str())),
        "{calls:?}"
    );
}

#[tokio::test]
async fn a9_newer_order_is_listed_before_an_older_one() {
    let stack = Stack::start().await;
    let old = Life::new(1, "2026-11-18T17:00:00Z").order(created());
    let new = Life::new(2, "2026-11-22T17:00:00Z").order(created());
    stack.publish(&[new, old]).await;
    let newest = [order_id(2).to_string(), order_id(1).to_string()];
    assert_eq!(ids(&stack.get(&orders("")).await), newest);
    let oldest = [order_id(1).to_string(), order_id(2).to_string()];
    assert_eq!(ids(&stack.get(&orders("sort=asc")).await), oldest);
}

#[tokio::test]
async fn old_order_is_listed_without_since() {
    let stack = Stack::start().await;
    let ancient = Life::new(1, "2009-11-18T17:00:00Z").order(created());
    stack.publish(&[ancient]).await;
    assert_eq!(ids(&stack.get(&orders("")).await).len(), 1);
    assert_eq!(
        ids(&stack.get(&orders("since=2009-11-18T17:00:00Z")).await).len(),
        1
    );
    assert_eq!(
        ids(&stack.get(&orders("since=2009-11-18T17:00:00.001Z")).await).len(),
        0
    );
    assert_eq!(
        ids(&stack.get(&orders("until=2009-11-18T17:00:00.001Z")).await).len(),
        1
    );
    assert_eq!(
        ids(&stack.get(&orders("until=2009-11-18T17:00:00Z")).await).len(),
        0
    );
}

#[tokio::test]
async fn orders_of_one_millisecond_are_paged_without_a_gap() {
    let stack = Stack::start().await;
    let commits: Vec<Commit> = (1..=7)
        .map(|n| Life::new(n, "2026-11-23T17:00:00Z").order(created()))
        .collect();
    stack.publish(&commits).await;
    let mut seen = Vec::new();
    let mut path = orders("limit=2");
    loop {
        let page = stack.get(&path).await;
        seen.extend(ids(&page));
        let page = page.json();
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        path = orders(&format!("limit=2&cursor={cursor}"));
    }
    let expected: Vec<String> = (1..=7).rev().map(|n| order_id(n).to_string()).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn order_without_words_is_listed_and_never_found_by_keyword() {
    let stack = Stack::start().await;
    let wordless = Life::new(1, "2026-11-23T17:00:00Z").order(created_with("🍛", &["…"]));
    stack.publish(&[wordless]).await;
    assert_eq!(ids(&stack.get(&orders("")).await).len(), 1);
    assert_eq!(ids(&stack.get(&orders("keywords=curry")).await).len(), 0);
}

#[tokio::test]
async fn words_are_found_in_any_case_and_encoding() {
    let stack = Stack::start().await;
    let order = Life::new(1, "2026-11-23T17:00:00Z")
        .order(created_with("Café İstanbul", &["Straßen-Döner", "O’Brien’s"]));
    stack.publish(&[order]).await;
    // Percent-encoded: CAFÉ; café with a combining accent; istanbul; STRASSEN DÖNER; o'brien's.
    for found in [
        "CAF%C3%89",
        "cafe%CC%81",
        "istanbul",
        "STRASSEN+D%C3%96NER",
        "o%27brien%27s",
    ] {
        assert_eq!(
            ids(&stack.get(&orders(&format!("keywords={found}"))).await).len(),
            1,
            "{found}"
        );
    }
    for not_found in ["cafe", "doner", "strasse", "stan"] {
        assert_eq!(
            ids(&stack.get(&orders(&format!("keywords={not_found}"))).await).len(),
            0,
            "{not_found}"
        );
    }
}

#[tokio::test]
async fn d2_token_lists_an_unprojected_order() {
    let stack = Stack::start().await;
    let mut life = Life::new(1, "2026-11-23T17:00:00Z");
    let creation = life.order(created());
    stack.store(&creation).await;
    assert_eq!(ids(&stack.get(&orders("")).await).len(), 0);
    let token = token_of(&creation);
    let page = stack
        .get_with(&orders(""), &[("consistency-token", &token)])
        .await;
    assert_eq!(ids(&page), [order_id(1).to_string()]);
}

#[tokio::test]
async fn d2_token_drops_an_order_that_no_longer_matches() {
    let stack = Stack::start().await;
    let mut life = Life::new(1, "2026-11-23T17:00:00Z");
    stack.publish(&[life.order(created())]).await;
    let approval = life.order(OrderEvent::OrderApproved {});
    stack.store(&approval).await;
    let token = token_of(&approval);
    let with_token = [("consistency-token", token.as_str())];
    assert_eq!(
        ids(&stack
            .get_with(&orders("status=APPROVAL_PENDING"), &with_token)
            .await)
        .len(),
        0
    );
    assert_eq!(
        ids(&stack.get_with(&orders("status=APPROVED"), &with_token).await).len(),
        1
    );
}

#[tokio::test]
async fn unprojected_order_is_found_in_the_events() {
    let stack = Stack::start().await;
    stack
        .store(&Life::new(1, "2026-11-23T17:00:00Z").order(created()))
        .await;
    let story = stack.json(&format!("/orders/{}", order_id(1))).await;
    assert_eq!(story["versions"], serde_json::json!({ "order": 1 }));
    assert_eq!(story["lastEventAt"], "2026-11-23T17:00:00.000Z");
}

#[tokio::test]
async fn order_behind_its_ticket_is_found_in_the_events() {
    let stack = Stack::start().await;
    let mut life = Life::new(1, "2026-11-23T17:00:00Z");
    stack.store(&life.order(created())).await;
    stack.publish(&[life.ticket(ticket_created())]).await;
    let story = stack.json(&format!("/orders/{}", order_id(1))).await;
    assert_eq!(story["ticket"]["status"], "CREATE_PENDING");
    assert_eq!(story["status"], "APPROVAL_PENDING");
}

#[tokio::test]
async fn ticket_without_an_order_is_an_unknown_order() {
    let stack = Stack::start().await;
    stack
        .publish(&[Life::new(1, "2026-11-23T17:00:00Z").ticket(ticket_created())])
        .await;
    let answer = stack.get(&format!("/orders/{}", order_id(1))).await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (404, Some("UNKNOWN_ORDER"))
    );
    assert_eq!(
        ids(&stack.get(&orders("")).await).len(),
        0,
        "a list shows an order before its creation"
    );
}

#[tokio::test]
async fn unknown_order_is_reported_after_checking_the_event_tables() {
    let stack = Stack::start().await;
    let answer = stack.get(&format!("/orders/{}", order_id(1))).await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (404, Some("UNKNOWN_ORDER"))
    );
    let calls = stack.calls.take();
    assert_eq!(
        calls.iter().filter(|call| *call == "Query").count(),
        4,
        "one per source: {calls:?}"
    );
}

#[tokio::test]
async fn token_of_a_missing_version_is_refused() {
    let stack = Stack::start().await;
    let mut life = Life::new(1, "2026-11-23T17:00:00Z");
    stack.publish(&[life.order(created())]).await;
    let token = token_of(&life.order(OrderEvent::OrderApproved {}));
    for path in [orders(""), format!("/orders/{}", order_id(1))] {
        let answer = stack.get_with(&path, &[("consistency-token", &token)]).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (400, Some("INVALID_CONSISTENCY_TOKEN")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn d5_etag_changes_only_with_the_order() {
    let stack = Stack::start().await;
    let mut life = Life::new(1, "2026-11-23T17:00:00Z");
    stack.publish(&[life.order(created())]).await;
    for path in [format!("/orders/{}", order_id(1)), orders("")] {
        let tag = stack.get(&path).await.headers["etag"]
            .to_str()
            .unwrap()
            .to_owned();
        let again = stack.get_with(&path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status, again.bytes.len()), (304, 0), "{path}");
        assert_eq!(again.headers["etag"], tag);
    }
    let path = format!("/orders/{}", order_id(1));
    let before = stack.get(&path).await.headers["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    let caught_up = life.ticket(TicketEvent::TicketConfirmed {});
    stack.store(&caught_up).await;
    let token = token_of(&caught_up);
    let with_token = [
        ("if-none-match", before.as_str()),
        ("consistency-token", token.as_str()),
    ];
    let during = stack.get_with(&path, &with_token).await;
    assert_eq!(during.status, 200, "the answer is newer than the etag");

    stack.deliver(&[caught_up]).await;
    let after = stack.get(&path).await;
    assert_eq!(
        after.headers["etag"], during.headers["etag"],
        "the same state has the same tag"
    );
}
