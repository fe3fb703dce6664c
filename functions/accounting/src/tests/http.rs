use crate::tests::fixture::{TestAccounting, proposed};
use contracts::{AccountEvent, ConsumerId, OrderEvent, OrderId};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn account_shows_the_limit() {
    let accounting = TestAccounting::start().await;
    let id = accounting.consumer().await;
    let set = accounting.set_limit(id, "15.00").await;
    assert_eq!(set.status, 200);
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
            "captured": "0.00",
            "openAuthorizations": [],
        })
    );
}

#[tokio::test]
async fn account_shows_held_back_amounts_by_order() {
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
async fn limit_can_be_set_before_the_account_is_opened() {
    let accounting = TestAccounting::start().await;
    let id = accounting.consumer().await;
    assert_eq!(accounting.set_limit(id, "15.00").await.status, 200);
    // In one commit.
    assert_eq!(accounting.commits_of(&format!("account#{id}")).await.len(), 1);
    // The opening that the reactor requests now finds the account open.
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
async fn unopened_account_has_no_limit() {
    let accounting = TestAccounting::start().await;
    let id = accounting.consumer().await;
    assert_eq!(
        accounting.account(id).await.body,
        json!({ "consumerId": id, "balance": "0.00", "captured": "0.00", "openAuthorizations": [] })
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
async fn declined_order_does_not_create_an_account() {
    let accounting = TestAccounting::start().await;
    let id = ConsumerId::from_uuid(Uuid::now_v7());
    let order = accounting.order(id, 1).await;
    accounting.deliver(&[format!("order#{order}")]).await;
    assert_eq!(accounting.account(id).await.code(), (404, "UNKNOWN_CONSUMER"));
}

#[tokio::test]
async fn repeated_key_returns_first_reply() {
    let accounting = TestAccounting::start().await;
    let id = accounting.consumer().await;
    let path = format!("/accounts/{id}/limit");
    let first = accounting
        .post_once(&path, "k1", json!({ "creditLimit": "15.00" }))
        .await;
    accounting.set_limit(id, "20.00").await;

    let again = accounting
        .post_once(&path, "k1", json!({ "creditLimit": "15.00" }))
        .await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!(accounting.account(id).await.body["creditLimit"], "20.00");

    let other = accounting
        .post_once(&path, "k1", json!({ "creditLimit": "99.00" }))
        .await;
    assert_eq!(other.code(), (422, "IDEMPOTENCY_KEY_REUSED"));
}

#[tokio::test]
async fn account_with_matching_etag_is_304() {
    let accounting = TestAccounting::start().await;
    let id = accounting.consumer().await;
    accounting.set_limit(id, "15.00").await;
    let tag = accounting.account(id).await.header("etag").to_owned();
    assert_eq!(
        accounting
            .get_unless(&format!("/accounts/{id}"), &tag)
            .await
            .status,
        304
    );
}

#[tokio::test]
async fn captured_amount_is_shown_and_no_longer_held_back() {
    let accounting = TestAccounting::start().await;
    let id = accounting.consumer().await;
    for _ in 0..2 {
        let order = accounting.authorized_order(id).await;
        accounting.tell(id, order, OrderEvent::OrderCompleted {}).await;
    }
    let shown = accounting.account(id).await.body;
    assert_eq!(
        (&shown["balance"], &shown["captured"]),
        (&json!("0.00"), &json!("24.68"))
    );
}

#[tokio::test]
async fn payment_shows_the_recorded_decision() {
    let accounting = TestAccounting::start().await;
    let id = accounting.consumer().await;
    let order = accounting.authorized_order(id).await;
    let authorized = accounting.payment(order).await;
    assert!(authorized.headers.contains_key("consistency-token"));
    assert_eq!(
        authorized.body,
        json!({ "orderId": order, "consumerId": id, "status": "AUTHORIZED", "amount": "12.34" })
    );

    accounting.set_limit(id, "15.00").await;
    accounting.tell(id, order, proposed(1, 5)).await;
    assert_eq!(
        accounting.payment(order).await.body,
        json!({
            "orderId": order,
            "consumerId": id,
            "status": "AUTHORIZED",
            "amount": "12.34",
            "reason": "INSUFFICIENT_CREDIT",
            "revision": 1,
        })
    );
}

#[tokio::test]
async fn undecided_payment_is_not_ready() {
    let accounting = TestAccounting::start().await;
    let order = accounting.order(accounting.consumer().await, 1).await;
    let answer = accounting.payment(order).await;
    assert_eq!(answer.code(), (409, "PAYMENT_NOT_READY"));
    assert_eq!(answer.headers["retry-after"], "1");
}

#[tokio::test]
async fn a_payment_without_an_order_is_unknown() {
    let accounting = TestAccounting::start().await;
    let nothing = OrderId::from_uuid(Uuid::now_v7());
    assert_eq!(accounting.payment(nothing).await.code(), (404, "UNKNOWN_PAYMENT"));
    for id in ["ord_1", "con_0193a5b2c4d67e8f9a0b1c2d3e4f5061", "..%2f..%2fetc"] {
        let answer = accounting.get(&format!("/payments/{id}")).await;
        assert_eq!(answer.code(), (400, "INVALID_ID"), "{id}");
    }
}

#[tokio::test]
async fn payment_with_matching_etag_is_304() {
    let accounting = TestAccounting::start().await;
    let order = accounting.authorized_order(accounting.consumer().await).await;
    let tag = accounting.payment(order).await.header("etag").to_owned();
    assert_eq!(
        accounting
            .get_unless(&format!("/payments/{order}"), &tag)
            .await
            .status,
        304
    );
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
