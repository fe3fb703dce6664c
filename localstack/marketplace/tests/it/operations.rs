//! C6–C9 over HTTP: what an operator sees and does after failures, and while a view is rebuilt.

use crate::api::{Api, PATIENCE};
use aws_sdk_dynamodb::types::AttributeValue;
use embedded::{Stack, StackOptions};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

const VIEW: &str = "/operations/views/order-history";

fn options(data: Option<&Path>) -> StackOptions {
    StackOptions {
        data: data.map(Path::to_owned),
        // So that a fence takes three seconds.
        function_timeout: Duration::from_secs(1),
        ..StackOptions::default()
    }
}

struct Desk {
    stack: Stack,
    api: Api,
    consumer: String,
    restaurant: String,
}

impl Desk {
    async fn open(data: Option<&Path>) -> Self {
        let stack = Stack::start(system::belvedere(), options(data)).await.unwrap();
        let api = Api::new(stack.url());
        let (consumer, restaurant) = (api.consumer().await, api.restaurant().await);
        stack.quiet(PATIENCE).await.unwrap();
        Self {
            stack,
            api,
            consumer,
            restaurant,
        }
    }

    async fn order(&self) -> String {
        self.api.order(&self.consumer, &self.restaurant).await
    }

    async fn quiet(&self) {
        self.stack.quiet(PATIENCE).await.unwrap();
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        self.api.post(path, body).await
    }

    async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.api.get(path).await;
        assert_eq!(status, 200, "GET {path}: {answer}");
        answer
    }

    /// Repeats a GET until the run has left these states, and returns it.
    async fn until_not(&self, path: &str, states: &[&str]) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let run = self.api.get_patiently(path).await;
            if !states.iter().any(|state| run["state"] == *state) {
                return run;
            }
            assert!(Instant::now() < deadline, "it takes too long: {run:#}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn rebuilt(&self) -> Value {
        let started = self.post(&format!("{VIEW}/rebuilds"), &json!({})).await;
        self.until_not(&format!("{VIEW}/rebuilds/{}", started["id"]), &["BUILDING"])
            .await
    }

    async fn swept(&self, body: &Value) -> Value {
        let started = self.post(&format!("{VIEW}/sweeps"), body).await;
        self.until_not(&format!("{VIEW}/sweeps/{}", started["id"]), &["RUNNING"])
            .await
    }

    /// Writes the next commit of the order's stream directly: one event whose data cannot be read.
    async fn poison(&self, order: &str) -> u64 {
        let stream = format!("order#{order}");
        let client = self.stack.dynamodb();
        let query = client.query().table_name("orders-events");
        let query = query.key_condition_expression("pk = :pk");
        let query = query.expression_attribute_values(":pk", AttributeValue::S(stream));
        let last = query.scan_index_forward(false).limit(1).send().await.unwrap();
        let mut item = last.items.unwrap().remove(0);
        let number = |item: &std::collections::HashMap<String, AttributeValue>, name: &str| -> u64 {
            item[name].as_n().unwrap().parse().unwrap()
        };
        let version = number(&item, "sk") + number(&item, "n");
        item.insert("sk".to_owned(), AttributeValue::N(version.to_string()));
        item.insert("n".to_owned(), AttributeValue::N("1".to_owned()));
        let before = item["i"].as_s().unwrap()[12..].to_owned();
        item.insert("p".to_owned(), AttributeValue::S(before));
        item.insert(
            "i".to_owned(),
            AttributeValue::S(commit::CommitId::random().to_string()),
        );
        item.insert(
            "e".to_owned(),
            serde_dynamo::to_attribute_value(json!([{ "t": "OrderCancelled", "v": 1, "d": 7 }])).unwrap(),
        );
        let put = client.put_item().table_name("orders-events");
        put.set_item(Some(item)).send().await.unwrap();
        version
    }

    async fn quarantined(&self) -> Vec<Value> {
        let page = self.get(&format!("{VIEW}/quarantine")).await;
        page["quarantined"].as_array().unwrap().clone()
    }

    async fn versions(&self, order: &str) -> Value {
        self.get(&format!("/orders/{order}")).await["versions"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c6_a_poison_event_blocks_only_its_own_document() {
    let desk = Desk::open(None).await;
    let (bad, good) = (desk.order().await, desk.order().await);
    desk.quiet().await;
    let version = desk.poison(&bad).await;
    desk.swept(&json!({})).await;

    let quarantined = desk.quarantined().await;
    assert_eq!(quarantined.len(), 1, "{quarantined:?}");
    assert_eq!(
        (&quarantined[0]["document"], &quarantined[0]["version"]),
        (&json!(bad), &json!(version))
    );
    // Its other sources, the other order, and new orders are still updated.
    let ticket = format!("/tickets/{bad}/accept");
    desk.post(&ticket, &json!({ "readyBy": "2040-01-01T18:30:00Z" }))
        .await;
    desk.post(&format!("/orders/{good}/cancel"), &json!({})).await;
    let new = desk.order().await;
    desk.quiet().await;
    assert_eq!(desk.versions(&bad).await["ticket"], 3);
    assert_eq!(desk.api.status(&good).await, "CANCELLED");
    assert_eq!(desk.api.status(&new).await, "APPROVED");
    assert!(desk.stack.dead_letter_counts().values().all(|count| *count == 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn c6_a_quarantined_document_resumes_after_a_redrive_or_a_skip() {
    let desk = Desk::open(None).await;
    let order = desk.order().await;
    desk.quiet().await;
    let version = desk.poison(&order).await;
    desk.swept(&json!({})).await;

    // Nothing was fixed, so it is quarantined again.
    let redrive = desk
        .post(&format!("{VIEW}/quarantine/redrive"), &json!({ "all": true }))
        .await;
    assert_eq!(redrive["redriven"], 1);
    desk.quiet().await;
    assert_eq!(desk.quarantined().await.len(), 1);

    let skip =
        json!({ "stream": format!("order#{order}"), "version": version, "reason": "written by a test" });
    desk.post(&format!("{VIEW}/quarantine/skip"), &skip).await;
    desk.quiet().await;
    assert_eq!(desk.quarantined().await, Vec::<Value>::new());
    assert_eq!(desk.versions(&order).await["order"], version);
    let page = desk.get(&format!("{VIEW}/quarantine")).await;
    assert_eq!(page["skipped"][0]["reason"], "written by a test");
    // The event is also skipped when the view is rebuilt.
    assert_eq!(desk.rebuilt().await["state"], "READY");
}

#[tokio::test(flavor = "multi_thread")]
async fn c7_a_crash_is_repaired_without_intervention() {
    let data = tempfile::tempdir().unwrap();
    let desk = Desk::open(Some(data.path())).await;
    let before = desk.order().await;
    desk.quiet().await;
    // Between commit and relay: this order reaches no subscriber. Then the process ends in the middle of its work.
    desk.stack.lose_records(true);
    let lost = desk.order().await;
    let consumer = desk.consumer.clone();
    drop(desk);

    let stack = loop {
        match Stack::start(system::belvedere(), options(Some(data.path()))).await {
            Ok(stack) => break stack,
            // The folder is released a moment after the last task has ended.
            Err(embedded::stack::StartError::DataInUse { .. }) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    };
    let api = Api::new(stack.url());
    stack.quiet(PATIENCE).await.unwrap();
    let mut listed = api.listed(&consumer).await;
    listed.sort();
    let mut expected = [(before, "APPROVED".to_owned()), (lost, "APPROVED".to_owned())];
    expected.sort();
    assert_eq!(listed, expected);
    // The same holds between the view's write and the acknowledgement: nothing was counted twice.
    let (status, spent) = api.get(&format!("/consumers/{consumer}/summary")).await;
    assert_eq!(
        (status, &spent["orders"]),
        (200, &json!({ "APPROVED": 2 })),
        "{spent}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn c8_an_event_that_no_longer_decodes_fails_rebuilds_and_is_quarantined() {
    let desk = Desk::open(None).await;
    let order = desk.order().await;
    desk.quiet().await;
    let version = desk.poison(&order).await;

    // A rebuild fails and names the event; the serving generation is unchanged.
    let rebuild = desk.rebuilt().await;
    assert_eq!(rebuild["state"], "FAILED");
    let failure = rebuild["failure"].as_str().unwrap();
    assert!(
        failure.contains(&format!("order#{order} version {version}")) && failure.contains("cannot be read"),
        "{failure}"
    );
    assert_eq!(desk.api.status(&order).await, "APPROVED");
    // The pipeline quarantines it.
    desk.swept(&json!({ "deep": true })).await;
    let quarantined = desk.quarantined().await;
    let reason = quarantined[0]["reason"].as_str().unwrap();
    assert!(reason.contains("cannot be read"), "{reason}");
    let overview = desk.get("/operations/views").await;
    let view = overview["views"]
        .as_array()
        .unwrap()
        .iter()
        .find(|view| view["name"] == "order-history");
    assert_eq!(view.unwrap()["quarantined"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn c9_a_rebuild_under_live_load_loses_nothing_and_flips_in_one_step() {
    let desk = Desk::open(None).await;
    let mut orders = Vec::new();
    for _ in 0..20 {
        orders.push(desk.order().await);
    }
    let started = desk.post(&format!("{VIEW}/rebuilds"), &json!({})).await;
    let path = format!("{VIEW}/rebuilds/{}", started["id"]);
    // Orders are placed before, during and after the scan, and read all the time.
    let mut state = started["state"].clone();
    while state == "BUILDING" {
        let order = desk.order().await;
        desk.get(&format!("/orders/{order}")).await;
        orders.push(order);
        state = desk.api.get_patiently(&path).await["state"].clone();
    }
    assert_eq!(state, "READY");
    for (step, expected) in [
        ("flip", "SERVING"),
        ("rollback", "ROLLED_BACK"),
        ("flip", "SERVING"),
    ] {
        assert_eq!(
            desk.post(&format!("{path}/{step}"), &json!({})).await["state"],
            expected
        );
        let order = desk.order().await;
        desk.get(&format!("/orders/{order}")).await;
        orders.push(order);
    }
    desk.quiet().await;
    for order in &orders {
        assert_eq!(desk.api.status(order).await, "APPROVED");
    }
    let sweep = desk.swept(&json!({ "deep": true })).await;
    let found = |name: &str| sweep["counts"][name].as_u64().unwrap();
    assert_eq!(
        (found("behind"), found("differences"), found("documents")),
        (0, 0, orders.len() as u64)
    );
    assert_eq!(
        desk.post(&format!("{path}/retire"), &json!({})).await["state"],
        "SERVING"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn c9_a_rebuild_continues_after_the_process_has_died() {
    let data = tempfile::tempdir().unwrap();
    let desk = Desk::open(Some(data.path())).await;
    let order = desk.order().await;
    desk.quiet().await;
    let started = desk.post(&format!("{VIEW}/rebuilds"), &json!({})).await;
    let path = format!("{VIEW}/rebuilds/{}", started["id"]);
    desk.stack.stop().await;

    let stack = Stack::start(system::belvedere(), options(Some(data.path())))
        .await
        .unwrap();
    let desk = Desk {
        api: Api::new(stack.url()),
        stack,
        ..desk
    };
    assert_eq!(desk.until_not(&path, &["BUILDING"]).await["state"], "READY");
    desk.post(&format!("{path}/flip"), &json!({})).await;
    assert_eq!(desk.api.status(&order).await, "APPROVED");
}
