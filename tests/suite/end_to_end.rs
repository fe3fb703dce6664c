//! B: the services working together.

use serde_json::{Value, json};
use tests::{Consumer, Order, Restaurant, eventually, here, unique};

#[tokio::test]
async fn b1_an_order_is_approved_and_the_history_shows_every_transition() {
    let api = here();
    // Without a pause: a resource must be usable right after its creation.
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &ajanta, 5).await;
    assert_eq!(order.answer.json()["status"], "APPROVAL_PENDING");
    assert_eq!(order.answer.json()["orderTotal"], "61.70");

    let story = order
        .eventually(&api, "order, payment, ticket and delivery agree", |story| {
            story["status"] == "APPROVED"
                && story["payment"]["status"] == "AUTHORIZED"
                && story["ticket"]["status"] == "AWAITING_ACCEPTANCE"
                && story["delivery"]["status"] == "PENDING"
        })
        .await;
    assert_eq!(story["payment"]["amount"], "61.70");
    let mut transitions: Vec<String> = story["transitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| {
            format!(
                "{} {}",
                t["source"].as_str().unwrap(),
                t["event"].as_str().unwrap()
            )
        })
        .collect();
    transitions.sort();
    assert_eq!(
        transitions,
        [
            "delivery DeliveryCreated",
            "order OrderApproved",
            "order OrderCreated",
            "payment PaymentAuthorized",
            "ticket TicketConfirmed",
            "ticket TicketCreated"
        ]
    );
}

#[tokio::test]
async fn b1_the_list_follows_the_order() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &ajanta, 5).await;
    eventually("the list shows the order as approved", async || {
        let page = api.get(&consumer.orders("")).await.expect(200).json();
        let listed = &page["orders"][0];
        if listed["orderId"] == order.id && listed["status"] == "APPROVED" {
            Ok(())
        } else {
            Err(page)
        }
    })
    .await;
}

#[tokio::test]
async fn b3_an_order_over_the_credit_limit_is_rejected() {
    let api = here();
    let (consumer, ajanta) = (
        Consumer::with_limit(&api, "15.00").await,
        Restaurant::ajanta(&api).await,
    );
    let order = Order::place(&api, &consumer, &ajanta, 5).await;
    let story = order.eventually_is(&api, "REJECTED").await;
    assert_eq!(story["reason"], "INSUFFICIENT_CREDIT", "{story}");
    assert_eq!(story["payment"]["status"], "DECLINED", "{story}");
    assert_eq!(story["payment"]["reason"], "INSUFFICIENT_CREDIT", "{story}");
    eventually("the kitchen has cancelled its ticket", async || {
        let story = order.story(&api).await;
        if story["ticket"]["status"] == "CANCELLED" {
            Ok(())
        } else {
            Err(story)
        }
    })
    .await;
}

#[tokio::test]
async fn b3_an_order_of_an_unknown_consumer_is_rejected() {
    let api = here();
    let ajanta = Restaurant::ajanta(&api).await;
    let nobody = Consumer {
        id: unique("con_"),
        token: String::new(),
    };
    let order = Order::place(&api, &nobody, &ajanta, 1).await;
    let story = order.eventually_is(&api, "REJECTED").await;
    assert_eq!(story["reason"], "UNKNOWN_CONSUMER", "{story}");
}

#[tokio::test]
async fn b3_an_order_within_the_credit_limit_is_approved() {
    let api = here();
    let (consumer, ajanta) = (
        Consumer::with_limit(&api, "15.00").await,
        Restaurant::ajanta(&api).await,
    );
    let order = Order::place(&api, &consumer, &ajanta, 1).await;
    let story = order.eventually_is(&api, "APPROVED").await;
    assert_eq!(story["orderTotal"], "12.34");
    let account = api
        .get(&format!("/accounts/{}", consumer.id))
        .await
        .expect(200)
        .json();
    assert_eq!(account["availableCredit"], "2.66", "{account}");
}

#[tokio::test]
async fn b8_an_unknown_restaurant_is_refused_with_its_code() {
    let api = here();
    let consumer = Consumer::create(&api).await;
    let nowhere = Restaurant {
        id: unique("rst_"),
        name: String::new(),
        token: String::new(),
    };
    let answer = api
        .post("/orders", &Order::body(&consumer, &nowhere, 1))
        .await
        .expect(422);
    assert_eq!(answer.code(), "UNKNOWN_RESTAURANT");
    let page = api.get(&consumer.orders("")).await.expect(200).json();
    assert_eq!(page["orders"], json!([]), "a refused order is not stored");
}

#[tokio::test]
async fn b8_an_unknown_menu_item_is_refused_with_its_code() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let body = Order::body_of(&consumer, &ajanta, "99", 1);
    let answer = api.post("/orders", &body).await.expect(422);
    assert_eq!(answer.code(), "UNKNOWN_MENU_ITEM");
}

#[tokio::test]
async fn b9_the_history_of_an_unknown_consumer_is_empty() {
    let api = here();
    let answer = api.get(&format!("/orders?consumerId={}", unique("con_"))).await;
    assert_eq!(answer.expect(200).json(), json!({ "orders": [] }));
}

#[tokio::test]
async fn b9_an_unknown_order_is_not_found() {
    let api = here();
    let answer = api.get(&format!("/orders/{}", unique("ord_"))).await.expect(404);
    assert_eq!(answer.code(), "UNKNOWN_ORDER");
}

#[tokio::test]
async fn a_list_without_a_consumer_is_refused() {
    let api = here();
    let answer = api.get("/orders").await.expect(400);
    assert_eq!(answer.code(), "INVALID_PARAMETER");
    assert_eq!(answer.json()["field"], "consumerId");
}

#[tokio::test]
async fn services_return_what_was_created() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let consumer_body: Value = api
        .get(&format!("/consumers/{}", consumer.id))
        .await
        .expect(200)
        .json();
    assert_eq!(
        consumer_body["name"],
        json!({ "firstName": "Anya", "lastName": "Lee" })
    );
    let restaurant: Value = api
        .get(&format!("/restaurants/{}", ajanta.id))
        .await
        .expect(200)
        .json();
    assert_eq!(
        restaurant["menu"]["menuItems"][0]["price"], "12.34",
        "{restaurant}"
    );
}

#[tokio::test]
async fn a_new_menu_applies_to_the_next_order() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let menu = json!({ "menuItems": [{ "id": "1", "name": "Chicken Vindaloo", "price": "13.00" }] });
    let revised = api
        .put(&format!("/restaurants/{}/menu", ajanta.id), &menu)
        .await
        .expect(200);

    let request = api
        .request(reqwest::Method::POST, "/orders")
        .header("Consistency-Token", revised.token())
        .json(&Order::body(&consumer, &ajanta, 2));
    assert_eq!(api.send(request).await.expect(201).json()["orderTotal"], "26.00");
}

#[tokio::test]
async fn b6_an_approved_order_and_a_rejected_one_are_both_in_the_history_with_their_totals() {
    let api = here();
    let (consumer, ajanta) = (
        Consumer::with_limit(&api, "20.00").await,
        Restaurant::ajanta(&api).await,
    );
    let approved = Order::place(&api, &consumer, &ajanta, 1).await;
    let _ = approved.eventually_is(&api, "APPROVED").await;
    let rejected = Order::place(&api, &consumer, &ajanta, 5).await;
    let _ = rejected.eventually_is(&api, "REJECTED").await;
    eventually("the list shows both as they are", async || {
        let page = api.get(&consumer.orders("")).await.expect(200).json();
        let shown = |place: usize, order: &Order, status: &str, total: &str| {
            let listed = &page["orders"][place];
            listed["orderId"] == order.id && listed["status"] == status && listed["orderTotal"] == total
        };
        if shown(0, &rejected, "REJECTED", "61.70") && shown(1, &approved, "APPROVED", "12.34") {
            Ok(())
        } else {
            Err(page)
        }
    })
    .await;
}
