//! The service through its router, against a DynamoDB in this process.

use crate::router;
use contracts::account::CATEGORY;
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

    /// Opens an account, and returns its path.
    async fn opened(&self, balance: &str) -> String {
        let body = json!({ "owner": "Ada Lovelace", "initialBalance": balance });
        let opened = self.post("/accounts", body).await.expect(201);
        opened.header("location").to_owned()
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
async fn opened_account_is_found_at_its_location() {
    let app = App::start().await;
    let path = app.opened("100.00").await;
    let found = app.get(&path).await.expect(200);
    let id = path.rsplit('/').next().unwrap();
    assert_eq!(
        found.body,
        json!({
            "accountId": id, "owner": "Ada Lovelace", "balance": "100.00", "inTransfer": "0.00", "closed": false,
        })
    );
    app.get_unless(&path, found.header("etag")).await.expect(304);
}

#[tokio::test]
async fn repeated_key_returns_first_reply() {
    let app = App::start().await;
    let open = || {
        let body = json!({ "owner": "Ada Lovelace", "initialBalance": "1.00" });
        app.post_once("/accounts", "k-1", body)
    };
    let (first, second) = (open().await.expect(201), open().await.expect(201));
    assert_eq!(first.body, second.body);
    assert_eq!(
        first.header("consistency-token"),
        second.header("consistency-token")
    );
}

#[tokio::test]
async fn empty_account_can_be_closed_repeatedly_and_account_with_a_balance_cannot() {
    let app = App::start().await;
    let empty = app.opened("0.00").await;
    for _ in 0..2 {
        let closed = app.post(&format!("{empty}/close"), json!({})).await.expect(200);
        assert_eq!(closed.body["closed"], json!(true));
    }
    let full = app.opened("0.01").await;
    let refused = app.post(&format!("{full}/close"), json!({})).await;
    assert_eq!(refused.problem(), (409, "ACCOUNT_NOT_EMPTY"));
}

#[tokio::test]
async fn unknown_account_is_404() {
    let app = App::start().await;
    let path = "/accounts/acc_00000000000000000000000000000001";
    assert_eq!(app.get(path).await.problem(), (404, "UNKNOWN_ACCOUNT"));
    let closed = app.post(&format!("{path}/close"), json!({})).await;
    assert_eq!(closed.problem(), (404, "UNKNOWN_ACCOUNT"));
}

#[tokio::test]
async fn invalid_input_is_refused_with_its_field() {
    let app = App::start().await;
    assert_eq!(app.get("/accounts/1").await.problem(), (400, "INVALID_ID"));
    for (body, field) in [
        (json!({ "initialBalance": "1.00" }), "owner"),
        (json!({ "owner": "", "initialBalance": "1.00" }), "owner"),
        (json!({ "owner": "Ada" }), "initialBalance"),
        (
            json!({ "owner": "Ada", "initialBalance": "-1.00" }),
            "initialBalance",
        ),
        (json!({ "owner": "Ada", "initialBalance": 1 }), "initialBalance"),
        (
            json!({ "owner": "Ada", "initialBalance": "1.00", "overdraft": "1.00" }),
            "overdraft",
        ),
    ] {
        let refused = app.post("/accounts", &body).await;
        assert_eq!(
            (refused.status, &refused.body["field"]),
            (400, &json!(field)),
            "{body}"
        );
    }
}
