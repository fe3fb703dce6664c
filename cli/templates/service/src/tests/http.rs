//! Tests of the service through its router, on a DynamoDB in the process.

use crate::router;
use contracts::__module__::CATEGORY;
use event_store::event_table;
use function::Wiring;
use local_dynamodb::LocalDynamo;
use serde_json::json;
use std::ops::Deref;
use testkit::Client;

struct App {
    http: Client,
    _dynamo: LocalDynamo,
}

impl App {
    async fn start() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        event_table("events").create(&dynamo.client()).await.unwrap();
        let wiring = Wiring::new(dynamo.client()).events(CATEGORY, "events");
        Self {
            http: Client::new(router(&wiring)),
            _dynamo: dynamo,
        }
    }

    /// Creates an aggregate, and returns its path.
    async fn created(&self) -> String {
        let created = self.post("/__name__", json!({ "name": "first" })).await.expect(201);
        created.header("location").to_owned()
    }
}

/// Dereferences to the client, so that requests go to the service.
impl Deref for App {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.http
    }
}

#[tokio::test]
async fn created_aggregate_is_found_at_its_location() {
    let app = App::start().await;
    let created = app.post("/__name__", json!({ "name": "first" })).await.expect(201);
    let found = app.get(created.header("location")).await.expect(200);
    assert_eq!(found.body, created.body);
    assert_eq!((&found.body["name"], &found.body["closed"]), (&json!("first"), &json!(false)));
    app.get_unless(created.header("location"), found.header("etag")).await.expect(304);
}

#[tokio::test]
async fn repeated_key_returns_first_reply() {
    let app = App::start().await;
    let create = || app.post_once("/__name__", "k-1", json!({ "name": "first" }));
    let (first, second) = (create().await.expect(201), create().await.expect(201));
    assert_eq!(first.body, second.body);
    assert_eq!(first.header("consistency-token"), second.header("consistency-token"));
}

#[tokio::test]
async fn new_name_is_visible_at_once() {
    let app = App::start().await;
    let path = app.created().await;
    let renamed = app.post(&format!("{path}/rename"), json!({ "name": "second" })).await.expect(200);
    assert_eq!(renamed.body["name"], "second");
    assert_eq!(app.get(&path).await.body, renamed.body);
}

#[tokio::test]
async fn closed_aggregate_can_be_closed_again_and_not_renamed() {
    let app = App::start().await;
    let path = app.created().await;
    for _ in 0..2 {
        let closed = app.post(&format!("{path}/close"), json!({})).await.expect(200);
        assert_eq!(closed.body["closed"], json!(true));
    }
    let refused = app.post(&format!("{path}/rename"), json!({ "name": "second" })).await;
    assert_eq!(refused.problem(), (409, "__CATEGORY___CLOSED"));
}

#[tokio::test]
async fn unknown_id_is_404() {
    let app = App::start().await;
    let path = "/__name__/__prefix__00000000000000000000000000000001";
    assert_eq!(app.get(path).await.problem(), (404, "UNKNOWN___CATEGORY__"));
    let closed = app.post(&format!("{path}/close"), json!({})).await;
    assert_eq!(closed.problem(), (404, "UNKNOWN___CATEGORY__"));
}

#[tokio::test]
async fn malformed_input_is_refused() {
    let app = App::start().await;
    assert_eq!(app.get("/__name__/1").await.problem(), (400, "INVALID_ID"));
    for (body, field) in [
        (json!({}), "name"),
        (json!({ "name": "" }), "name"),
        (json!({ "name": "first", "size": 1 }), "size"),
    ] {
        let refused = app.post("/__name__", &body).await;
        assert_eq!((refused.status, &refused.body["field"]), (400, &json!(field)), "{body}");
    }
}
