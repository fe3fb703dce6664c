//! The service through its router, with a DynamoDB in this process.

use crate::router;
use contracts::ConsumerId;
use contracts::access::{BACK_OFFICE, CONSUMERS};
use contracts::consumer::CATEGORY;
use event_store::{CommitReader, event_table};
use function::Wiring;
use http::StatusCode;
use http_api::{Caller, CallerId};
use local_dynamodb::LocalDynamo;
use serde_json::{Value, json};
use std::ops::Deref;
use testkit::{Answer, Client};

struct App {
    dynamo: LocalDynamo,
    http: Client,
}

impl App {
    async fn start() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        event_table("events").create(&dynamo.client()).await.unwrap();
        let wiring = Wiring::new(dynamo.client()).events(CATEGORY, "events");
        Self {
            dynamo,
            http: Client::new(router(&wiring)),
        }
    }

    async fn create(&self, body: impl ToString) -> Answer {
        let body = body.to_string();
        self.post_bytes("/consumers", "application/json", body).await
    }

    /// Returns a client that is this caller.
    fn client_of(&self, caller: Caller) -> Client {
        let wiring = Wiring::new(self.dynamo.client()).events(CATEGORY, "events");
        Client::of(router(&wiring), caller)
    }

    async fn stored(&self) -> usize {
        let reader = CommitReader::new(self.dynamo.client(), "events");
        reader.heads(0, 1, None).await.unwrap().keys.len()
    }
}

/// Dereferences to the client, so that requests go to the service.
impl Deref for App {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.http
    }
}

fn jane() -> Value {
    json!({ "name": { "firstName": "Jane", "lastName": "Doe" } })
}

#[tokio::test]
async fn created_consumer_is_found_at_its_location() {
    let app = App::start().await;
    let created = app.create(&jane()).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert!(created.headers.contains_key("consistency-token"));

    let found = app.get(created.header("location")).await;
    assert_eq!(found.status, StatusCode::OK);
    assert_eq!(
        found.body,
        json!({ "consumerId": created.body["consumerId"], "name": { "firstName": "Jane", "lastName": "Doe" } })
    );
}

#[tokio::test]
async fn consumer_with_matching_etag_is_304() {
    let app = App::start().await;
    let created = app.create(&jane()).await;
    let path = created.header("location");
    let found = app.get(path).await;
    let again = app.get_unless(path, found.header("etag")).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn repeated_key_returns_the_same_consumer() {
    let app = App::start().await;
    let create = || app.post_once("/consumers", "k-1", jane());
    let (first, second) = (create().await, create().await);
    assert_eq!((first.status, second.status), (201, 201));
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
async fn malformed_ids_are_400() {
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
async fn malformed_token_is_400() {
    let app = App::start().await;
    let created = app.create(&jane()).await;
    let garbage = [("consistency-token", "garbage")];
    let answer = app.get_with(created.header("location"), &garbage).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.body["code"], "INVALID_CONSISTENCY_TOKEN");
}

#[tokio::test]
async fn invalid_names_are_refused_with_their_field() {
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

fn consumer(subject: &str) -> Caller {
    let caller = Caller::new(CallerId::derive(&["issuer", subject])).role(CONSUMERS.role);
    let id = ConsumerId::from_uuid(caller.own(CATEGORY));
    caller.holding(CATEGORY, id.to_string())
}

#[tokio::test]
async fn consumer_registers_itself_once_under_its_own_id() {
    let app = App::start().await;
    let caller = consumer("jane");
    let own = caller.held(CATEGORY).next().unwrap().to_owned();
    let http = app.client_of(caller);
    let created = http.post("/consumers", jane()).await;
    assert_eq!(
        (created.status, &created.json()["consumerId"]),
        (201, &json!(own))
    );
    assert_eq!(http.get(&format!("/consumers/{own}")).await.status, 200);
    let again = http.post("/consumers", jane()).await;
    assert_eq!(again.code(), (409, "CONSUMER_EXISTS"));
}

#[tokio::test]
async fn consumer_sees_nobody_else() {
    let app = App::start().await;
    let registered = app.create(&jane()).await.json();
    let other = registered["consumerId"].as_str().unwrap();
    let http = app.client_of(consumer("joe"));
    let foreign = http.get(&format!("/consumers/{other}")).await;
    assert_eq!(foreign.code(), (404, "UNKNOWN_CONSUMER"));
    let unregistered = consumer("joe").held(CATEGORY).next().unwrap().to_owned();
    let own = http.get(&format!("/consumers/{unregistered}")).await;
    assert_eq!(
        own.code(),
        foreign.code(),
        "what is foreign looks like what is not there"
    );
}

#[tokio::test]
async fn back_office_registers_any_number_of_consumers() {
    let app = App::start().await;
    let office = Caller::new(CallerId::derive(&["issuer", "office"])).role(BACK_OFFICE.role);
    let http = app.client_of(office);
    let ids: Vec<_> = [
        http.post("/consumers", jane()).await,
        http.post("/consumers", jane()).await,
    ]
    .map(|created| created.expect(201).json()["consumerId"].clone())
    .into();
    assert_ne!(ids[0], ids[1]);
}
