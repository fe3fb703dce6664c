use crate::tests::app::{App, NOWHERE, five_vindaloos, with};
use http::StatusCode;
use serde_json::json;

#[tokio::test]
async fn order_total_comes_from_the_menu() {
    let app = App::with_ajanta().await;
    let placed = app.place(&five_vindaloos()).await;
    assert_eq!(placed.status, StatusCode::CREATED, "{}", placed.body);
    assert_eq!(placed.body["status"], "APPROVAL_PENDING");
    assert_eq!(placed.body["orderTotal"], "61.70");
    let location = format!("/orders/{}", placed.body["orderId"].as_str().unwrap());
    assert_eq!(placed.headers["location"], location.as_str());
    assert!(placed.headers.contains_key("consistency-token"));
}

/// The replica's projector never ran here, so the answer can only come from the restaurant's own events.
#[tokio::test]
async fn restaurant_is_found_before_the_replica_has_it() {
    let app = App::with_ajanta().await;
    assert_eq!(app.place(&five_vindaloos()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn item_is_found_before_the_replica_has_it() {
    let app = App::with_ajanta().await;
    app.revise_menu(&[("1", "12.34"), ("2", "3.00")]).await;
    let placed = app.place(&with("/lineItems/0/menuItemId", json!("2"))).await;
    assert_eq!(placed.body["orderTotal"], "15.00");
}

#[tokio::test]
async fn unknown_restaurant_is_422() {
    let app = App::with_ajanta().await;
    let refused = app.place(&with("/restaurantId", json!(NOWHERE))).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["code"], "UNKNOWN_RESTAURANT");
    assert_eq!(refused.body["field"], "restaurantId");
    assert_eq!(app.stored().await, 0);
}

#[tokio::test]
async fn unknown_item_is_422() {
    let app = App::with_ajanta().await;
    let lines = json!([{ "menuItemId": "1", "quantity": 1 }, { "menuItemId": "99", "quantity": 1 }]);
    let refused = app.place(&with("/lineItems", lines)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["code"], "UNKNOWN_MENU_ITEM");
    assert_eq!(refused.body["field"], "lineItems[1].menuItemId");
    assert_eq!(app.stored().await, 0);
}

#[tokio::test]
async fn closed_restaurant_is_422() {
    let app = App::with_ajanta().await;
    app.close_restaurant().await;
    let refused = app.place(&five_vindaloos()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["code"], "RESTAURANT_CLOSED");
    assert_eq!(refused.body["field"], "restaurantId");
    assert_eq!(app.stored().await, 0);
}

#[tokio::test]
async fn token_of_its_closing_makes_a_restaurant_closed() {
    let app = App::with_ajanta().await;
    app.project().await;
    app.close_restaurant().await;
    let refused = app.place_with_token(&App::token(2), &five_vindaloos()).await;
    assert_eq!(refused.body["code"], "RESTAURANT_CLOSED");
}

#[tokio::test]
async fn total_above_the_maximum_is_422() {
    let app = App::with_ajanta().await;
    app.revise_menu(&[("1", "9999999999.99")]).await;
    let refused = app.place(&five_vindaloos()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["code"], "ORDER_TOTAL_TOO_LARGE");
}

#[tokio::test]
async fn prices_come_from_the_replica() {
    let app = App::with_ajanta().await;
    app.project().await;
    app.revise_menu(&[("1", "20.00")]).await;
    let placed = app.place(&five_vindaloos()).await;
    assert_eq!(placed.body["orderTotal"], "61.70");
}

#[tokio::test]
async fn prices_are_no_older_than_the_token() {
    let app = App::with_ajanta().await;
    app.project().await;
    app.revise_menu(&[("1", "20.00")]).await;
    let placed = app.place_with_token(&App::token(2), &five_vindaloos()).await;
    assert_eq!(placed.body["orderTotal"], "100.00");
}

#[tokio::test]
async fn replica_is_updated_before_an_item_is_refused() {
    let app = App::with_ajanta().await;
    app.project().await;
    app.revise_menu(&[("1", "12.34"), ("2", "3.00")]).await;
    let placed = app.place(&with("/lineItems/0/menuItemId", json!("2"))).await;
    assert_eq!(placed.body["orderTotal"], "15.00", "{}", placed.body);
}

#[tokio::test]
async fn unknown_item_is_refused_by_an_up_to_date_replica() {
    let app = App::with_ajanta().await;
    app.project().await;
    let refused = app.place(&with("/lineItems/0/menuItemId", json!("99"))).await;
    assert_eq!(refused.body["code"], "UNKNOWN_MENU_ITEM");
}

#[tokio::test]
async fn malformed_and_foreign_tokens_are_400() {
    let app = App::with_ajanta().await;
    for token in ["garbage", &App::token(99)] {
        let refused = app.place_with_token(token, &five_vindaloos()).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{token}");
        assert_eq!(refused.body["code"], "INVALID_CONSISTENCY_TOKEN", "{token}");
    }
    assert_eq!(app.stored().await, 0);
}
