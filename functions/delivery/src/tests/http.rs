use crate::tests::events::{in_seconds, order_rejected};
use crate::tests::fixture::TestDelivery;
use contracts::{CourierId, OrderId};
use fixtures::amazing_view_json;
use serde_json::{Value, json};
use testkit::Answer;
use uuid::Uuid;

const SOON: &str = "2199-01-01T18:00:00.000Z";

async fn new_courier(test: &TestDelivery) -> String {
    let answer = test.post("/couriers", json!({ "name": "Ada Lovelace" })).await;
    answer.body["courierId"].as_str().unwrap().to_owned()
}

async fn set_availability(test: &TestDelivery, courier: &str, available: bool) -> Answer {
    let path = format!("/couriers/{courier}/availability");
    test.post(&path, json!({ "available": available })).await
}

/// Creates an order with a courier.
async fn scheduled(test: &TestDelivery) -> (OrderId, String) {
    let courier = new_courier(test).await;
    set_availability(test, &courier, true).await;
    let order = test.accepted_order(SOON).await;
    test.settle().await;
    (order, courier)
}

#[tokio::test]
async fn registered_courier_is_not_available() {
    let test = TestDelivery::start().await;
    let created = test.post("/couriers", json!({ "name": "Ada Lovelace" })).await;
    assert_eq!(created.status, 201);
    let id = created.body["courierId"].as_str().unwrap();
    assert_eq!(created.headers["location"], format!("/couriers/{id}"));
    assert!(created.headers.contains_key("consistency-token"));
    let courier = test.get(&format!("/couriers/{id}")).await;
    assert_eq!(
        courier.body,
        json!({ "courierId": id, "name": "Ada Lovelace", "available": false })
    );
}

#[tokio::test]
async fn courier_becomes_available_and_unavailable() {
    let test = TestDelivery::start().await;
    let courier = new_courier(&test).await;
    for available in [true, true, false, false] {
        let answer = set_availability(&test, &courier, available).await;
        assert_eq!(
            (answer.status, &answer.body["available"]),
            (200, &json!(available))
        );
        assert!(answer.headers.contains_key("consistency-token"));
    }
    assert_eq!(
        test.events_of(&format!("courier#{courier}")).await,
        [
            "CourierCreated",
            "CourierAvailabilityChanged",
            "CourierAvailabilityChanged"
        ]
    );
}

#[tokio::test]
async fn delivery_passes_through_every_status() {
    let test = TestDelivery::start().await;
    let (order, courier) = scheduled(&test).await;
    let shown = test.get(&format!("/couriers/{courier}")).await.body;
    assert_eq!(
        shown["delivery"],
        json!({ "orderId": order, "pickupTime": SOON, "deliveryTime": "2199-01-01T18:30:00.000Z" })
    );

    let here = json!({ "latitude": 37.8044, "longitude": -122.2712 });
    for (step, body, status) in [
        ("location", here.clone(), "SCHEDULED"),
        ("picked-up", json!({}), "PICKED_UP"),
        (
            "location",
            json!({ "latitude": 0, "longitude": 180 }),
            "PICKED_UP",
        ),
        ("location", here.clone(), "PICKED_UP"),
        ("delivered", json!({}), "DELIVERED"),
    ] {
        let answer = test.post(&format!("/deliveries/{order}/{step}"), body).await;
        assert_eq!((answer.status, &answer.body["status"]), (200, &json!(status)));
        assert!(answer.headers.contains_key("consistency-token"));
    }
    let delivery = test.get(&format!("/deliveries/{order}")).await.body;
    assert_eq!(
        delivery,
        json!({
            "orderId": order,
            "status": "DELIVERED",
            "restaurantId": "rst_00000000000000000000000000000007",
            "deliveryAddress": amazing_view_json(),
            "deliveryTime": "2026-12-24T18:00:00.000Z",
            "courierId": courier,
            "pickupTime": SOON,
            "scheduledDeliveryTime": "2199-01-01T18:30:00.000Z",
            "position": here,
        })
    );
    test.settle().await;
    let courier = test.get(&format!("/couriers/{courier}")).await.body;
    assert_eq!(courier.get("delivery"), None);
}

#[tokio::test]
async fn waiting_delivery_shows_no_courier() {
    let test = TestDelivery::start().await;
    let order = test.accepted_order(&in_seconds(3_600).to_string()).await;
    test.settle().await;
    let delivery = test.get(&format!("/deliveries/{order}")).await.body;
    assert_eq!(delivery["status"], "PENDING");
    for absent in ["courierId", "pickupTime", "scheduledDeliveryTime", "position"] {
        assert_eq!(delivery.get(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn step_in_a_wrong_status_is_refused_with_the_current_status() {
    let test = TestDelivery::start().await;
    let order = test.accepted_order(SOON).await;
    test.settle().await;
    for (step, body) in [
        ("picked-up", json!({})),
        ("location", json!({ "latitude": 1, "longitude": 2 })),
        ("delivered", json!({})),
    ] {
        let answer = test.post(&format!("/deliveries/{order}/{step}"), body).await;
        assert_eq!(answer.code(), (409, "INVALID_STATE_TRANSITION"));
        assert_eq!(answer.body["currentStatus"], "PENDING");
    }
}

#[tokio::test]
async fn missing_delivery_and_courier_are_unknown() {
    let test = TestDelivery::start().await;
    let courier = CourierId::from_uuid(Uuid::now_v7());
    assert_eq!(
        test.get(&format!("/couriers/{courier}")).await.code(),
        (404, "UNKNOWN_COURIER")
    );
    let answer = set_availability(&test, &courier.to_string(), true).await;
    assert_eq!(answer.code(), (404, "UNKNOWN_COURIER"));
    let order = OrderId::from_uuid(Uuid::now_v7());
    assert_eq!(
        test.get(&format!("/deliveries/{order}")).await.code(),
        (404, "UNKNOWN_DELIVERY")
    );
    let answer = test
        .post(&format!("/deliveries/{order}/delivered"), json!({}))
        .await;
    assert_eq!(answer.code(), (404, "UNKNOWN_DELIVERY"));
}

#[tokio::test]
async fn uncreated_delivery_of_an_existing_order_is_not_ready() {
    let test = TestDelivery::start().await;
    let order = test.order().await;
    let read = test.get(&format!("/deliveries/{order}")).await;
    assert_eq!(read.code(), (409, "DELIVERY_NOT_READY"));
    assert_eq!(read.headers["retry-after"], "1");
    let answer = test
        .post(&format!("/deliveries/{order}/picked-up"), json!({}))
        .await;
    assert_eq!(answer.code(), (409, "DELIVERY_NOT_READY"));
}

#[tokio::test]
async fn delivery_of_a_rejected_order_is_unknown() {
    let test = TestDelivery::start().await;
    let order = test.order().await;
    test.commit(order, order_rejected()).await;
    let read = test.get(&format!("/deliveries/{order}")).await;
    assert_eq!(read.code(), (404, "UNKNOWN_DELIVERY"));
}

#[tokio::test]
async fn repeated_key_returns_first_reply() {
    let test = TestDelivery::start().await;
    let name = json!({ "name": "Ada Lovelace" });
    let first = test.post_once("/couriers", "k1", name.clone()).await;
    let again = test.post_once("/couriers", "k1", name).await;
    assert_eq!((again.status, &again.body), (201, &first.body), "one courier");
    let other = test
        .post_once("/couriers", "k1", json!({ "name": "Grace Hopper" }))
        .await;
    assert_eq!(other.code(), (422, "IDEMPOTENCY_KEY_REUSED"));
}

#[tokio::test]
async fn repeated_step_without_a_key_changes_nothing() {
    let test = TestDelivery::start().await;
    let (order, _) = scheduled(&test).await;
    let here = json!({ "latitude": 37.8044, "longitude": -122.2712 });
    for _ in 0..2 {
        let path = format!("/deliveries/{order}/location");
        assert_eq!(test.post(&path, here.clone()).await.status, 200);
    }
    for step in ["picked-up", "picked-up", "delivered", "delivered"] {
        let path = format!("/deliveries/{order}/{step}");
        assert_eq!(test.post(&path, json!({})).await.status, 200);
    }
    assert_eq!(
        test.events_of(&format!("delivery#{order}")).await[3..],
        ["DeliveryLocationUpdated", "DeliveryPickedUp", "DeliveryDelivered"]
    );
}

#[tokio::test]
async fn delivery_and_courier_with_matching_etag_are_304() {
    let test = TestDelivery::start().await;
    let (order, courier) = scheduled(&test).await;
    for path in [format!("/deliveries/{order}"), format!("/couriers/{courier}")] {
        let tag = test.get(&path).await.header("etag").to_owned();
        assert_eq!(test.get_unless(&path, &tag).await.status, 304);
    }
}

#[tokio::test]
async fn malformed_input_is_refused_and_stores_nothing() {
    let test = TestDelivery::start().await;
    let (order, courier) = scheduled(&test).await;
    let location = format!("/deliveries/{order}/location");
    let availability = format!("/couriers/{courier}/availability");
    let bodies: Vec<(&str, Value, &str)> = vec![
        ("/couriers", json!({}), "name"),
        ("/couriers", json!({ "name": " " }), "name"),
        ("/couriers", json!({ "name": "x".repeat(201) }), "name"),
        ("/couriers", json!({ "name": "a\u{202e}b" }), "name"),
        (
            "/couriers",
            json!({ "name": "Ada", "available": true }),
            "available",
        ),
        (&availability, json!({}), "available"),
        (&availability, json!({ "available": "true" }), "available"),
        (&availability, json!({ "available": false, "plan": null }), "plan"),
        (&location, json!({ "latitude": 1 }), "longitude"),
        (&location, json!({ "latitude": 90.1, "longitude": 0 }), "latitude"),
        (
            &location,
            json!({ "latitude": 0, "longitude": -180.1 }),
            "longitude",
        ),
        (&location, json!({ "latitude": "1", "longitude": 0 }), "latitude"),
        (&location, json!({ "latitude": null, "longitude": 0 }), "latitude"),
        (
            &location,
            json!({ "latitude": 1, "longitude": 2, "altitude": 3 }),
            "altitude",
        ),
    ];
    for (path, body, field) in bodies {
        let answer = test.post(path, body.clone()).await;
        assert_eq!(answer.code(), (400, "MALFORMED_BODY"), "{path} {body}");
        assert!(answer.body.to_string().contains(field), "{}", answer.body);
    }
    for id in ["ord_1", "cou_0193a5b2c4d67e8f9a0b1c2d3e4f5061", "..%2f..%2fetc"] {
        let answer = test.post(&format!("/deliveries/{id}/delivered"), json!({})).await;
        assert_eq!(answer.code(), (400, "INVALID_ID"), "{id}");
    }
    let answer = test.get(&format!("/couriers/{order}")).await;
    assert_eq!(answer.code(), (400, "INVALID_ID"));
    assert_eq!(
        test.events_of(&format!("delivery#{order}")).await,
        ["DeliveryCreated", "DeliveryCourierRequested", "DeliveryScheduled"]
    );
    assert_eq!(
        test.events_of(&format!("courier#{courier}")).await,
        ["CourierCreated", "CourierAvailabilityChanged", "CourierAssigned"]
    );
}
