//! The other views, and the composition of the services.

use serde_json::{Value, json};
use tests::{Api, Consumer, Courier, Order, Restaurant, eventually, here, unique};

async fn in_the_kitchen(api: &Api, consumer: &Consumer, restaurant: &Restaurant) -> Order {
    let order = Order::place(api, consumer, restaurant, 5).await;
    let _ = order.eventually_in_the_kitchen(api).await;
    order
}

async fn eventually_answers(api: &Api, path: &str, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    eventually(what, async || {
        let answer = api.get(path).await.expect(200).json();
        if is_so(&answer) { Ok(answer) } else { Err(answer) }
    })
    .await
}

#[tokio::test]
async fn a_kitchens_board_follows_its_tickets() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = in_the_kitchen(&api, &consumer, &ajanta).await;
    let board = format!("/restaurants/{}/tickets", ajanta.id);
    let waiting = format!("{board}?status=AWAITING_ACCEPTANCE");
    let _ = eventually_answers(&api, &waiting, "the ticket waits", |page| {
        page["tickets"][0]["orderId"] == order.id
    })
    .await;
    let _ = Courier::available(&api).await;
    let body = json!({ "readyBy": tests::a_day_from_now() });
    let accepted = order.ticket(&api, "accept", &body).await.expect(200);
    // A read with the token of the step shows it at once.
    let page = api.get_after(&board, &accepted.token()).await.expect(200).json();
    assert_eq!(page["tickets"][0]["status"], "ACCEPTED", "{page}");
    let page = api
        .get_after(&waiting, &accepted.token())
        .await
        .expect(200)
        .json();
    assert_eq!(page["tickets"], json!([]), "{page}");
}

#[tokio::test]
async fn sales_and_summary_count_every_order_once_and_subtract_cancelled_ones() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let first = in_the_kitchen(&api, &consumer, &ajanta).await;
    let second = in_the_kitchen(&api, &consumer, &ajanta).await;
    let sales = format!("/restaurants/{}/sales", ajanta.id);
    let summary = format!("/consumers/{}/summary", consumer.id);
    let _ = eventually_answers(&api, &sales, "both are sold", |sales| {
        sales["orders"] == 2 && sales["turnover"] == "123.40"
    })
    .await;
    let _ = eventually_answers(&api, &summary, "both are in progress", |summary| {
        summary["orders"]["APPROVED"] == 2 && summary["underWay"] == "123.40"
    })
    .await;

    let _ = first.ask(&api, "cancel", &json!({})).await.expect(200);
    let _ = first.eventually_is(&api, "CANCELLED").await;
    let sales = eventually_answers(&api, &sales, "the cancelled order is subtracted", |sales| {
        sales["orders"] == 1
    })
    .await;
    assert_eq!(sales["turnover"], "61.70", "{sales}");
    let summary = eventually_answers(&api, &summary, "one is cancelled", |summary| {
        summary["orders"]["CANCELLED"] == 1
    })
    .await;
    assert_eq!(
        (&summary["orders"]["APPROVED"], &summary["underWay"]),
        (&json!(1), &json!("61.70")),
        "{summary}"
    );
    let _ = second;
}

#[tokio::test]
async fn a_summary_with_a_token_is_exact_at_once() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    for number in 1..=5 {
        let order = Order::place(&api, &consumer, &ajanta, 1).await;
        let summary = api
            .get_after(&format!("/consumers/{}/summary", consumer.id), &order.token)
            .await
            .expect(200)
            .json();
        let counts = summary["orders"].as_object().unwrap().values();
        let count: i64 = counts.filter_map(Value::as_i64).sum();
        // The view may not have the other orders yet. It has this one, and counts none twice.
        assert!((1..=number).contains(&count), "{number}: {summary}");
        let _ = order.eventually_is(&api, "APPROVED").await;
        let _ = eventually_answers(
            &api,
            &format!("/consumers/{}/summary", consumer.id),
            "all are counted",
            |summary| summary["orders"]["APPROVED"] == number,
        )
        .await;
    }
}

#[tokio::test]
async fn a_statement_shows_every_movement_newest_first_page_by_page() {
    let api = here();
    let (consumer, ajanta) = (
        Consumer::with_limit(&api, "100.00").await,
        Restaurant::ajanta(&api).await,
    );
    let order = in_the_kitchen(&api, &consumer, &ajanta).await;
    let _ = order.ask(&api, "cancel", &json!({})).await.expect(200);
    let _ = order.eventually_is(&api, "CANCELLED").await;
    let path = format!("/accounts/{}/statement", consumer.id);
    let whole = eventually_answers(&api, &path, "the payment is reversed", |page| {
        page["movements"][0]["kind"] == "REVERSED"
    })
    .await;
    let kinds = |page: &Value| -> Vec<String> {
        let movements = page["movements"].as_array().unwrap().iter();
        movements
            .map(|m| m["kind"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        kinds(&whole),
        ["REVERSED", "AUTHORIZED", "LIMIT_SET", "OPENED"],
        "{whole}"
    );
    assert_eq!(whole["movements"][0]["heldBack"], "0.00", "{whole}");
    assert_eq!(whole["movements"][1]["heldBack"], "61.70", "{whole}");
    assert_eq!(whole["movements"][1]["orderId"], order.id, "{whole}");

    let (mut walked, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api
            .get(&format!("{path}?limit=1{cursor}"))
            .await
            .expect(200)
            .json();
        walked.extend(kinds(&page));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(walked, kinds(&whole));
}

#[tokio::test]
async fn couriers_are_listed() {
    let api = here();
    let courier = Courier::available(&api).await;
    let mut cursor = String::new();
    // Couriers are shared by all tests, so this one may be on any page.
    loop {
        let path = format!("/couriers?available=true&limit=100{cursor}");
        let page = api.get_after(&path, &courier.token).await.expect(200).json();
        let mut couriers = page["couriers"].as_array().unwrap().iter();
        if couriers.any(|listed| listed["courierId"] == courier.id) {
            return;
        }
        cursor = format!(
            "&cursor={}",
            page["nextCursor"].as_str().expect("the courier is on a page")
        );
    }
}

#[tokio::test]
async fn events_of_an_order_are_returned_as_published() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = in_the_kitchen(&api, &consumer, &ajanta).await;
    let path = format!("/orders/{}/events", order.id);
    let page = api.get(&format!("{path}?limit=1")).await.expect(200).json();
    assert_eq!(page["events"][0]["type"], "OrderCreated", "{page}");
    assert_eq!(page["events"][0]["data"]["orderTotal"], "61.70", "{page}");
    let next = page["nextCursor"].as_str().unwrap();
    let page = api
        .get(&format!("{path}?limit=1&cursor={next}"))
        .await
        .expect(200)
        .json();
    assert_eq!(page["events"][0]["type"], "OrderApproved", "{page}");
    for (stream, first) in [
        ("ticket", "TicketCreated"),
        ("payment", "PaymentAuthorized"),
        ("delivery", "DeliveryCreated"),
    ] {
        let path = format!("{path}?stream={stream}");
        let _ = eventually_answers(&api, &path, "the first event is there", |page| {
            page["events"][0]["type"] == first
        })
        .await;
    }
    let unknown = format!("/orders/{}/events", unique("ord_"));
    assert_eq!(api.get(&unknown).await.expect(404).code(), "UNKNOWN_ORDER");
}

#[tokio::test]
async fn the_composition_agrees_with_the_view() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = in_the_kitchen(&api, &consumer, &ajanta).await;
    let path = format!("/orders/{}/composed", order.id);
    let composed = eventually_answers(&api, &path, "every part is there", |composed| {
        composed["missing"] == json!([])
    })
    .await;
    let story = order.story(&api).await;
    assert_eq!(composed["order"]["status"], story["status"], "{composed}");
    assert_eq!(composed["order"]["orderTotal"], story["orderTotal"], "{composed}");
    assert_eq!(composed["order"]["lineItems"], story["lineItems"], "{composed}");
    assert_eq!(
        composed["ticket"]["status"], story["ticket"]["status"],
        "{composed}"
    );
    assert_eq!(
        composed["payment"]["amount"], story["payment"]["amount"],
        "{composed}"
    );
    assert_eq!(composed["delivery"]["status"], "PENDING", "{composed}");

    let unknown = format!("/orders/{}/composed", unique("ord_"));
    assert_eq!(api.get(&unknown).await.expect(404).code(), "UNKNOWN_ORDER");
}
