//! B2, B5: from the kitchen to delivery.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use tests::{Api, Consumer, Courier, Order, Restaurant, apart, eventually, here, times};

async fn in_the_kitchen(api: &Api) -> Order {
    let (consumer, ajanta) = (Consumer::create(api).await, Restaurant::ajanta(api).await);
    let order = Order::place(api, &consumer, &ajanta, 5).await;
    let _ = order.eventually_in_the_kitchen(api).await;
    order
}

async fn scheduled(api: &Api, order: &Order) -> Value {
    order
        .eventually(api, "the delivery is scheduled", |story| {
            story["delivery"]["status"] == "SCHEDULED"
        })
        .await
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_an_accepted_order_is_scheduled_with_the_courier_who_is_free() {
    // On a stack of its own, where no other test takes the courier.
    let apart = apart().await;
    let api = &apart.api;
    let courier = Courier::available(api).await;
    let order = in_the_kitchen(api).await;
    let ready_by = Timestamp::now().checked_add(9.hours()).unwrap();
    let body = json!({ "readyBy": ready_by.to_string() });
    let _ = order.ticket(api, "accept", &body).await.expect(200);

    let story = scheduled(api, &order).await;
    let delivery = &story["delivery"];
    if times(1, 0) == 1 {
        assert_eq!(delivery["courierId"], courier.id, "{story}");
    }
    let (pickup, drop_off) = (time(&delivery["pickupTime"]), time(&delivery["deliveryTime"]));
    assert_eq!(pickup.as_millisecond(), ready_by.as_millisecond(), "{story}");
    assert_eq!(pickup.checked_add(30.minutes()).unwrap(), drop_off, "{story}");

    let id = delivery["courierId"].as_str().unwrap();
    let courier = api.get(&format!("/couriers/{id}")).await.expect(200).json();
    assert_eq!(courier["delivery"]["orderId"], order.id, "{courier}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_without_a_courier_gets_the_next_free_one() {
    let apart = apart().await;
    let api = &apart.api;
    let orders = [in_the_kitchen(api).await, in_the_kitchen(api).await];
    for order in &orders {
        order.accept(api).await;
    }
    if times(1, 0) == 1 {
        for order in &orders {
            let path = format!("/deliveries/{}", order.id);
            eventually("the delivery waits for a courier", async || {
                let delivery = api.get(&path).await;
                let waits = delivery.status == 200 && delivery.json()["status"] == "PENDING";
                if waits { Ok(()) } else { Err(delivery) }
            })
            .await;
        }
    }
    let couriers = [Courier::available(api).await, Courier::available(api).await];
    let mut found = Vec::new();
    for order in &orders {
        let story = scheduled(api, order).await;
        found.push(story["delivery"]["courierId"].as_str().unwrap().to_owned());
    }
    assert_ne!(found[0], found[1], "a courier carries one delivery at a time");
    if times(1, 0) == 1 {
        assert!(
            couriers.iter().all(|courier| found.contains(&courier.id)),
            "{found:?}"
        );
    }
}

#[tokio::test]
async fn b5_a_delivered_order_has_every_transition_with_its_time_in_the_story() {
    let api = here();
    let _ = Courier::available(&api).await;
    let order = in_the_kitchen(&api).await;
    order.accept(&api).await;
    let nothing = json!({});
    for (step, status) in [
        ("preparing", "PREPARING"),
        ("ready-for-pickup", "READY_FOR_PICKUP"),
        ("picked-up", "PICKED_UP"),
    ] {
        let answer = order.ticket(&api, step, &nothing).await.expect(200);
        assert_eq!(answer.json()["status"], status);
    }
    let _ = scheduled(&api, &order).await;
    let _ = order.delivery(&api, "picked-up", &nothing).await.expect(200);
    let here = json!({ "latitude": 37.8044, "longitude": -122.2712 });
    let _ = order.delivery(&api, "location", &here).await.expect(200);
    let delivered = order.delivery(&api, "delivered", &nothing).await.expect(200);
    assert_eq!(delivered.json()["status"], "DELIVERED", "{delivered}");

    let story = order
        .eventually(&api, "it is delivered and paid", |story| {
            story["status"] == "DELIVERED" && story["payment"]["status"] == "CAPTURED"
        })
        .await;
    assert_eq!(story["payment"]["amount"], "61.70", "{story}");
    assert_eq!(story["delivery"]["position"], here, "{story}");
    let transitions = story["transitions"].as_array().unwrap();
    let mut told: Vec<String> = transitions
        .iter()
        .map(|t| {
            format!(
                "{} {}",
                t["source"].as_str().unwrap(),
                t["event"].as_str().unwrap()
            )
        })
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            "delivery DeliveryCourierRequested",
            "delivery DeliveryCreated",
            "delivery DeliveryDelivered",
            "delivery DeliveryPickedUp",
            "delivery DeliveryScheduled",
            "order OrderApproved",
            "order OrderCompleted",
            "order OrderCreated",
            "payment PaymentAuthorized",
            "payment PaymentCaptured",
            "ticket TicketAccepted",
            "ticket TicketConfirmed",
            "ticket TicketCreated",
            "ticket TicketPickedUp",
            "ticket TicketPreparationCompleted",
            "ticket TicketPreparationStarted",
        ]
    );
    assert!(transitions.iter().map(|t| time(&t["at"])).is_sorted(), "{story}");
    // Each step has its time. They are compared as times and not as text: "05.8Z" is before "05.86Z".
    let steps = [
        "createdAt",
        "acceptedAt",
        "preparingAt",
        "readyForPickupAt",
        "pickedUpAt",
    ];
    assert!(
        steps.iter().map(|step| time(&story["ticket"][step])).is_sorted(),
        "{story}"
    );
    let steps = ["scheduledAt", "pickedUpAt", "deliveredAt"];
    assert!(
        steps
            .iter()
            .map(|step| time(&story["delivery"][step]))
            .is_sorted(),
        "{story}"
    );
}

#[tokio::test]
async fn a_courier_who_has_delivered_is_free_again() {
    let api = here();
    let _ = Courier::available(&api).await;
    let order = in_the_kitchen(&api).await;
    order.accept(&api).await;
    let story = scheduled(&api, &order).await;
    let courier = format!("/couriers/{}", story["delivery"]["courierId"].as_str().unwrap());
    let _ = order.delivery(&api, "picked-up", &json!({})).await.expect(200);
    let _ = order.delivery(&api, "delivered", &json!({})).await.expect(200);
    eventually("the courier carries something else or nothing", async || {
        let shown = api.get(&courier).await.expect(200).json();
        if shown["delivery"]["orderId"] == order.id {
            Err(shown)
        } else {
            Ok(())
        }
    })
    .await;
}

#[tokio::test]
async fn a_delivery_step_out_of_order_is_refused_with_the_current_status() {
    let api = here();
    let order = in_the_kitchen(&api).await;
    let refused = eventually("the delivery is there and refuses", async || {
        let answer = order.delivery(&api, "delivered", &json!({})).await;
        if answer.code() == "INVALID_STATE_TRANSITION" {
            Ok(answer)
        } else {
            Err(answer)
        }
    })
    .await
    .expect(409);
    assert_eq!(refused.json()["currentStatus"], "PENDING", "{refused}");
}

#[tokio::test]
async fn a_delivery_of_an_unknown_order_is_not_found() {
    let api = here();
    let path = format!("/deliveries/{}", tests::unique("ord_"));
    assert_eq!(api.get(&path).await.expect(404).code(), "UNKNOWN_DELIVERY");
    let path = format!("/couriers/{}", tests::unique("cou_"));
    assert_eq!(api.get(&path).await.expect(404).code(), "UNKNOWN_COURIER");
}
