//! A5, B1, B4: cancelling an order.

use serde_json::json;
use tests::{Api, Consumer, Courier, Order, Restaurant, eventually, here};

async fn in_the_kitchen(api: &Api) -> (Consumer, Order) {
    let (consumer, ajanta) = (
        Consumer::with_limit(api, "100.00").await,
        Restaurant::ajanta(api).await,
    );
    let order = Order::place(api, &consumer, &ajanta, 5).await;
    let _ = order.eventually_in_the_kitchen(api).await;
    (consumer, order)
}

#[tokio::test]
async fn a5_b1_a_cancelled_order_is_cancelled_everywhere() {
    let api = here();
    let (consumer, order) = in_the_kitchen(&api).await;
    let asked = order.ask(&api, "cancel", &json!({})).await.expect(200);
    assert_eq!(asked.json()["status"], "CANCEL_PENDING", "{asked}");

    let story = order
        .eventually(&api, "order, ticket, payment and delivery have ended", |story| {
            story["status"] == "CANCELLED"
                && story["ticket"]["status"] == "CANCELLED"
                && story["payment"]["status"] == "REVERSED"
                && story["delivery"]["status"] == "CANCELLED"
        })
        .await;
    assert_eq!(story["payment"]["amount"], "61.70", "{story}");
    eventually("only the list of cancelled orders contains it", async || {
        let cancelled = api
            .get(&consumer.orders("status=CANCELLED"))
            .await
            .expect(200)
            .json();
        let approved = api
            .get(&consumer.orders("status=APPROVED"))
            .await
            .expect(200)
            .json();
        let right = cancelled["orders"][0]["orderId"] == order.id && approved["orders"] == json!([]);
        if right {
            Ok(())
        } else {
            Err(format!("{cancelled} {approved}"))
        }
    })
    .await;
    let account = api
        .get(&format!("/accounts/{}", consumer.id))
        .await
        .expect(200)
        .json();
    assert_eq!(account["availableCredit"], "100.00", "{account}");
    assert_eq!(account["openAuthorizations"], json!([]), "{account}");
}

#[tokio::test]
async fn a2_the_creation_repeated_after_the_cancel_changes_nothing() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let key = tests::unique("dinner-");
    let body = Order::body(&consumer, &ajanta, 5);
    let first = api.post_once("/orders", &key, &body).await.expect(201);
    let order = Order {
        id: first.json()["orderId"].as_str().unwrap().to_owned(),
        token: first.token(),
        answer: first.clone(),
    };
    let _ = order.eventually_in_the_kitchen(&api).await;
    let _ = order.ask(&api, "cancel", &json!({})).await.expect(200);
    let before = order
        .eventually(&api, "everything has ended", |story| {
            story["status"] == "CANCELLED"
                && story["payment"]["status"] == "REVERSED"
                && story["delivery"]["status"] == "CANCELLED"
        })
        .await;

    let again = api.post_once("/orders", &key, &body).await.expect(201);
    assert_eq!(again.json()["orderId"], order.id);
    let after = api
        .get_after(&order.path(), &again.token())
        .await
        .expect(200)
        .json();
    assert_eq!(after, before);
}

#[tokio::test]
async fn b4_a_cancel_after_preparation_began_is_refused_and_the_order_continues() {
    let api = here();
    let (_, order) = in_the_kitchen(&api).await;
    let _ = Courier::available(&api).await;
    order.accept(&api).await;
    let _ = order.ticket(&api, "preparing", &json!({})).await.expect(200);
    // Twice, because a refused request must not prevent another one.
    for _ in 0..2 {
        let _ = order.ask(&api, "cancel", &json!({})).await.expect(200);
        let story = order
            .eventually(&api, "the request is reverted", |story| {
                story["status"] == "APPROVED" && story["reason"] == "TICKET_PREPARING"
            })
            .await;
        assert_eq!(story["ticket"]["status"], "PREPARING", "{story}");
        assert_eq!(story["payment"]["status"], "AUTHORIZED", "{story}");
    }
}

#[tokio::test]
async fn repeated_cancel_succeeds_and_impossible_cancel_conflicts() {
    let api = here();
    let (_, order) = in_the_kitchen(&api).await;
    let _ = order.ask(&api, "cancel", &json!({})).await.expect(200);
    let _ = order.ask(&api, "cancel", &json!({})).await.expect(200);
    let _ = order.eventually_is(&api, "CANCELLED").await;
    let answer = order.ask(&api, "cancel", &json!({})).await.expect(200);
    assert_eq!(answer.json()["status"], "CANCELLED");

    let poor = Consumer::with_limit(&api, "1.00").await;
    let rejected = Order::place(&api, &poor, &Restaurant::ajanta(&api).await, 1).await;
    let _ = rejected.eventually_is(&api, "REJECTED").await;
    let refused = rejected.ask(&api, "cancel", &json!({})).await.expect(409);
    assert_eq!(refused.code(), "INVALID_STATE_TRANSITION");
    assert_eq!(refused.json()["currentStatus"], "REJECTED", "{refused}");
}

#[tokio::test]
async fn an_unknown_order_cannot_be_cancelled() {
    let api = here();
    let path = format!("/orders/{}/cancel", tests::unique("ord_"));
    let answer = api.post(&path, &json!({})).await.expect(404);
    assert_eq!(answer.code(), "UNKNOWN_ORDER");
}
