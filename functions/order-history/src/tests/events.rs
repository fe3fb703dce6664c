//! The events of an order over HTTP: complete, in order, page by page, and without private attributes.

use crate::tests::commits::{Life, created, order_id, ticket_created};
use crate::tests::stack::Stack;
use commit::{Commit, Metadata};
use contracts::{OrderEvent, TicketEvent, ticket};
use http_api::ConsistencyToken;
use serde_json::{Value, json};
use testkit::Answer;

const BEGINS: &str = "2026-11-23T17:00:00Z";

/// Returns the path of the events of order 1.
fn events(parameters: &str) -> String {
    format!("/orders/{}/events?{parameters}", order_id(1))
}

fn code(answer: &Answer) -> (u16, String) {
    let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
    (answer.status, code)
}

fn refused_as(code: &str) -> (u16, String) {
    (400, code.to_owned())
}

/// Returns the version and type of each event on a page.
fn told(page: &Value) -> Vec<(u64, String)> {
    let events = page["events"].as_array().unwrap();
    let event = |event: &Value| {
        let kind = event["type"].as_str().unwrap().to_owned();
        (event["version"].as_u64().unwrap(), kind)
    };
    events.iter().map(event).collect()
}

/// Returns every page of this list, from the first to the one without a cursor.
async fn pages(stack: &Stack, parameters: &str) -> Vec<Value> {
    let mut pages = vec![stack.json(&events(parameters)).await];
    while let Some(cursor) = pages.last().and_then(|page| page["nextCursor"].as_str()) {
        let next = stack
            .json(&events(&format!("{parameters}&cursor={cursor}")))
            .await;
        pages.push(next);
    }
    pages
}

async fn store(stack: &Stack, commits: &[Commit]) {
    for commit in commits {
        stack.store(commit).await;
    }
}

/// Returns a stack with the creation and four more events of order 1, each a commit of its own.
async fn five_events() -> Stack {
    let stack = Stack::start().await;
    let mut life = Life::new(1, BEGINS);
    stack.store(&life.order(created())).await;
    for _ in 0..4 {
        stack.store(&life.order(OrderEvent::OrderApproved {})).await;
    }
    stack
}

#[tokio::test]
async fn event_is_shown_as_published() {
    let stack = Stack::start().await;
    let mut commit = Life::new(1, BEGINS).order(created());
    commit.metadata = Metadata {
        actor: Some("web".into()),
        correlation_id: Some("request-7".into()),
        causation_id: Some("commit-6".into()),
        on_behalf_of: Some("usr_1".into()),
        traceparent: Some("00-trace".into()),
    };
    stack.store(&commit).await;
    // As it was published, but for the width of its times.
    let mut data = commit.events[0].data.clone();
    data["deliveryTime"] = json!("2026-11-23T19:00:00.000Z");
    assert_eq!(
        stack.json(&events("")).await,
        json!({ "events": [{
            "version": 1,
            "type": "OrderCreated",
            "schema": 1,
            "data": data,
            "time": "2026-11-23T17:00:00.000Z",
            "commitId": commit.id,
            "causationId": "commit-6",
            "correlationId": "request-7",
            "actor": "web",
            "onBehalfOf": "usr_1",
        }] })
    );
}

#[tokio::test]
async fn absent_metadata_is_omitted() {
    let stack = Stack::start().await;
    stack.store(&Life::new(1, BEGINS).order(created())).await;
    let page = stack.json(&events("")).await;
    let names: Vec<_> = page["events"][0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["commitId", "data", "schema", "time", "type", "version"]);
}

#[tokio::test]
async fn private_state_of_a_service_is_not_shown() {
    let stack = Stack::start().await;
    let commit = Life::new(1, BEGINS).order(created());
    let private = [("s", "a-snapshot"), ("f", "a-fingerprint")];
    stack.store_with(&commit, &private).await;
    let answer = stack.get(&events("")).await;
    let text = String::from_utf8(answer.bytes).unwrap();
    assert!(text.contains("OrderCreated"), "{text}");
    for secret in ["a-snapshot", "a-fingerprint", &commit.command_id.to_string()] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn every_stream_of_an_order_has_its_own_events() {
    let stack = Stack::start().await;
    store(&stack, &Life::to_the_courier(1)).await;
    let kinds = async |parameters| {
        let page = stack.json(&events(parameters)).await;
        let kinds = told(&page).into_iter().map(|(_, kind)| kind);
        kinds.collect::<Vec<_>>()
    };
    let order = ["OrderCreated", "OrderApproved"];
    assert_eq!(kinds("").await, order);
    assert_eq!(kinds("stream=order").await, order);
    assert_eq!(kinds("stream=payment").await, ["PaymentAuthorized"]);
    assert_eq!(
        kinds("stream=ticket").await,
        [
            "TicketCreated",
            "TicketConfirmed",
            "TicketAccepted",
            "TicketPreparationStarted",
            "TicketPreparationCompleted",
            "TicketPickedUp"
        ]
    );
}

#[tokio::test]
async fn unprojected_order_has_its_events() {
    let stack = five_events().await;
    assert_eq!(told(&stack.json(&events("")).await).len(), 5);
}

#[tokio::test]
async fn last_page_has_no_cursor() {
    let stack = five_events().await;
    for (limit, sizes) in [
        (1, vec![1, 1, 1, 1, 1]),
        (2, vec![2, 2, 1]),
        (4, vec![4, 1]),
        (5, vec![5]),
        (100, vec![5]),
    ] {
        let pages = pages(&stack, &format!("limit={limit}")).await;
        let found: Vec<_> = pages.iter().map(told).collect();
        let lengths: Vec<_> = found.iter().map(Vec::len).collect();
        assert_eq!(lengths, sizes, "limit={limit}");
        let versions: Vec<_> = found.concat().into_iter().map(|(version, _)| version).collect();
        assert_eq!(versions, [1, 2, 3, 4, 5], "limit={limit}");
    }
}

#[tokio::test]
async fn page_defaults_to_twenty_commits() {
    let stack = Stack::start().await;
    let mut life = Life::new(1, BEGINS);
    stack.store(&life.order(created())).await;
    for _ in 0..20 {
        stack.store(&life.order(OrderEvent::OrderApproved {})).await;
    }
    let lengths: Vec<_> = pages(&stack, "")
        .await
        .iter()
        .map(|page| told(page).len())
        .collect();
    assert_eq!(lengths, [20, 1]);
}

#[tokio::test]
async fn events_of_a_commit_are_never_split() {
    let stack = Stack::start().await;
    let mut life = Life::new(1, BEGINS);
    let order = life.order(created());
    let both = life.commit(
        ticket::CATEGORY,
        &[
            TicketEvent::TicketPreparationStarted {},
            TicketEvent::TicketPreparationCompleted {},
        ],
    );
    let last = life.ticket(TicketEvent::TicketPickedUp {});
    store(&stack, &[order, both.clone(), last]).await;
    let pages = pages(&stack, "stream=ticket&limit=1").await;
    let versions = |page| {
        told(page)
            .into_iter()
            .map(|(version, _)| version)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        pages.iter().map(versions).collect::<Vec<_>>(),
        [vec![1, 2], vec![3]]
    );
    let of_both: Vec<_> = pages[0]["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["commitId"])
        .collect();
    assert_eq!(of_both, [&json!(both.id), &json!(both.id)]);
}

#[tokio::test]
async fn page_of_large_commits_ends_before_a_megabyte() {
    let stack = Stack::start().await;
    let mut life = Life::new(1, BEGINS);
    stack.store(&life.order(created())).await;
    for _ in 0..4 {
        let mut large = life.order(OrderEvent::OrderApproved {});
        large.events[0].data = json!({ "note": "x".repeat(340_000) });
        stack.store(&large).await;
    }
    let first = stack.get(&events("limit=100")).await;
    assert!(first.bytes.len() < 1_200_000, "{} bytes", first.bytes.len());
    let versions: Vec<_> = pages(&stack, "limit=100")
        .await
        .iter()
        .flat_map(told)
        .map(|(version, _)| version)
        .collect();
    assert_eq!(versions, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn page_takes_one_query() {
    let stack = five_events().await;
    for parameters in ["", "limit=2", "limit=5"] {
        stack.calls.take();
        let _ = stack.json(&events(parameters)).await;
        assert_eq!(stack.calls.take(), ["Query"], "{parameters}");
    }
}

#[tokio::test]
async fn unknown_order_is_404_for_every_stream() {
    let stack = Stack::start().await;
    for stream in ["order", "ticket", "payment"] {
        let answer = stack.get(&events(&format!("stream={stream}"))).await;
        assert_eq!(code(&answer), (404, "UNKNOWN_ORDER".to_owned()), "{stream}");
    }
}

#[tokio::test]
async fn stream_without_events_is_empty() {
    let stack = Stack::start().await;
    stack.store(&Life::new(1, BEGINS).order(created())).await;
    for stream in ["ticket", "payment"] {
        let page = stack.json(&events(&format!("stream={stream}"))).await;
        assert_eq!(page, json!({ "events": [] }), "{stream}");
    }
}

#[tokio::test]
async fn a_damaged_cursor_is_refused() {
    let stack = five_events().await;
    let page = stack.json(&events("limit=2")).await;
    let cursor = page["nextCursor"].as_str().unwrap();
    let mut damaged = cursor.to_owned();
    damaged.replace_range(5..6, if &cursor[5..6] == "A" { "B" } else { "A" });
    for text in [damaged.as_str(), "", "x", "null", "2", "%00", &cursor[1..]] {
        let answer = stack.get(&events(&format!("limit=2&cursor={text}"))).await;
        assert_eq!(code(&answer), refused_as("INVALID_CURSOR"), "{text}");
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let stack = five_events().await;
    let mut life = Life::new(2, BEGINS);
    store(&stack, &[life.order(created()), life.ticket(ticket_created())]).await;
    let page = stack.json(&events("limit=2")).await;
    let cursor = page["nextCursor"].as_str().unwrap();
    for another in [
        format!("/orders/{}/events?cursor={cursor}", order_id(2)),
        events(&format!("stream=ticket&cursor={cursor}")),
    ] {
        let answer = stack.get(&another).await;
        assert_eq!(code(&answer), refused_as("INVALID_CURSOR"), "{another}");
    }
}

#[tokio::test]
async fn invalid_parameters_are_refused_by_name() {
    let stack = five_events().await;
    for (parameters, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("stream=consumer", "stream"),
        ("stream=Order", "stream"),
        ("stream=", "stream"),
        ("stream=order&stream=ticket", "stream"),
        ("after=2", "after"),
    ] {
        let answer = stack.get(&events(parameters)).await;
        assert_eq!(code(&answer), refused_as("INVALID_PARAMETER"), "{parameters}");
        assert_eq!(answer.json()["field"], field, "{parameters}");
    }
}

#[tokio::test]
async fn a_token_costs_nothing_and_a_damaged_one_is_refused() {
    let stack = five_events().await;
    let token = ConsistencyToken {
        stream: format!("order#{}", order_id(1)).parse().unwrap(),
        version: 5,
    };
    stack.calls.take();
    let answer = stack
        .get_with(&events(""), &[("consistency-token", &token.to_string())])
        .await;
    assert_eq!(
        (answer.status, stack.calls.take()),
        (200, vec!["Query".to_owned()])
    );
    let answer = stack.get_with(&events(""), &[("consistency-token", "x")]).await;
    assert_eq!(code(&answer), refused_as("INVALID_CONSISTENCY_TOKEN"));
}

#[tokio::test]
async fn etag_changes_with_the_next_event() {
    let stack = Stack::start().await;
    let mut life = Life::new(1, BEGINS);
    stack.store(&life.order(created())).await;
    let tag = stack.get(&events("")).await.headers["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    let asked = [("if-none-match", tag.as_str())];
    assert_eq!(stack.get_with(&events(""), &asked).await.status, 304);
    stack.store(&life.order(OrderEvent::OrderApproved {})).await;
    assert_eq!(stack.get_with(&events(""), &asked).await.status, 200);
}
