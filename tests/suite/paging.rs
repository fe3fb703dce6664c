//! D1, D3, D4: lists.

use futures::{StreamExt, stream};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{Apart, Api, Consumer, Order, Restaurant, apart, encode, eventually, here, scaled, times};

/// Places orders, of which one in a hundred is approved and cancelled, and returns the ids of those.
///
/// The others are over the credit limit and are rejected, because the commits of an account contain all its open
/// authorizations; another test covers many of them. The function waits for one order in ten, so the services are never more
/// than 80 orders behind.
async fn many_orders(api: &Api, consumer: &Consumer, count: usize) -> BTreeSet<String> {
    let ajanta = Restaurant::create(api, "Ajanta", &[("1", "Papadam", "0.50")]).await;
    let ajanta = &ajanta;
    let mut cancelled = BTreeSet::new();
    for _ in 0..count / 100 {
        consumer.limit(api, "500.00").await;
        let order = Order::place(api, consumer, ajanta, 1).await;
        let _ = order.eventually_is(api, "APPROVED").await;
        let _ = order.ask(api, "cancel", &json!({})).await.expect(200);
        let _ = order.eventually_is(api, "CANCELLED").await;
        cancelled.insert(order.id);
        consumer.limit(api, "0.00").await;
        stream::iter(1..100)
            .map(async |n| {
                let order = Order::place(api, consumer, ajanta, 1).await;
                if n % 10 == 0 {
                    let _ = order.eventually_is(api, "REJECTED").await;
                }
            })
            .buffer_unordered(8)
            .collect::<()>()
            .await;
    }
    cancelled
}

#[tokio::test(flavor = "multi_thread")]
async fn d1_a_filter_that_matches_one_in_a_hundred_finds_all_on_one_page() {
    let Apart { api, .. } = &apart().await;
    let consumer = Consumer::create(api).await;
    let count = times(scaled(1_000), 100);
    let cancelled = many_orders(api, &consumer, count).await;
    assert_eq!(cancelled.len(), count / 100);

    let page = eventually("all the cancelled orders are listed", async || {
        let page = api
            .get(&consumer.orders("status=CANCELLED&limit=10"))
            .await
            .expect(200);
        let orders = page.json()["orders"].as_array().unwrap().clone();
        if orders.len() == cancelled.len() {
            Ok(orders)
        } else {
            Err(page)
        }
    })
    .await;
    let id = |order: &Value| order["orderId"].as_str().unwrap().to_owned();
    assert_eq!(page.iter().map(id).collect::<BTreeSet<_>>(), cancelled);
    // The number of calls is asserted in a test of the view.
    let none = api
        .get(&consumer.orders("status=DELIVERED&limit=10"))
        .await
        .expect(200);
    assert_eq!(none.json(), json!({ "orders": [] }));
}

#[tokio::test]
async fn d3_invalid_cursors_and_cursors_of_other_queries_are_refused() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let stranger = Consumer::create(&api).await;
    let first = Order::place(&api, &consumer, &ajanta, 1).await;
    let second = Order::place(&api, &consumer, &ajanta, 1).await;
    let tokens = format!("{},{}", first.token, second.token);
    let page = api
        .get_after(&consumer.orders("limit=1"), &tokens)
        .await
        .expect(200);
    let cursor = page.json()["nextCursor"].as_str().unwrap().to_owned();
    let mut damaged = cursor.clone();
    damaged.replace_range(8..9, if &damaged[8..9] == "A" { "B" } else { "A" });

    // The formats of other systems or earlier versions: a bare key, Base64 of JSON.
    let foreign = [
        "ord_1",
        "eyJzIjoiMSIsImsiOiJvcmRfMSJ9",
        "bnVsbA",
        "%00",
        "1",
        "",
        &cursor[1..],
        &damaged,
    ];
    for text in foreign {
        let answer = api
            .get(&consumer.orders(&format!("limit=1&cursor={text}")))
            .await
            .expect(400);
        assert_eq!(answer.code(), "INVALID_CURSOR", "{text}");
    }
    let cursor = encode(&cursor);
    for path in [
        stranger.orders(&format!("cursor={cursor}")),
        consumer.orders(&format!("cursor={cursor}&sort=asc")),
        consumer.orders(&format!("cursor={cursor}&status=APPROVED")),
        consumer.orders(&format!("cursor={cursor}&keywords=chicken")),
        consumer.orders(&format!("cursor={cursor}&since=2020-01-01T00:00:00Z")),
    ] {
        assert_eq!(
            api.get(&path).await.expect(400).code(),
            "INVALID_CURSOR",
            "{path}"
        );
    }
}

#[tokio::test]
async fn d4_paging_lists_every_order_once_while_new_ones_arrive() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let mut old = Vec::new();
    let mut last = None;
    for _ in 0..times(25, 7) {
        let order = Order::place(&api, &consumer, &ajanta, 1).await;
        old.push(order.id.clone());
        last = Some(order);
    }
    eventually("all orders are listed", async || {
        let page = api.get(&consumer.orders("limit=100")).await.expect(200);
        let listed = page.json()["orders"].as_array().map_or(0, Vec::len);
        if listed == old.len() { Ok(()) } else { Err(page) }
    })
    .await;

    let mut seen = Vec::new();
    let mut next = consumer.orders("limit=3");
    let mut token = last.map(|order| order.token).unwrap_or_default();
    loop {
        let page = api.get_after(&next, &token).await.expect(200).json();
        let orders = page["orders"].as_array().unwrap();
        seen.extend(orders.iter().map(|o| o["orderId"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["nextCursor"].as_str() else {
            break;
        };
        next = consumer.orders(&format!("limit=3&cursor={}", encode(cursor)));
        token = Order::place(&api, &consumer, &ajanta, 1).await.token;
    }
    old.reverse();
    assert_eq!(
        seen, old,
        "newest first, each once, without the orders placed meanwhile"
    );
}
