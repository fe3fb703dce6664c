//! Invalid requests: each gets a 4xx response with a code and the field, stores nothing, and does not affect the next
//! request.

use crate::tests::app::{App, CONSUMER, five_vindaloos, with};
use axum::body::Body;
use http::StatusCode;
use serde_json::{Value, json};
use testkit::Answer;

async fn send_raw(app: &App, content_type: &str, body: impl Into<Body>) -> Answer {
    app.post_bytes("/orders", content_type, body).await
}

#[track_caller]
fn assert_refused(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.body["code"], code, "{}", answer.body);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
}

async fn assert_unharmed(app: &App) {
    assert_eq!(app.stored().await, 0);
    assert_eq!(app.place(&five_vindaloos()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn body_that_is_no_json_object_is_refused() {
    let app = App::with_ajanta().await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let twice = five_vindaloos()
        .to_string()
        .replacen('{', &format!("{{\"consumerId\":\"{CONSUMER}\","), 1);
    let bodies: [Vec<u8>; 10] = [
        b"".into(),
        b"{".into(),
        b"null".into(),
        b"[]".into(),
        b"\"order\"".into(),
        b"\xff\xfe{}".into(),
        b"{\"consumerId\":\"\xc3\x28\"}".into(),
        deep.into(),
        twice.into(),
        format!("{} {{}}", five_vindaloos()).into(),
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = send_raw(&app, "application/json", body).await;
        assert_eq!(answer.body["code"], "MALFORMED_BODY", "{shown}");
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{shown}");
    }
    assert_unharmed(&app).await;
}

#[tokio::test]
async fn body_of_another_media_type_is_refused() {
    let app = App::with_ajanta().await;
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
    ] {
        let answer = send_raw(&app, media_type, five_vindaloos().to_string()).await;
        assert_refused(
            &answer,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
        );
    }
    assert_unharmed(&app).await;
}

#[tokio::test]
async fn too_large_body_is_refused() {
    let app = App::with_ajanta().await;
    let answer = app
        .place(&with("/deliveryAddress/city", json!("x".repeat(70_000))))
        .await;
    assert_refused(&answer, StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE");
    assert_unharmed(&app).await;
}

#[tokio::test]
async fn invalid_values_are_refused_with_their_field() {
    let app = App::with_ajanta().await;
    let long = "x".repeat(101);
    let quantity = |value: Value| (with("/lineItems/0/quantity", value), "lineItems[0].quantity");
    let time = |value: &str| (with("/deliveryTime", json!(value)), "deliveryTime");
    let id = |value: Value| (with("/consumerId", value), "consumerId");
    let line = json!({ "menuItemId": "1", "quantity": 1 });
    for (body, field) in [
        quantity(json!(0)),
        quantity(json!(-1)),
        quantity(json!(1.5)),
        quantity(json!(1_001)),
        quantity(json!(99_999_999_999_999_999_999.0)),
        quantity(json!("5")),
        quantity(json!(null)),
        time("2026-11-23"),
        time("2026-11-23T18:30:00"),
        time("2026-02-30T18:30:00Z"),
        time("9999-12-31T23:59:59Z"),
        time("tomorrow"),
        id(json!("rst_00000000000000000000000000000001")),
        id(json!("con_../../../../../../../etc/passwd0")),
        id(json!("con_0000000000000000000000000000000G")),
        id(json!("")),
        id(json!(1)),
        (
            with("/deliveryAddress/street1", json!("")),
            "deliveryAddress.street1",
        ),
        (
            with("/deliveryAddress/street1", json!(long)),
            "deliveryAddress.street1",
        ),
        (
            with("/deliveryAddress/city", json!("Oak\u{0}land")),
            "deliveryAddress.city",
        ),
        (
            with("/deliveryAddress/city", json!("Oak\u{202e}land")),
            "deliveryAddress.city",
        ),
        (
            with("/lineItems/0/menuItemId", json!("../1")),
            "lineItems[0].menuItemId",
        ),
        (with("/lineItems", json!([])), "lineItems"),
        (with("/lineItems", json!([line, line])), "lineItems"),
    ] {
        let answer = app.place(&body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {}", answer.body);
        assert_eq!(answer.body["code"], "MALFORMED_BODY", "{body}");
        assert_eq!(answer.body["field"], field, "{body}: {}", answer.body);
    }
    assert_unharmed(&app).await;
}

#[tokio::test]
async fn missing_and_unknown_fields_are_refused() {
    let app = App::with_ajanta().await;
    for field in [
        "consumerId",
        "restaurantId",
        "deliveryAddress",
        "deliveryTime",
        "lineItems",
    ] {
        let mut body = five_vindaloos();
        body.as_object_mut().unwrap().remove(field);
        let answer = app.place(&body).await;
        assert_refused(&answer, StatusCode::BAD_REQUEST, "MALFORMED_BODY");
        assert_eq!(answer.body["field"], field);
    }
    for (pointer, field) in [
        ("", "price"),
        ("/deliveryAddress", "deliveryAddress.price"),
        ("/lineItems/0", "lineItems[0].price"),
    ] {
        let mut body = five_vindaloos();
        body.pointer_mut(pointer).unwrap()["price"] = json!("0.01");
        let answer = app.place(&body).await;
        assert_refused(&answer, StatusCode::BAD_REQUEST, "MALFORMED_BODY");
        assert_eq!(answer.body["field"], field, "{}", answer.body);
    }
    assert_unharmed(&app).await;
}

#[tokio::test]
async fn two_thousand_lines_are_refused() {
    let app = App::with_ajanta().await;
    let lines = |n: usize| -> Vec<Value> {
        (0..n)
            .map(|i| json!({ "menuItemId": i.to_string(), "quantity": 1 }))
            .collect()
    };
    let answer = app.place(&with("/lineItems", json!(lines(2_000)))).await;
    assert!((400..500).contains(&answer.status), "{}", answer.body);
    let answer = app.place(&with("/lineItems", json!(lines(101)))).await;
    assert_refused(&answer, StatusCode::BAD_REQUEST, "MALFORMED_BODY");
    assert_eq!(answer.body["field"], "lineItems");
    assert_unharmed(&app).await;
}

#[tokio::test]
async fn invalid_idempotency_keys_are_refused() {
    let app = App::with_ajanta().await;
    for key in ["", "a b", &"k".repeat(256), "k\u{e9}"] {
        let answer = app.place_with_key(key, &five_vindaloos()).await;
        assert_refused(&answer, StatusCode::BAD_REQUEST, "INVALID_IDEMPOTENCY_KEY");
    }
    assert_unharmed(&app).await;
}
