//! The service through its router, against a DynamoDB in this process.

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

    /// Where a new one is.
    async fn created(&self) -> String {
        let created = self.post("/__name__", json!({ "name": "first" })).await.expect(201);
        created.header("location").to_owned()
    }
}

/// Requests go to the service.
impl Deref for App {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.http
    }
}

#[tokio::test]
async fn what_is_created_is_found_where_the_answer_says() {
    let app = App::start().await;
    let created = app.post("/__name__", json!({ "name": "first" })).await.expect(201);
    let found = app.get(created.header("location")).await.expect(200);
    assert_eq!(found.body, created.body);
    assert_eq!((&found.body["name"], &found.body["closed"]), (&json!("first"), &json!(false)));
    app.get_unless(created.header("location"), found.header("etag")).await.expect(304);
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer() {
    let app = App::start().await;
    let create = || app.post_once("/__name__", "k-1", json!({ "name": "first" }));
    let (first, second) = (create().await.expect(201), create().await.expect(201));
    assert_eq!(first.body, second.body);
    assert_eq!(first.header("consistency-token"), second.header("consistency-token"));
}

#[tokio::test]
async fn a_new_name_is_shown_at_once() {
    let app = App::start().await;
    let path = app.created().await;
    let renamed = app.post(&format!("{path}/rename"), json!({ "name": "second" })).await.expect(200);
    assert_eq!(renamed.body["name"], "second");
    assert_eq!(app.get(&path).await.body, renamed.body);
}

#[tokio::test]
async fn what_is_closed_closes_again_and_changes_no_more() {
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
async fn an_id_under_which_nothing_was_created_is_404() {
    let app = App::start().await;
    let path = "/__name__/__prefix__00000000000000000000000000000001";
    assert_eq!(app.get(path).await.problem(), (404, "UNKNOWN___CATEGORY__"));
    let closed = app.post(&format!("{path}/close"), json!({})).await;
    assert_eq!(closed.problem(), (404, "UNKNOWN___CATEGORY__"));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_where_it_is_wrong() {
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
