//! The service through its router, against a DynamoDB in this process.

use crate::router;
use crate::tests::account;
use contracts::transfer::CATEGORY;
use event_store::event_table;
use function::Wiring;
use local_dynamodb::LocalDynamo;
use serde_json::{Value, json};
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
}

/// Dereferences to the client, so that requests go to the service.
impl Deref for App {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.http
    }
}

fn of(from: u128, to: u128, amount: &str) -> Value {
    json!({ "from": account(from), "to": account(to), "amount": amount })
}

#[tokio::test]
async fn new_transfer_is_found_at_its_location() {
    let app = App::start().await;
    let created = app.post("/transfers", of(1, 2, "5.00")).await.expect(201);
    let path = created.header("location");
    let found = app.get(path).await.expect(200);
    assert_eq!(
        found.body,
        json!({
            "transferId": path.rsplit('/').next().unwrap(),
            "from": account(1), "to": account(2), "amount": "5.00", "status": "PENDING",
        })
    );
    app.get_unless(path, found.header("etag")).await.expect(304);
}

#[tokio::test]
async fn repeated_key_creates_one_transfer() {
    let app = App::start().await;
    let create = || app.post_once("/transfers", "k-1", of(1, 2, "5.00"));
    let (first, second) = (create().await.expect(201), create().await.expect(201));
    assert_eq!(first.body, second.body);
    let other = app.post_once("/transfers", "k-1", of(1, 2, "6.00")).await;
    assert_eq!(other.problem().0, 422);
}

#[tokio::test]
async fn transfer_to_the_same_account_or_of_zero_is_refused_with_its_field() {
    let app = App::start().await;
    for (body, code, field) in [
        (of(1, 1, "5.00"), "SAME_ACCOUNT", "to"),
        (of(1, 2, "0.00"), "NO_AMOUNT", "amount"),
    ] {
        let refused = app.post("/transfers", body).await;
        assert_eq!(refused.problem(), (422, code));
        assert_eq!(refused.body["field"], field);
    }
}

#[tokio::test]
async fn unknown_transfer_is_404() {
    let path = "/transfers/trf_00000000000000000000000000000001";
    assert_eq!(
        App::start().await.get(path).await.problem(),
        (404, "UNKNOWN_TRANSFER")
    );
}

#[tokio::test]
async fn invalid_input_is_refused_with_its_field() {
    let app = App::start().await;
    assert_eq!(app.get("/transfers/1").await.problem(), (400, "INVALID_ID"));
    for (body, field) in [
        (json!({ "from": account(1), "to": account(2) }), "amount"),
        (
            json!({ "from": "acc_1", "to": account(2), "amount": "1.00" }),
            "from",
        ),
        (of(1, 2, "1.001"), "amount"),
    ] {
        let refused = app.post("/transfers", &body).await;
        assert_eq!(
            (refused.status, &refused.body["field"]),
            (400, &json!(field)),
            "{body}"
        );
    }
}
