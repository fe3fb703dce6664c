//! G4: one key, one effect, one reply.

use crate::OrderCommand;
use crate::tests::app::{App, five_vindaloos, with};
use contracts::OrderId;
use http::StatusCode;
use serde_json::json;
use testkit::Answer;

#[track_caller]
fn assert_same_reply(first: &Answer, second: &Answer) {
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    assert_eq!(second.status, first.status, "{}", second.body);
    assert_eq!(second.body, first.body);
    for header in ["location", "consistency-token"] {
        assert_eq!(second.headers[header], first.headers[header]);
    }
}

#[tokio::test]
async fn repeated_key_returns_first_reply_and_places_one_order() {
    let app = App::with_ajanta().await;
    let first = app.place_with_key("k-1", &five_vindaloos()).await;
    let second = app.place_with_key("k-1", &five_vindaloos()).await;
    assert_same_reply(&first, &second);
    assert_eq!(app.stored().await, 1);
}

#[tokio::test]
async fn repeated_key_returns_first_reply_after_the_order_changed() {
    let app = App::with_ajanta().await;
    let first = app.place_with_key("k-1", &five_vindaloos()).await;
    let order_id: OrderId = first.body["orderId"].as_str().unwrap().parse().unwrap();
    app.tell(order_id, OrderCommand::Approve).await;
    let second = app.place_with_key("k-1", &five_vindaloos()).await;
    assert_same_reply(&first, &second);
}

#[tokio::test]
async fn repeated_key_returns_first_reply_after_the_price_changed() {
    let app = App::with_ajanta().await;
    let first = app.place_with_key("k-1", &five_vindaloos()).await;
    app.revise_menu(&[("1", "99.99")]).await;
    let second = app.place_with_key("k-1", &five_vindaloos()).await;
    assert_same_reply(&first, &second);
}

#[tokio::test]
async fn repeated_key_returns_first_reply_after_the_item_left_the_menu() {
    let app = App::with_ajanta().await;
    let first = app.place_with_key("k-1", &five_vindaloos()).await;
    app.revise_menu(&[("2", "3.00")]).await;
    let second = app.place_with_key("k-1", &five_vindaloos()).await;
    assert_same_reply(&first, &second);
    assert_eq!(app.stored().await, 1);
}

#[tokio::test]
async fn repeated_key_returns_first_reply_after_the_restaurant_closed() {
    let app = App::with_ajanta().await;
    let first = app.place_with_key("k-1", &five_vindaloos()).await;
    app.close_restaurant().await;
    let second = app.place_with_key("k-1", &five_vindaloos()).await;
    assert_same_reply(&first, &second);
    assert_eq!(app.stored().await, 1);
}

#[tokio::test]
async fn repeated_key_with_another_body_is_refused() {
    let app = App::with_ajanta().await;
    app.place_with_key("k-1", &five_vindaloos()).await;
    let other = app
        .place_with_key("k-1", &with("/lineItems/0/quantity", json!(6)))
        .await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.body["code"], "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(app.stored().await, 1);
}

#[tokio::test]
async fn every_command_without_a_key_is_new() {
    let app = App::with_ajanta().await;
    let first = app.place(&five_vindaloos()).await;
    let second = app.place(&five_vindaloos()).await;
    assert_ne!(first.body["orderId"], second.body["orderId"]);
    assert_eq!(app.stored().await, 2);
}
