use crate::app::{App, NOWHERE, five_vindaloos, with};
use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::json;

#[tokio::test]
async fn an_order_costs_what_the_menu_says() {
    let app = App::with_ajanta().await;
    let placed = app.place(&five_vindaloos()).await;
    assert_eq!(placed.status, StatusCode::CREATED, "{}", placed.body);
    assert_eq!(placed.body["status"], "APPROVAL_PENDING");
    assert_eq!(placed.body["orderTotal"], "61.70");
    let location = format!("/orders/{}", placed.body["orderId"].as_str().unwrap());
    assert_eq!(placed.headers["location"], location.as_str());
    assert!(placed.headers.contains_key("consistency-token"));
}

/// The replica's projector never ran here: the answer can only come from the restaurant's own events.
#[tokio::test]
async fn a_restaurant_that_was_created_a_moment_ago_is_known() {
    let app = App::with_ajanta().await;
    assert_eq!(app.place(&five_vindaloos()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn an_item_that_was_added_a_moment_ago_is_known() {
    let app = App::with_ajanta().await;
    app.revise_menu(&[("1", "12.34"), ("2", "3.00")]).await;
    let placed = app.place(&with("/lineItems/0/menuItemId", json!("2"))).await;
    assert_eq!(placed.body["orderTotal"], "15.00");
}

#[tokio::test]
async fn an_unknown_restaurant_is_422() {
    let app = App::with_ajanta().await;
    let refused = app.place(&with("/restaurantId", json!(NOWHERE))).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["code"], "UNKNOWN_RESTAURANT");
    assert_eq!(refused.body["field"], "restaurantId");
    assert_eq!(app.stored().await, 0);
}

#[tokio::test]
async fn an_unknown_item_is_422() {
    let app = App::with_ajanta().await;
    let lines = json!([{ "menuItemId": "1", "quantity": 1 }, { "menuItemId": "99", "quantity": 1 }]);
    let refused = app.place(&with("/lineItems", lines)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["code"], "UNKNOWN_MENU_ITEM");
    assert_eq!(refused.body["field"], "lineItems[1].menuItemId");
    assert_eq!(app.stored().await, 0);
}

#[tokio::test]
async fn a_total_that_is_no_amount_is_422() {
    let app = App::with_ajanta().await;
    app.revise_menu(&[("1", "9999999999.99")]).await;
    let refused = app.place(&five_vindaloos()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["code"], "ORDER_TOTAL_TOO_LARGE");
}

#[tokio::test]
async fn a_token_that_is_none_is_400() {
    let app = App::with_ajanta().await;
    let request = Request::post("/orders")
        .header("content-type", "application/json")
        .header("consistency-token", "garbage")
        .body(Body::from(five_vindaloos().to_string()));
    let refused = app.send(request.unwrap()).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.body["code"], "INVALID_CONSISTENCY_TOKEN");
}
