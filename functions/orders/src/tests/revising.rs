use crate::OrderCommand;
use crate::tests::app::{App, five_vindaloos};
use http::StatusCode;
use serde_json::{Value, json};

const KEY: (&str, &str) = ("idempotency-key", "k-1");

fn lines(lines: &[(&str, u32)]) -> Value {
    let lines = lines.iter();
    let lines: Vec<Value> = lines
        .map(|(id, quantity)| json!({ "menuItemId": id, "quantity": quantity }))
        .collect();
    json!({ "revisedOrderLineItems": lines })
}

#[tokio::test]
async fn proposed_revision_changes_the_order_when_confirmed() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    let revised = app.ask(order_id, "revise", &lines(&[("1", 10)])).await;
    assert_eq!(revised.status, StatusCode::OK, "{}", revised.body);
    assert_eq!(revised.body["status"], "REVISION_PENDING");
    assert_eq!(revised.body["orderTotal"], "61.70");
    assert_eq!(revised.body["revision"], 1);
    assert_eq!(revised.body["proposed"]["orderTotal"], "123.40");
    assert_eq!(revised.body["proposed"]["lineItems"][0]["quantity"], 10);
    assert!(revised.headers.contains_key("consistency-token"));

    app.tell(order_id, OrderCommand::ConfirmRevision { revision: 1 })
        .await;
    let current = app.current(order_id).await;
    assert_eq!(current.body["status"], "APPROVED");
    assert_eq!(current.body["orderTotal"], "123.40");
    assert!(current.body.get("proposed").is_none());
}

#[tokio::test]
async fn ordered_item_keeps_its_price_and_new_item_has_the_menu_price() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    app.revise_menu(&[("1", "99.00"), ("2", "3.00")]).await;
    let revised = app.ask(order_id, "revise", &lines(&[("1", 1), ("2", 1)])).await;
    assert_eq!(
        revised.body["proposed"]["orderTotal"], "15.34",
        "{}",
        revised.body
    );
}

#[tokio::test]
async fn ordered_item_need_not_be_on_the_menu() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    app.revise_menu(&[("2", "3.00")]).await;
    let revised = app.ask(order_id, "revise", &lines(&[("1", 1), ("2", 1)])).await;
    assert_eq!(
        revised.body["proposed"]["orderTotal"], "15.34",
        "{}",
        revised.body
    );
}

#[tokio::test]
async fn replica_is_updated_before_a_new_item_is_refused() {
    let app = App::with_ajanta().await;
    app.project().await;
    let order_id = app.approved().await;
    app.revise_menu(&[("1", "12.34"), ("2", "3.00")]).await;
    let revised = app.ask(order_id, "revise", &lines(&[("2", 2)])).await;
    assert_eq!(revised.body["proposed"]["orderTotal"], "6.00", "{}", revised.body);
}

#[tokio::test]
async fn prices_of_new_items_are_no_older_than_the_token() {
    let app = App::with_ajanta().await;
    app.revise_menu(&[("1", "12.34"), ("2", "3.00")]).await;
    app.project().await;
    let order_id = app.approved().await;
    app.revise_menu(&[("1", "12.34"), ("2", "4.00")]).await;
    let token = ("consistency-token", &*App::token(3));
    let revised = app.ask_with(order_id, "revise", &lines(&[("2", 1)]), token).await;
    assert_eq!(revised.body["proposed"]["orderTotal"], "4.00", "{}", revised.body);
}

#[tokio::test]
async fn unavailable_item_is_422_with_its_line() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    let stored = app.stored().await;
    let refused = app.ask(order_id, "revise", &lines(&[("1", 1), ("99", 1)])).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["code"], "UNKNOWN_MENU_ITEM");
    assert_eq!(refused.body["field"], "revisedOrderLineItems[1].menuItemId");

    app.revise_menu(&[("2", "9999999999.99")]).await;
    let refused = app.ask(order_id, "revise", &lines(&[("2", 2)])).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["code"], "ORDER_TOTAL_TOO_LARGE");
    assert_eq!(refused.body["field"], "revisedOrderLineItems");

    assert_eq!(app.stored().await, stored);
    assert_eq!(app.current(order_id).await.body["status"], "APPROVED");
}

#[tokio::test]
async fn closed_restaurant_refuses_new_items() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    app.close_restaurant().await;
    let refused = app.ask(order_id, "revise", &lines(&[("2", 1)])).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["code"], "RESTAURANT_CLOSED");
    assert_eq!(refused.body["field"], "revisedOrderLineItems");
    let fewer = app.ask(order_id, "revise", &lines(&[("1", 1)])).await;
    assert_eq!(fewer.status, StatusCode::OK, "{}", fewer.body);
}

#[tokio::test]
async fn address_and_time_are_revised_with_unchanged_lines() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    let mut body = lines(&[("1", 5)]);
    body["deliveryAddress"] = five_vindaloos()["deliveryAddress"].clone();
    body["deliveryTime"] = json!("2026-11-23T21:00:00+01:00");
    let revised = app.ask(order_id, "revise", &body).await;
    let proposed = &revised.body["proposed"];
    assert_eq!(proposed["deliveryTime"], "2026-11-23T20:00:00.000Z");
    assert!(proposed.get("deliveryAddress").is_none(), "{proposed}");
    assert_eq!(revised.body["deliveryTime"], "2026-11-23T18:30:00.000Z");
}

#[tokio::test]
async fn revision_that_changes_nothing_proposes_nothing() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    let stored = app.stored().await;
    let answer = app.ask(order_id, "revise", &lines(&[("1", 5)])).await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("APPROVED")));
    assert_eq!(app.stored().await, stored);
}

#[tokio::test]
async fn second_revision_is_refused_while_one_is_pending() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    app.ask(order_id, "revise", &lines(&[("1", 10)])).await;
    let second = app.ask(order_id, "revise", &lines(&[("1", 11)])).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert_eq!(second.body["currentStatus"], "REVISION_PENDING");
}

#[tokio::test]
async fn repeated_key_returns_first_reply_after_menu_and_order_changed() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    app.revise_menu(&[("2", "3.00")]).await;
    let body = lines(&[("2", 2)]);
    let first = app.ask_with(order_id, "revise", &body, KEY).await;
    assert_eq!(first.body["proposed"]["orderTotal"], "6.00", "{}", first.body);
    app.tell(order_id, OrderCommand::ConfirmRevision { revision: 1 })
        .await;
    app.tell(order_id, OrderCommand::Complete).await;
    app.close_restaurant().await;
    let stored = app.stored().await;
    let second = app.ask_with(order_id, "revise", &body, KEY).await;
    assert_eq!((second.status, second.body), (first.status, first.body));
    assert_eq!(second.headers["idempotent-replayed"], "true");
    assert_eq!(app.stored().await, stored);

    let other = app.ask_with(order_id, "revise", &lines(&[("2", 3)]), KEY).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.body["code"], "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn invalid_values_are_refused_with_their_field() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    let stored = app.stored().await;
    let good = || {
        let mut body = lines(&[("1", 10)]);
        body["deliveryAddress"] = five_vindaloos()["deliveryAddress"].clone();
        body["deliveryTime"] = five_vindaloos()["deliveryTime"].clone();
        body
    };
    let with = |pointer: &str, value: Value| {
        let mut body = good();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let more = |pointer: &str| {
        let mut body = good();
        body.pointer_mut(pointer).unwrap()["price"] = json!("0.01");
        body
    };
    let quantity = |value: Value| {
        (
            with("/revisedOrderLineItems/0/quantity", value),
            "revisedOrderLineItems[0].quantity",
        )
    };
    let all_lines = |value: Value| (with("/revisedOrderLineItems", value), "revisedOrderLineItems");
    let time = |value: &str| (with("/deliveryTime", json!(value)), "deliveryTime");
    let line = json!({ "menuItemId": "1", "quantity": 1 });
    let many: Vec<Value> = (0..101)
        .map(|i| json!({ "menuItemId": i.to_string(), "quantity": 1 }))
        .collect();
    for (body, field) in [
        quantity(json!(0)),
        quantity(json!(-1)),
        quantity(json!(1.5)),
        quantity(json!(1_001)),
        quantity(json!("5")),
        quantity(json!(null)),
        all_lines(json!([])),
        all_lines(json!([line, line])),
        all_lines(json!(many)),
        all_lines(json!("1")),
        all_lines(json!(null)),
        (json!({}), "revisedOrderLineItems"),
        (
            with("/revisedOrderLineItems/0/menuItemId", json!("../1")),
            "revisedOrderLineItems[0].menuItemId",
        ),
        time("2026-11-23"),
        time("2026-11-23T18:30:00"),
        time("tomorrow"),
        (
            with("/deliveryAddress/city", json!("Oak\u{0}land")),
            "deliveryAddress.city",
        ),
        (
            with("/deliveryAddress/street1", json!("x".repeat(101))),
            "deliveryAddress.street1",
        ),
        (
            with("/deliveryAddress", json!({ "street1": "9 Amazing View" })),
            "deliveryAddress.city",
        ),
        (more(""), "price"),
        (more("/deliveryAddress"), "deliveryAddress.price"),
        (more("/revisedOrderLineItems/0"), "revisedOrderLineItems[0].price"),
    ] {
        let answer = app.ask(order_id, "revise", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {}", answer.body);
        assert_eq!(answer.body["code"], "MALFORMED_BODY", "{body}");
        assert_eq!(answer.body["field"], field, "{body}: {}", answer.body);
    }
    assert_eq!(app.stored().await, stored);
    let served = app.ask(order_id, "revise", &good()).await;
    assert_eq!(served.status, StatusCode::OK, "{}", served.body);
}

#[tokio::test]
async fn malformed_bodies_are_refused() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    let two_thousand: Vec<(String, u32)> = (0..2_000).map(|i| (i.to_string(), 1)).collect();
    let two_thousand: Vec<(&str, u32)> = two_thousand.iter().map(|(id, n)| (&**id, *n)).collect();
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let bodies: [(&str, Vec<u8>, StatusCode); 6] = [
        ("application/json", b"{".into(), StatusCode::BAD_REQUEST),
        ("application/json", b"\xff\xfe{}".into(), StatusCode::BAD_REQUEST),
        ("application/json", deep.into(), StatusCode::BAD_REQUEST),
        (
            "text/plain",
            lines(&[("1", 10)]).to_string().into(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (
            "application/json",
            format!("\"{}\"", "x".repeat(70_000)).into(),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
        (
            "application/json",
            lines(&two_thousand).to_string().into(),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
    ];
    for (media_type, body, status) in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let path = format!("/orders/{order_id}/revise");
        let answer = app.post_bytes(&path, media_type, body).await;
        assert_eq!(answer.status, status, "{shown}: {}", answer.body);
        assert_eq!(
            answer.headers["content-type"], "application/problem+json",
            "{shown}"
        );
    }
    assert_eq!(app.current(order_id).await.body["status"], "APPROVED");
}
