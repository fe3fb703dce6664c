//! A13 for a whole order with its real commits: each view's table is the same for every interleaving.

use crate::api::{Api, PATIENCE};
use account_statement::AccountStatement;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::{Commit, Parcel};
use couriers::Couriers;
use embedded::{Stack, StackOptions};
use kitchen_board::KitchenBoard;
use local_dynamodb::LocalDynamo;
use order_history::OrderHistory;
use order_totals::OrderTotals;
use projection::testing::{batch, message};
use projection::{BatchHandler, Options, Projector, View};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use testkit::Bench;

const INTERLEAVINGS: u64 = 25;

/// Returns all commits of one order that was revised and delivered and of another that was cancelled.
async fn history() -> Vec<Commit> {
    let stack = Stack::start(system::belvedere(), StackOptions::default())
        .await
        .unwrap();
    let api = Api::new(stack.url());
    let (consumer, restaurant) = (api.consumer().await, api.restaurant().await);
    let courier = api.post("/couriers", &json!({ "name": "Mia Wong" })).await;
    let courier = courier["courierId"].as_str().unwrap();
    let path = format!("/couriers/{courier}/availability");
    api.post(&path, &json!({ "available": true })).await;
    let orders = [
        api.order(&consumer, &restaurant).await,
        api.order(&consumer, &restaurant).await,
    ];
    stack.quiet(PATIENCE).await.unwrap();
    let steps = [
        (format!("/orders/{}/cancel", orders[1]), json!({})),
        (
            format!("/orders/{}/revise", orders[0]),
            json!({ "revisedOrderLineItems": [{ "menuItemId": "1", "quantity": 10 }] }),
        ),
        (
            format!("/tickets/{}/accept", orders[0]),
            json!({ "readyBy": "2040-01-01T18:30:00Z" }),
        ),
        (format!("/tickets/{}/preparing", orders[0]), json!({})),
        (format!("/tickets/{}/ready-for-pickup", orders[0]), json!({})),
        (format!("/tickets/{}/picked-up", orders[0]), json!({})),
        (format!("/deliveries/{}/picked-up", orders[0]), json!({})),
        (
            format!("/deliveries/{}/location", orders[0]),
            json!({ "latitude": 37.8, "longitude": -122.2 }),
        ),
        (format!("/deliveries/{}/delivered", orders[0]), json!({})),
    ];
    for (path, body) in steps {
        api.post(&path, &body).await;
        stack.quiet(PATIENCE).await.unwrap();
    }
    assert_eq!(api.status(&orders[0]).await, "DELIVERED");
    assert_eq!(api.status(&orders[1]).await, "CANCELLED");
    let mut commits = Vec::new();
    for table in system::belvedere().event_tables() {
        let scan = stack.dynamodb().scan().table_name(table.name);
        let items = scan.send().await.unwrap().items.unwrap_or_default();
        for mut item in items {
            // The private state and the fingerprint are not published.
            item.retain(|name, _| name != "s" && name != "f");
            commits.push(serde_dynamo::from_item(item).unwrap());
        }
    }
    stack.stop().await;
    commits
}

/// Returns the contents of the view's table after these deliveries, except how often each document was written.
async fn projected<V: View>(dynamo: &LocalDynamo, commits: &[Commit], seed: u64) -> BTreeMap<String, Value> {
    let mut random = fastrand::Rng::with_seed(seed);
    let name = format!("{}-{seed}", V::NAME);
    let bench = Bench::create(dynamo.client(), &name, V::FILTERS).await.unwrap();
    let own: Vec<Commit> = commits
        .iter()
        .filter(|commit| V::SOURCES.contains(&commit.stream.category()))
        .cloned()
        .collect();
    bench.store(&own).await.unwrap();
    let projector = Projector::<V>::new(
        dynamo.client(),
        &bench.view_table,
        bench.sources(V::SOURCES),
        Options::default(),
    );
    let mut twice = [own.clone(), own].concat();
    random.shuffle(&mut twice);
    for (number, commits) in twice.chunks(random.usize(1..6)).enumerate() {
        let messages = commits.iter().enumerate().map(|(place, commit)| {
            message(
                format!("{number}-{place}"),
                1,
                vec![Parcel::Whole(commit.clone())],
            )
        });
        let response = projector.handle(batch(messages.collect())).await;
        assert!(response.batch_item_failures.is_empty(), "{}", V::NAME);
    }
    let mut contents = BTreeMap::new();
    for mut item in bench.contents().await.unwrap() {
        item.remove("r");
        if key(&item, "sk").starts_with("tally") {
            // A counter that returned to zero equals one that never existed, and so does a shard with nothing else.
            item.retain(|_, value| *value != AttributeValue::N("0".to_owned()));
            if item.keys().all(|name| name == "pk" || name == "sk") {
                continue;
            }
        }
        let key = format!("{} {}", key(&item, "pk"), key(&item, "sk"));
        contents.insert(key, serde_dynamo::from_item(item).unwrap());
    }
    bench.delete().await.unwrap();
    contents
}

fn key(item: &HashMap<String, AttributeValue>, name: &str) -> String {
    item[name].as_s().unwrap().clone()
}

async fn is_always_the_same<V: View>(dynamo: &LocalDynamo, commits: &[Commit]) {
    let expected = projected::<V>(dynamo, commits, 0).await;
    assert!(!expected.is_empty(), "{} has nothing", V::NAME);
    for seed in 1..INTERLEAVINGS {
        let found = projected::<V>(dynamo, commits, seed).await;
        assert_eq!(found, expected, "{}, seed {seed}", V::NAME);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a13_documents_rows_and_counters_are_the_same_for_every_interleaving() {
    let commits = history().await;
    let dynamo = LocalDynamo::in_memory().await.unwrap();
    is_always_the_same::<OrderHistory>(&dynamo, &commits).await;
    is_always_the_same::<KitchenBoard>(&dynamo, &commits).await;
    is_always_the_same::<OrderTotals>(&dynamo, &commits).await;
    is_always_the_same::<AccountStatement>(&dynamo, &commits).await;
    is_always_the_same::<Couriers>(&dynamo, &commits).await;
}
