use crate::fixture::TestAccounting;
use axum::body::Body;
use axum::http::Request;
use contracts::{AccountEvent, ConsumerId};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_limit_that_is_set_is_shown() {
    let accounting = TestAccounting::start().await;
    let id = accounting.consumer().await;
    let set = accounting.set_limit(id, "15.00").await;
    assert_eq!(set.status.as_u16(), 200);
    assert!(set.headers.contains_key("consistency-token"));

    let shown = accounting.account(id).await;
    assert_eq!(shown.body, set.body);
    assert_eq!(
        shown.body,
        json!({
            "consumerId": id,
            "balance": "0.00",
            "creditLimit": "15.00",
            "availableCredit": "15.00",
            "openAuthorizations": [],
        })
    );
}

#[tokio::test]
async fn what_is_held_back_is_shown_order_by_order() {
    let accounting = TestAccounting::start().await;
    let id = accounting.consumer().await;
    accounting.set_limit(id, "15.00").await;
    let order = accounting.order(id, 1).await;
    accounting.deliver(&[format!("order#{order}")]).await;

    let shown = accounting.account(id).await.body;
    assert_eq!(shown["balance"], "12.34");
    assert_eq!(shown["availableCredit"], "2.66");
    assert_eq!(
        shown["openAuthorizations"],
        json!([{ "orderId": order, "amount": "12.34" }])
    );
}

#[tokio::test]
async fn a_limit_may_be_set_before_the_account_is_opened() {
    let accounting = TestAccounting::start().await;
    let id = accounting.consumer().await;
    assert_eq!(accounting.set_limit(id, "15.00").await.status.as_u16(), 200);
    // In one commit.
    assert_eq!(accounting.commits_of(&format!("account#{id}")).await.len(), 1);
    // The opening that the reactor asks for now finds it open.
    accounting.deliver(&[format!("consumer#{id}")]).await;
    assert_eq!(
        accounting.account_events(id).await,
        [
            AccountEvent::AccountOpened {},
            AccountEvent::CreditLimitSet {
                credit_limit: "15.00".parse().unwrap()
            }
        ]
    );
}

#[tokio::test]
async fn an_account_that_is_not_opened_yet_has_no_limit() {
    let accounting = TestAccounting::start().await;
    let id = accounting.consumer().await;
    assert_eq!(
        accounting.account(id).await.body,
        json!({ "consumerId": id, "balance": "0.00", "openAuthorizations": [] })
    );
}

#[tokio::test]
async fn an_unknown_consumer_has_no_account_and_gets_no_limit() {
    let accounting = TestAccounting::start().await;
    let id = ConsumerId::from_uuid(Uuid::now_v7());
    assert_eq!(accounting.account(id).await.code(), (404, "UNKNOWN_CONSUMER"));
    assert_eq!(
        accounting.set_limit(id, "15.00").await.code(),
        (404, "UNKNOWN_CONSUMER")
    );
    assert!(accounting.account_events(id).await.is_empty());
}

#[tokio::test]
async fn a_declined_order_does_not_make_its_consumer_known() {
    let accounting = TestAccounting::start().await;
    let id = ConsumerId::from_uuid(Uuid::now_v7());
    let order = accounting.order(id, 1).await;
    accounting.deliver(&[format!("order#{order}")]).await;
    assert_eq!(accounting.account(id).await.code(), (404, "UNKNOWN_CONSUMER"));
}

#[tokio::test]
async fn a_limit_repeated_under_its_key_gets_the_answer_of_the_first_time() {
    let accounting = TestAccounting::start().await;
    let id = accounting.consumer().await;
    let path = format!("/accounts/{id}/limit");
    let first = accounting
        .post_as(&path, json!({ "creditLimit": "15.00" }), Some("k1"))
        .await;
    accounting.set_limit(id, "20.00").await;

    let again = accounting
        .post_as(&path, json!({ "creditLimit": "15.00" }), Some("k1"))
        .await;
    assert_eq!((again.status.as_u16(), &again.body), (200, &first.body));
    assert_eq!(accounting.account(id).await.body["creditLimit"], "20.00");

    let other = accounting
        .post_as(&path, json!({ "creditLimit": "99.00" }), Some("k1"))
        .await;
    assert_eq!(other.code(), (422, "IDEMPOTENCY_KEY_REUSED"));
}

#[tokio::test]
async fn an_account_that_the_client_has_already_is_not_sent_again() {
    let accounting = TestAccounting::start().await;
    let id = accounting.consumer().await;
    accounting.set_limit(id, "15.00").await;
    let tag = accounting.account(id).await.headers["etag"].clone();
    let request = Request::get(format!("/accounts/{id}"))
        .header("If-None-Match", tag)
        .body(Body::empty())
        .unwrap();
    assert_eq!(accounting.send(request).await.status.as_u16(), 304);
}

#[tokio::test]
async fn malformed_input_is_refused_and_stores_nothing() {
    let accounting = TestAccounting::start().await;
    let id = accounting.consumer().await;
    let path = format!("/accounts/{id}/limit");
    for body in [
        json!({}),
        json!({ "creditLimit": 15 }),
        json!({ "creditLimit": "15" }),
        json!({ "creditLimit": "15.001" }),
        json!({ "creditLimit": "-1.00" }),
        json!({ "creditLimit": "1e3" }),
        json!({ "creditLimit": "15.00", "currency": "USD" }),
    ] {
        let answer = accounting.post(&path, body.clone()).await;
        assert_eq!(answer.code(), (400, "MALFORMED_BODY"), "{body}");
    }
    for id in ["con_1", "ord_0193a5b2c4d67e8f9a0b1c2d3e4f5061"] {
        let answer = accounting
            .post(
                &format!("/accounts/{id}/limit"),
                json!({ "creditLimit": "15.00" }),
            )
            .await;
        assert_eq!(answer.code(), (400, "INVALID_ID"), "{id}");
    }
    assert!(accounting.account_events(id).await.is_empty());
}
