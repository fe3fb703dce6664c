//! A: the order history.

use serde_json::{Value, json};
use tests::{Answer, Consumer, Order, Restaurant, encode, eventually, here, unique};

/// Returns the ids of the orders on a page.
fn ids(page: &Answer) -> Vec<String> {
    let orders = page.json()["orders"].as_array().cloned().unwrap_or_default();
    let id = |order: &Value| order["orderId"].as_str().unwrap_or_default().to_owned();
    orders.iter().map(id).collect()
}

#[tokio::test]
async fn a1_an_order_is_found_by_id_with_all_its_items() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let body = Order::body(&consumer, &ajanta, 5);
    let order = Order::place_body(&api, &body).await;

    let story = order.story(&api).await;
    assert_eq!(story["orderId"], order.id);
    assert_eq!(story["consumerId"], consumer.id);
    assert_eq!(story["restaurantId"], ajanta.id);
    assert_eq!(story["restaurantName"], "Ajanta");
    assert_eq!(
        story["lineItems"],
        json!([{ "menuItemId": "1", "name": "Chicken Vindaloo", "price": "12.34", "quantity": 5 }])
    );
    assert_eq!(story["orderTotal"], "61.70");
    assert_eq!(story["deliveryAddress"], body["deliveryAddress"]);
    assert!(
        ["APPROVAL_PENDING", "APPROVED"].contains(&story["status"].as_str().unwrap()),
        "{story}"
    );
    assert_eq!(story["transitions"][0]["event"], "OrderCreated");
    assert_eq!(story["createdAt"], story["transitions"][0]["at"]);
    let created_at: Result<jiff::Timestamp, _> = story["createdAt"].as_str().unwrap().parse();
    assert!(created_at.is_ok(), "{story}");
}

#[tokio::test]
async fn a1_the_location_header_of_a_creation_names_the_order() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &ajanta, 5).await;
    // The header has a path, because the function does not know the path of the gateway in front of it.
    let location = order.answer.header("Location").unwrap();
    assert_eq!(location, order.path());
    let found = api.get_after(location, &order.token).await.expect(200).json();
    assert_eq!(found["orderId"], order.id);
}

#[tokio::test]
async fn a3_a_list_without_filters_contains_the_order() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &ajanta, 5).await;
    let page = api
        .get_after(&consumer.orders(""), &order.token)
        .await
        .expect(200);
    let listed = &page.json()["orders"][0];
    assert_eq!(ids(&page), std::slice::from_ref(&order.id));
    assert_eq!(listed["restaurantId"], ajanta.id);
    assert_eq!(listed["restaurantName"], "Ajanta");
    assert_eq!(listed["orderTotal"], "61.70");
    assert_eq!(listed["lineItems"][0]["quantity"], 5);
    assert!(
        listed["createdAt"].is_string() && listed["status"].is_string(),
        "{page}"
    );
}

#[tokio::test]
async fn a4_a7_the_status_filter_follows_the_status() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &ajanta, 5).await;
    let _ = order.eventually_is(&api, "APPROVED").await;

    eventually("the approved order is listed as approved", async || {
        let page = api.get(&consumer.orders("status=APPROVED")).await.expect(200);
        if ids(&page) == [order.id.clone()] {
            Ok(())
        } else {
            Err(page)
        }
    })
    .await;
    let pending = api
        .get(&consumer.orders("status=APPROVAL_PENDING"))
        .await
        .expect(200);
    assert_eq!(ids(&pending), [""; 0], "{pending}");
    let either = api
        .get(&consumer.orders("status=APPROVAL_PENDING,APPROVED"))
        .await;
    assert_eq!(ids(&either), [order.id]);
}

#[tokio::test]
async fn a6_the_same_command_twice_has_one_effect() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let (key, body) = (unique("key"), Order::body(&consumer, &ajanta, 5));
    let first = api.post_once("/orders", &key, &body).await.expect(201);
    let second = api.post_once("/orders", &key, &body).await.expect(201);
    assert_eq!(first.json(), second.json());

    let page = api
        .get_after(&consumer.orders(""), &second.token())
        .await
        .expect(200);
    assert_eq!(ids(&page).len(), 1, "{page}");
    let story = api
        .get_after(first.header("Location").unwrap(), &first.token())
        .await
        .json();
    let creations = story["transitions"].as_array().unwrap();
    let creations = creations.iter().filter(|t| t["event"] == "OrderCreated").count();
    assert_eq!(creations, 1, "{story}");
}

#[tokio::test]
async fn a8_a11_words_of_items_and_of_the_restaurant_find_an_order() {
    let api = here();
    let consumer = Consumer::create(&api).await;
    let ajanta = Restaurant::ajanta(&api).await;
    let menu = [
        ("1", "Crème Brûlée, Straßen-Art 🍮", "4.50"),
        ("2", "Soup", "3.00"),
    ];
    let cafe = Restaurant::create(&api, "Café İstanbul", &menu).await;
    let vindaloo = Order::place(&api, &consumer, &ajanta, 5).await;
    let dessert = Order::place(&api, &consumer, &cafe, 1).await;
    let tokens = format!("{},{}", vindaloo.token, dessert.token);

    for (phrase, expected) in [
        ("chicken vindaloo", vec![&vindaloo.id]),
        ("VINDALOO", vec![&vindaloo.id]),
        ("ajanta", vec![&vindaloo.id]),
        ("Ajanta, chicken!", vec![&vindaloo.id]),
        ("CRÈME BRÛLÉE", vec![&dessert.id]),
        ("strassen art", vec![&dessert.id]),
        ("istanbul café", vec![&dessert.id]),
        ("chicken brûlée", vec![]),
        ("vinda", vec![]),
        ("soup", vec![]),
    ] {
        let path = consumer.orders(&format!("keywords={}", encode(phrase)));
        let page = api.get_after(&path, &tokens).await.expect(200);
        assert_eq!(
            ids(&page).iter().collect::<Vec<_>>(),
            expected,
            "{phrase}: {page}"
        );
    }
}

#[tokio::test]
async fn a9_the_newest_order_comes_first_unless_asked_otherwise() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let older = Order::place(&api, &consumer, &ajanta, 1).await;
    let newer = Order::place(&api, &consumer, &ajanta, 2).await;
    let tokens = format!("{},{}", older.token, newer.token);
    for (parameters, expected) in [
        ("", [&newer.id, &older.id]),
        ("sort=desc", [&newer.id, &older.id]),
        ("sort=asc", [&older.id, &newer.id]),
    ] {
        let page = api
            .get_after(&consumer.orders(parameters), &tokens)
            .await
            .expect(200);
        assert_eq!(ids(&page).iter().collect::<Vec<_>>(), expected, "{parameters}");
    }
}

#[tokio::test]
async fn orders_are_listed_from_since_on_and_up_to_until() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &ajanta, 1).await;
    let created_at = order.story(&api).await["createdAt"].as_str().unwrap().to_owned();
    for (parameters, found) in [
        (format!("since={created_at}"), 1),
        (format!("until={created_at}"), 0),
        ("since=2199-01-01T00:00:00Z".to_owned(), 0),
        (
            "since=2000-01-01T00:00:00Z&until=2199-01-01T00:00:00Z".to_owned(),
            1,
        ),
    ] {
        let page = api
            .get_after(&consumer.orders(&parameters), &order.token)
            .await
            .expect(200);
        assert_eq!(ids(&page).len(), found, "{parameters}: {page}");
    }
}

#[tokio::test]
async fn a10_page_one_has_one_order_and_page_two_the_other() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let older = Order::place(&api, &consumer, &ajanta, 1).await;
    let newer = Order::place(&api, &consumer, &ajanta, 2).await;
    let tokens = format!("{},{}", older.token, newer.token);

    let first = api
        .get_after(&consumer.orders("limit=1"), &tokens)
        .await
        .expect(200);
    assert_eq!(ids(&first), [newer.id]);
    let cursor = first.json()["nextCursor"].as_str().unwrap().to_owned();
    let next = consumer.orders(&format!("limit=1&cursor={}", encode(&cursor)));
    let second = api.get_after(&next, &tokens).await.expect(200);
    assert_eq!(ids(&second), [older.id]);
    assert_eq!(second.json().get("nextCursor"), None, "{second}");
}
