use crate::OrderCommand;
use crate::tests::app::{App, five_vindaloos};
use contracts::OrderId;
use http::StatusCode;
use serde_json::{Value, json};

const KEY: (&str, &str) = ("idempotency-key", "k-1");

#[tokio::test]
async fn cancelled_order_shows_cancel_pending() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    let cancelled = app.ask(order_id, "cancel", &json!({})).await;
    assert_eq!(cancelled.status, StatusCode::OK, "{}", cancelled.body);
    let mut expected = five_vindaloos();
    expected["orderId"] = json!(order_id);
    expected["status"] = json!("CANCEL_PENDING");
    expected["restaurantName"] = json!("Ajanta");
    expected["orderTotal"] = json!("61.70");
    expected["lineItems"] =
        json!([{ "menuItemId": "1", "name": "Chicken Vindaloo", "price": "12.34", "quantity": 5 }]);
    assert_eq!(cancelled.body, expected);
    assert!(cancelled.headers.contains_key("consistency-token"));
}

#[tokio::test]
async fn repeated_cancel_changes_nothing_before_and_after_the_kitchen_agreed() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    app.ask(order_id, "cancel", &json!({})).await;
    let again = app.ask(order_id, "cancel", &json!({})).await;
    assert_eq!(
        (again.status, &again.body["status"]),
        (200, &json!("CANCEL_PENDING"))
    );
    app.tell(order_id, OrderCommand::ConfirmCancel).await;
    let stored = app.stored().await;
    let again = app.ask(order_id, "cancel", &json!({})).await;
    assert_eq!((again.status, &again.body["status"]), (200, &json!("CANCELLED")));
    assert_eq!(app.stored().await, stored);
}

#[tokio::test]
async fn repeated_key_returns_first_reply_after_the_order_changed() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    let first = app.ask_with(order_id, "cancel", &json!({}), KEY).await;
    app.tell(order_id, OrderCommand::ConfirmCancel).await;
    let second = app.ask_with(order_id, "cancel", &json!({}), KEY).await;
    assert_eq!(second.body, first.body);
    assert_eq!(second.body["status"], "CANCEL_PENDING");
    assert_eq!(second.headers["idempotent-replayed"], "true");
    assert_eq!(
        second.headers["consistency-token"],
        first.headers["consistency-token"]
    );
}

#[tokio::test]
async fn unapproved_order_refuses_with_its_status() {
    let app = App::with_ajanta().await;
    let placed = app.place(&five_vindaloos()).await;
    let order_id: OrderId = placed.body["orderId"].as_str().unwrap().parse().unwrap();
    let lines = json!({ "revisedOrderLineItems": [{ "menuItemId": "1", "quantity": 1 }] });
    for (what, body) in [("cancel", json!({})), ("revise", lines)] {
        let refused = app.ask(order_id, what, &body).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{what}");
        assert_eq!(refused.body["code"], "INVALID_STATE_TRANSITION", "{what}");
        assert_eq!(refused.body["currentStatus"], "APPROVAL_PENDING", "{what}");
    }
    assert_eq!(app.stored().await, 1);
}

#[tokio::test]
async fn missing_order_is_404_and_malformed_id_is_400() {
    let app = App::with_ajanta().await;
    let lines = json!({ "revisedOrderLineItems": [{ "menuItemId": "1", "quantity": 1 }] });
    let requests: [(&str, &str, Value); 3] = [
        ("POST", "cancel", json!({})),
        ("POST", "revise", lines),
        ("GET", "current", json!({})),
    ];
    for (method, what, body) in requests {
        for (id, status, code) in [
            ("ord_00000000000000000000000000000009", 404, "UNKNOWN_ORDER"),
            ("con_00000000000000000000000000000009", 400, "INVALID_ID"),
            ("..%2f..%2fetc", 400, "INVALID_ID"),
        ] {
            let path = format!("/orders/{id}/{what}");
            let refused = app.call(method, &path, Some(&body)).await;
            assert_eq!(refused.code(), (status, code));
        }
    }
    assert_eq!(app.stored().await, 0);
}

#[tokio::test]
async fn cancel_refuses_fields() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    for body in [json!({ "why": "hungry" }), json!(1), json!(null)] {
        let refused = app.ask(order_id, "cancel", &body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(refused.body["code"], "MALFORMED_BODY", "{body}");
    }
    assert_eq!(app.current(order_id).await.body["status"], "APPROVED");
}

#[tokio::test]
async fn current_shows_the_reason_of_the_last_refusal() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    app.ask(order_id, "cancel", &json!({})).await;
    let reason = "TICKET_PREPARING".parse().unwrap();
    app.tell(order_id, OrderCommand::RefuseCancel { reason }).await;
    let current = app.current(order_id).await;
    assert_eq!(current.body["status"], "APPROVED");
    assert_eq!(current.body["reason"], "TICKET_PREPARING");
    assert!(current.headers.contains_key("consistency-token"));
}

#[tokio::test]
async fn current_returns_304_for_a_matching_etag() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    let tag = app.current(order_id).await.header("etag").to_owned();
    let path = format!("/orders/{order_id}/current");
    let ask = || app.get_unless(&path, &tag);
    assert_eq!(ask().await.status, StatusCode::NOT_MODIFIED);
    app.ask(order_id, "cancel", &json!({})).await;
    assert_eq!(ask().await.status, StatusCode::OK);
}
