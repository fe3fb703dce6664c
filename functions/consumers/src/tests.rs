//! The service through its router, against a DynamoDB in this process.

use crate::router;
use axum::Router;
use axum::body::Body;
use contracts::consumer::CATEGORY;
use event_store::{CommitReader, event_table};
use function::Wiring;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use local_dynamodb::LocalDynamo;
use serde_json::{Value, json};
use tower::ServiceExt;

struct App {
    dynamo: LocalDynamo,
    router: Router,
}

struct Answer {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Value,
}

impl App {
    async fn start() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        event_table("events").create(&dynamo.client()).await.unwrap();
        let wiring = Wiring::new(dynamo.client()).events(CATEGORY, "events");
        let (router, _) = router(&wiring).split_for_parts();
        Self {
            dynamo,
            router: http_api::finish(router),
        }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
        }
    }

    async fn create(&self, body: &str) -> Answer {
        let request = Request::post("/consumers").header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_owned())).unwrap())
            .await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn stored(&self) -> usize {
        let reader = CommitReader::new(self.dynamo.client(), "events");
        reader.heads(0, 1, None).await.unwrap().keys.len()
    }
}

fn jane() -> String {
    json!({ "name": { "firstName": "Jane", "lastName": "Doe" } }).to_string()
}

#[tokio::test]
async fn a_new_consumer_is_found_where_the_answer_says() {
    let app = App::start().await;
    let created = app.create(&jane()).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert!(created.headers.contains_key("consistency-token"));

    let found = app.get(created.headers["location"].to_str().unwrap()).await;
    assert_eq!(found.status, StatusCode::OK);
    assert_eq!(
        found.body,
        json!({ "consumerId": created.body["consumerId"], "name": { "firstName": "Jane", "lastName": "Doe" } })
    );
}

#[tokio::test]
async fn an_unchanged_consumer_is_not_sent_again() {
    let app = App::start().await;
    let created = app.create(&jane()).await;
    let path = created.headers["location"].to_str().unwrap();
    let found = app.get(path).await;
    let request = Request::get(path).header("if-none-match", &found.headers["etag"]);
    let again = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn the_same_key_gives_the_same_consumer() {
    let app = App::start().await;
    let request = || {
        Request::post("/consumers")
            .header("content-type", "application/json")
            .header("idempotency-key", "k-1")
            .body(Body::from(jane()))
            .unwrap()
    };
    let (first, second) = (app.send(request()).await, app.send(request()).await);
    assert_eq!(
        (first.status, second.status),
        (StatusCode::CREATED, StatusCode::CREATED)
    );
    assert_eq!(first.body, second.body);
    assert_eq!(
        first.headers["consistency-token"],
        second.headers["consistency-token"]
    );
    assert_eq!(app.stored().await, 1);
}

#[tokio::test]
async fn an_unknown_consumer_is_404() {
    let app = App::start().await;
    let unknown = app.get("/consumers/con_00000000000000000000000000000001").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(unknown.body["code"], "UNKNOWN_CONSUMER");
}

#[tokio::test]
async fn ids_that_are_none_are_400() {
    let app = App::start().await;
    for id in [
        "1",
        "ord_00000000000000000000000000000001",
        "..%2f..%2fetc%2fpasswd",
        "con_0000000000000000000000000000000G",
        "con_00000000000000000000000000000001%00",
    ] {
        let answer = app.get(&format!("/consumers/{id}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{id}");
        assert_eq!(answer.body["code"], "INVALID_ID", "{id}");
    }
}

#[tokio::test]
async fn a_token_that_is_none_is_400() {
    let app = App::start().await;
    let created = app.create(&jane()).await;
    let request =
        Request::get(created.headers["location"].to_str().unwrap()).header("consistency-token", "garbage");
    let answer = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.body["code"], "INVALID_CONSISTENCY_TOKEN");
}

#[tokio::test]
async fn bad_names_are_refused_where_they_are_bad() {
    let app = App::start().await;
    let long = "x".repeat(101);
    for first_name in [
        json!(""),
        json!("  "),
        json!("a\u{0}b"),
        json!("a\nb"),
        json!(long),
        json!(7),
        json!(null),
    ] {
        let body = json!({ "name": { "firstName": first_name, "lastName": "Doe" } });
        let answer = app.create(&body.to_string()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.body["code"], "MALFORMED_BODY", "{body}");
        assert_eq!(answer.body["field"], "name.firstName", "{body}");
    }
    assert_eq!(app.stored().await, 0);
    assert_eq!(app.create(&jane()).await.status, StatusCode::CREATED);
}
