//! C12: commands with idempotency keys.

use serde_json::json;
use tests::{Consumer, Order, Restaurant, ajanta, eventually, here, unique};

#[tokio::test]
async fn c12_repeated_key_and_body_return_the_first_reply() {
    let api = here();
    let person = json!({ "name": { "firstName": "Anya", "lastName": "Lee" } });
    for (path, body) in [
        ("/consumers", person),
        (
            "/restaurants",
            ajanta("Ajanta", &[("1", "Chicken Vindaloo", "12.34")]),
        ),
    ] {
        let key = unique("key");
        let first = api.post_once(path, &key, &body).await.expect(201);
        let second = api.post_once(path, &key, &body).await.expect(201);
        assert_eq!(first.json(), second.json());
        assert_eq!(first.header("Location"), second.header("Location"));
        assert_eq!(first.token(), second.token());
    }
}

#[tokio::test]
async fn c12_a_key_with_another_body_is_refused() {
    let api = here();
    let (consumer, restaurant) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let key = unique("key");
    let body = Order::body(&consumer, &restaurant, 5);
    let first = api.post_once("/orders", &key, &body).await.expect(201);
    let mut other = body.clone();
    other["lineItems"][0]["quantity"] = json!(6);
    let refused = api.post_once("/orders", &key, &other).await.expect(422);
    assert_eq!(refused.code(), "IDEMPOTENCY_KEY_REUSED");
    // The refused command changed nothing.
    assert_eq!(
        api.post_once("/orders", &key, &body).await.expect(201).json(),
        first.json()
    );
}

#[tokio::test]
async fn c12_repeated_key_returns_the_first_reply_after_the_order_has_changed() {
    let api = here();
    let (consumer, restaurant) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let (key, body) = (unique("key"), Order::body(&consumer, &restaurant, 5));
    let first = api.post_once("/orders", &key, &body).await.expect(201);
    assert_eq!(first.json()["status"], "APPROVAL_PENDING");
    let path = first.header("Location").unwrap().to_owned();
    eventually("the order is approved", async || {
        let story = api.get_after(&path, &first.token()).await.expect(200).json();
        if story["status"] == "APPROVED" {
            Ok(())
        } else {
            Err(story)
        }
    })
    .await;

    let again = api.post_once("/orders", &key, &body).await.expect(201);
    assert_eq!(again.json(), first.json());
    assert_eq!(again.token(), first.token());
}

#[tokio::test]
async fn c12_concurrent_requests_with_one_key_place_one_order() {
    let api = here();
    let (consumer, restaurant) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let (key, body) = (unique("key"), Order::body(&consumer, &restaurant, 5));
    let answers = futures::future::join_all((0..8).map(|_| api.post_once("/orders", &key, &body))).await;
    let first = answers[0].json();
    assert!(
        answers.iter().all(|a| a.status == 201 && a.json() == first),
        "{answers:?}"
    );
    let page = api
        .get_after(&consumer.orders(""), &answers[0].token())
        .await
        .expect(200);
    assert_eq!(page.json()["orders"].as_array().map(Vec::len), Some(1), "{page}");
}

#[tokio::test]
async fn c12_a_key_applies_to_its_endpoint_only() {
    let api = here();
    let key = unique("key");
    let person = json!({ "name": { "firstName": "Anya", "lastName": "Lee" } });
    let _ = api.post_once("/consumers", &key, &person).await.expect(201);
    let restaurant = ajanta("Ajanta", &[("1", "Chicken Vindaloo", "12.34")]);
    let _ = api.post_once("/restaurants", &key, &restaurant).await.expect(201);
}

#[tokio::test]
async fn a3_late_repeat_of_a_command_that_changed_nothing_takes_no_effect() {
    let api = here();
    let restaurant = Restaurant::ajanta(&api).await;
    let path = format!("/restaurants/{}/menu", restaurant.id);
    let menu =
        |price: &str| json!({ "menuItems": [{ "id": "1", "name": "Chicken Vindaloo", "price": price }] });
    let put = async |key: &str, price: &str| {
        let request = api.request(reqwest::Method::PUT, &path).json(&menu(price));
        api.send(request.header("Idempotency-Key", key)).await
    };
    let key = unique("key");
    let first = put(&key, "12.34").await.expect(200);
    assert_eq!(first.header("Idempotent-Replayed"), None);
    let changed = put(&unique("key"), "13.00").await.expect(200);
    assert_ne!(
        first.token(),
        changed.token(),
        "the first request changed something"
    );
    let again = put(&key, "12.34").await.expect(200);
    assert_eq!(again.header("Idempotent-Replayed"), Some("true"));
    assert_eq!((again.json(), again.token()), (first.json(), first.token()));
    let shown = api
        .get(&format!("/restaurants/{}", restaurant.id))
        .await
        .expect(200);
    assert_eq!(shown.json()["menu"]["menuItems"][0]["price"], "13.00");
    assert_eq!(
        put(&key, "1.00").await.expect(422).code(),
        "IDEMPOTENCY_KEY_REUSED"
    );
}
