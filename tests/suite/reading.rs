//! D2, D5: consistency tokens and conditional reads.

use crate::api_description::committed;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::{Apart, Api, Consumer, Order, Restaurant, apart, eventually, here, scaled, times, unique};

/// Orders of one consumer; limited, because the commits of an account contain all its open authorizations.
const ORDERS_EACH: usize = 25;

/// Places orders and reads each at once with the reply's token, by id and in the list. Returns how often the order was missing.
pub(crate) async fn orders_missed_by_their_own_readers(api: &Api, times: usize) -> usize {
    let ajanta = Restaurant::ajanta(api).await;
    let mut consumer = Consumer::create(api).await;
    let mut missed = 0;
    for n in 1..=times {
        if n.is_multiple_of(ORDERS_EACH) {
            consumer = Consumer::create(api).await;
        }
        let order = Order::place(api, &consumer, &ajanta, 1).await;
        let by_id = api.get_after(&order.path(), &order.token).await;
        let listed = api
            .get_after(&consumer.orders("limit=1"), &order.token)
            .await
            .expect(200);
        let shown = by_id.status == 200 && listed.json()["orders"][0]["orderId"] == order.id;
        missed += usize::from(!shown);
    }
    missed
}

#[tokio::test(flavor = "multi_thread")]
async fn d2_a_read_with_the_token_of_a_command_always_shows_it() {
    let Apart { api, .. } = &apart().await;
    let times = times(scaled(1_000), 20);
    assert_eq!(
        orders_missed_by_their_own_readers(api, times).await,
        0,
        "of {times}"
    );
}

#[tokio::test]
async fn d2_a_read_may_wait_for_the_projection() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &ajanta, 1).await;
    let request = api
        .request(reqwest::Method::GET, &order.path())
        .header("Consistency-Token", &order.token)
        .header("Prefer", "wait=2");
    assert_eq!(api.send(request).await.expect(200).json()["orderId"], order.id);
}

#[tokio::test]
async fn d2_an_invalid_token_is_refused() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &ajanta, 1).await;
    let mut damaged = order.token.clone();
    damaged.replace_range(8..9, if &damaged[8..9] == "A" { "B" } else { "A" });
    for token in [
        damaged.as_str(),
        "",
        "x",
        "order#ord_1@4",
        &order.token[1..],
        "AAAA,,",
    ] {
        for path in [order.path(), consumer.orders("")] {
            let answer = api.get_after(&path, token).await.expect(400);
            assert_eq!(answer.code(), "INVALID_CONSISTENCY_TOKEN", "{token}");
        }
    }
}

#[tokio::test]
async fn d5_an_unchanged_resource_is_not_sent_again() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &ajanta, 1).await;
    settled(&api, &order).await;
    for path in [order.path(), consumer.orders("")] {
        eventually(&format!("{path} is not sent again"), async || {
            let tag = api
                .get(&path)
                .await
                .expect(200)
                .header("ETag")
                .unwrap()
                .to_owned();
            let again = api.get_with(&path, ("If-None-Match", &tag)).await;
            // The list may be behind the order for a moment, and change once more between the two reads.
            if again.status == 304 && again.body.is_empty() {
                Ok(())
            } else {
                Err(again)
            }
        })
        .await;
        let other = api.get_with(&path, ("If-None-Match", "\"other\"")).await;
        assert_eq!(other.status, 200);
    }
}

/// Creates one resource of every kind and returns their paths by the operation that reads them.
async fn one_resource_of_every_kind(api: &Api) -> BTreeMap<&'static str, String> {
    let (consumer, ajanta) = (Consumer::create(api).await, Restaurant::ajanta(api).await);
    let order = Order::place(api, &consumer, &ajanta, 1).await;
    settled(api, &order).await;
    // Not available, so that no delivery of another test is assigned to the courier.
    let courier = api
        .post("/couriers", &json!({ "name": "Mia Wong" }))
        .await
        .expect(201);
    BTreeMap::from([
        ("getConsumer", format!("/consumers/{}", consumer.id)),
        ("getAccount", format!("/accounts/{}", consumer.id)),
        ("getRestaurant", format!("/restaurants/{}", ajanta.id)),
        ("getOrder", order.path()),
        ("getCurrentOrder", format!("{}/current", order.path())),
        ("getTicket", format!("/tickets/{}", order.id)),
        ("getPayment", format!("/payments/{}", order.id)),
        ("getDelivery", format!("/deliveries/{}", order.id)),
        ("getComposedOrder", format!("{}/composed", order.path())),
        ("listOrderEvents", format!("{}/events", order.path())),
        ("getCourier", courier.header("Location").unwrap().to_owned()),
    ])
}

/// Returns the operations that are described as reads of one resource.
fn described_reads_of_one_resource() -> BTreeSet<String> {
    let document = committed();
    let paths = document["paths"].as_object().unwrap().values();
    let reads = paths
        .map(|path| &path["get"])
        .filter(|read| read["responses"]["304"]["$ref"] == "#/components/responses/UnchangedResource");
    reads
        .map(|read| read["operationId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn d5_a_304_has_the_same_headers_as_the_200_for_every_resource() {
    let api = here();
    let resources = one_resource_of_every_kind(&api).await;
    let names: BTreeSet<String> = resources.keys().map(|name| (*name).to_owned()).collect();
    assert_eq!(names, described_reads_of_one_resource());
    for (operation, path) in resources {
        // Events of reactors may arrive later and change the resource between the two reads.
        let (first, again) = eventually(&format!("{path} is not sent again"), async || {
            let first = api.get(&path).await;
            let tag = first.header("ETag").unwrap_or_default();
            let again = api.get_with(&path, ("If-None-Match", tag)).await;
            if (first.status, again.status) == (200, 304) {
                Ok((first, again))
            } else {
                Err(again)
            }
        })
        .await;
        assert_eq!(
            first.header("Cache-Control"),
            Some("private, no-cache"),
            "{operation}"
        );
        assert!(again.body.is_empty(), "{operation}: {again}");
        for name in ["ETag", "Cache-Control", "Consistency-Token"] {
            assert!(
                first.header(name).is_some(),
                "{operation} without {name}: {first}"
            );
            assert_eq!(again.header(name), first.header(name), "{operation}: {name}");
        }
        // The token is valid: a read that carries it succeeds.
        let with_token = api.get_after(&path, &first.token()).await;
        assert_eq!(with_token.status, 200, "{operation}: {with_token}");
    }
}

#[tokio::test]
async fn d5_a_changed_resource_is_sent_again() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &ajanta, 1).await;
    let story = settled(&api, &order).await;
    let tag = api
        .get(&order.path())
        .await
        .expect(200)
        .header("ETag")
        .unwrap()
        .to_owned();
    let accept = json!({ "readyBy": tests::a_day_from_now() });
    let accepted = api
        .post(&format!("/tickets/{}/accept", order.id), &accept)
        .await
        .expect(200);
    let request = api
        .request(reqwest::Method::GET, &order.path())
        .header("If-None-Match", tag)
        .header("Consistency-Token", accepted.token());
    let changed = api.send(request).await.expect(200).json();
    assert_ne!(changed["versions"], story["versions"]);
}

/// Returns the order's story after the last event that follows without further requests.
async fn settled(api: &Api, order: &Order) -> Value {
    eventually("the order is settled", async || {
        // Without a token, to read what the projection has stored.
        let answer = api.get(&order.path()).await;
        let story = answer.json();
        let done = story["status"] == "APPROVED"
            && story["payment"]["status"] == "AUTHORIZED"
            && story["ticket"]["status"] == "AWAITING_ACCEPTANCE";
        if done { Ok(story) } else { Err(story) }
    })
    .await
}

#[tokio::test]
async fn an_unknown_order_is_not_found_with_a_token_either() {
    let api = here();
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &ajanta, 1).await;
    let answer = api
        .get_after(&format!("/orders/{}", unique("ord_")), &order.token)
        .await;
    assert_eq!(answer.expect(404).code(), "UNKNOWN_ORDER");
}
