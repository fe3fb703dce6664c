//! Tests of the system over HTTP, against the embedded stack or the deployment that `BELVEDERE_URL` names.

use http_suite::{Answer, Api, encode, eventually};
use serde_json::{Value, json};

fn here() -> Api {
    Api::here(system::money_transfer)
}

/// Opens an account and returns its id.
async fn opened(api: &Api, owner: &str, balance: &str) -> String {
    let body = json!({ "owner": owner, "initialBalance": balance });
    let opened = api.post("/accounts", &body).await.expect(201);
    text(&opened.json()["accountId"])
}

/// Creates a transfer and returns it after it has ended.
async fn transferred(api: &Api, from: &str, to: &str, amount: &str) -> Value {
    let body = json!({ "from": from, "to": to, "amount": amount });
    let created = api.post("/transfers", &body).await.expect(201);
    let path = format!("/transfers/{}", text(&created.json()["transferId"]));
    eventually("the transfer ends", async || {
        let shown = api.get(&path).await.expect(200);
        match shown.json()["status"].as_str() {
            Some("COMPLETED" | "FAILED") => Ok(shown.json()),
            _ => Err(shown),
        }
    })
    .await
}

async fn balance(api: &Api, account: &str) -> String {
    let shown = api.get(&format!("/accounts/{account}")).await.expect(200);
    text(&shown.json()["balance"])
}

/// Waits until the answer contains the text.
async fn shows(api: &Api, path: &str, expected: &str) -> Answer {
    eventually(expected, async || {
        let shown = api.get(path).await;
        let found = String::from_utf8_lossy(&shown.body).contains(expected);
        if found { Ok(shown) } else { Err(shown) }
    })
    .await
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn transfer_moves_its_amount_between_accounts() {
    let api = here();
    let (from, to) = (
        opened(&api, "Ada", "100.00").await,
        opened(&api, "Grace", "0.00").await,
    );
    let transfer = transferred(&api, &from, &to, "12.34").await;
    assert_eq!(transfer["status"], "COMPLETED");
    assert_eq!(balance(&api, &from).await, "87.66");
    assert_eq!(balance(&api, &to).await, "12.34");
}

#[tokio::test]
async fn transfer_above_the_balance_fails_and_moves_nothing() {
    let api = here();
    let (from, to) = (
        opened(&api, "Ada", "10.00").await,
        opened(&api, "Grace", "0.00").await,
    );
    let transfer = transferred(&api, &from, &to, "10.01").await;
    assert_eq!(
        (&transfer["status"], &transfer["reason"]),
        (&json!("FAILED"), &json!("INSUFFICIENT_FUNDS"))
    );
    assert_eq!(balance(&api, &from).await, "10.00");
    assert_eq!(balance(&api, &to).await, "0.00");
}

#[tokio::test]
async fn transfer_to_a_closed_or_unknown_account_is_refunded() {
    let api = here();
    let from = opened(&api, "Ada", "10.00").await;
    let closed = opened(&api, "Grace", "0.00").await;
    let close = api.post(&format!("/accounts/{closed}/close"), &json!({})).await;
    assert_eq!(close.expect(200).json()["closed"], true);
    let unknown = "acc_00000000000000000000000000000000";
    for (to, reason) in [(&*closed, "ACCOUNT_CLOSED"), (unknown, "UNKNOWN_ACCOUNT")] {
        let transfer = transferred(&api, &from, to, "4.00").await;
        assert_eq!(
            (&transfer["status"], &transfer["reason"]),
            (&json!("FAILED"), &json!(reason))
        );
        assert_eq!(balance(&api, &from).await, "10.00");
    }
}

#[tokio::test]
async fn views_show_a_completed_transfer() {
    let api = here();
    let owner = format!("Ada {}", opened(&api, "Grace", "0.00").await);
    let (from, to) = (
        opened(&api, &owner, "100.00").await,
        opened(&api, &owner, "0.00").await,
    );
    let transfer = transferred(&api, &from, &to, "12.34").await;

    shows(&api, &format!("/accounts/{from}/balance"), "87.66").await;
    let list = format!("/accounts?owner={}", encode(&owner));
    let accounts = shows(&api, &list, "\"12.34\"").await.json();
    assert_eq!(accounts["accounts"].as_array().map(Vec::len), Some(2));

    let path = format!("/accounts/{from}/statement");
    let statement = shows(&api, &path, "SETTLED").await.json();
    let movements = statement["movements"].as_array().cloned().unwrap_or_default();
    let kinds: Vec<&Value> = movements.iter().map(|movement| &movement["kind"]).collect();
    assert_eq!(kinds, ["SETTLED", "DEBIT", "OPENED"]);
    assert_eq!(
        movements[0]["transfer"],
        json!({ "id": transfer["transferId"], "account": to, "status": "COMPLETED" })
    );
}

#[tokio::test]
async fn read_with_the_token_of_a_command_shows_its_effect() {
    let api = here();
    let body = json!({ "owner": "Ada", "initialBalance": "1.00" });
    let opened = api.post("/accounts", &body).await.expect(201);
    let id = text(&opened.json()["accountId"]);
    for path in [
        format!("/accounts/{id}/balance"),
        format!("/accounts/{id}/statement"),
    ] {
        let shown = api.get_after(&path, &opened.token()).await.expect(200);
        assert!(
            String::from_utf8_lossy(&shown.body).contains("\"1.00\""),
            "{path}"
        );
    }
}

#[tokio::test]
async fn api_description_is_served() {
    let described = here().get("/openapi.json").await.expect(200).json();
    assert_eq!(described["info"]["title"], "Money transfer");
}
