//! The restores of docs/runbook.md, on the local program: tables are put back by some commands, and everybody agrees again.
//!
//! Stopping the program is step 1 and 3 (nothing appends, and nothing is remembered), a copy of the items stands for the
//! restored table, and the sweep at the start of the program is step 6.

use crate::api::{Api, PATIENCE};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use embedded::{Stack, StackOptions};
use local_dynamodb::LocalDynamo;
use projection::operations::{RebuildOptions, State};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::{Duration, Instant};

type Item = HashMap<String, AttributeValue>;
type Copies = BTreeMap<String, Vec<Item>>;

async fn start(data: &Path) -> (Stack, Api) {
    let options = StackOptions {
        data: Some(data.to_owned()),
        // So that a fence takes three seconds.
        function_timeout: Duration::from_secs(1),
        ..StackOptions::default()
    };
    let stack = Stack::start(system::belvedere(), options).await.unwrap();
    let api = Api::new(stack.url());
    (stack, api)
}

async fn items(client: &Client, table: &str) -> Vec<Item> {
    let mut pages = client
        .scan()
        .table_name(table)
        .consistent_read(true)
        .into_paginator()
        .send();
    let mut items = Vec::new();
    while let Some(page) = pages.next().await {
        items.extend(page.unwrap().items.unwrap_or_default());
    }
    items
}

async fn copies(client: &Client, tables: &[String]) -> Copies {
    let mut copies = Copies::new();
    for table in tables {
        copies.insert(table.clone(), items(client, table).await);
    }
    copies
}

/// Makes a table equal to a copy, and writes only what differs. Returns the number of writes.
async fn put_back(client: &Client, table: &str, copy: &[Item]) -> usize {
    let key = |item: &Item| (item["pk"].clone(), item["sk"].clone());
    let now = items(client, table).await;
    let mut writes = 0;
    for item in now
        .iter()
        .filter(|item| !copy.iter().any(|then| key(then) == key(item)))
    {
        let (pk, sk) = key(item);
        let delete = client.delete_item().table_name(table).key("pk", pk).key("sk", sk);
        delete.send().await.unwrap();
        writes += 1;
    }
    for item in copy.iter().filter(|item| !now.contains(item)) {
        let put = client.put_item().table_name(table).set_item(Some(item.clone()));
        put.send().await.unwrap();
        writes += 1;
    }
    writes
}

/// Puts tables back in the folder of a program that is stopped.
async fn put_all_back(data: &Path, copies: &Copies) {
    let dynamo = LocalDynamo::at(&data.join("dynamodb.sqlite")).await.unwrap();
    for (table, copy) in copies {
        assert!(
            put_back(&dynamo.client(), table, copy).await > 0,
            "{table} is as it was"
        );
    }
    dynamo.shutdown().await;
}

/// Places orders one after another until the test ends it, and returns those that were accepted.
async fn load(api: &Api, consumer: &str, restaurant: &str, orders: usize) -> Vec<String> {
    let mut placed = Vec::new();
    for _ in 0..orders {
        placed.push(api.order(consumer, restaurant).await);
    }
    placed
}

/// Compares every document of every view with its events, by deep sweeps, and returns the number of differences.
async fn differences(stack: &Stack, views: &[&str]) -> u64 {
    let mut differences = 0;
    for view in views {
        let control = stack.control(view).unwrap();
        let sweep = control.start_sweep(true, None).await.unwrap();
        let deadline = Instant::now() + PATIENCE;
        let done = loop {
            let sweep = control.sweep(sweep.number).await.unwrap().unwrap();
            if sweep.state != State::Running {
                break sweep;
            }
            assert!(Instant::now() < deadline, "{view}: {sweep:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        differences += done.counts.differences;
    }
    differences
}

async fn rebuild(stack: &Stack, view: &str) {
    let control = stack.control(view).unwrap();
    let generation = control
        .start_rebuild(&RebuildOptions::default())
        .await
        .unwrap()
        .generation;
    let deadline = Instant::now() + PATIENCE;
    while control.rebuild(generation).await.unwrap().unwrap().state != State::Ready {
        assert!(Instant::now() < deadline, "{view} is not rebuilt");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    control.flip(generation).await.unwrap();
}

fn views() -> Vec<&'static str> {
    system::belvedere().views().map(|view| view.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn f2_event_tables_are_put_back_and_views_reactors_and_commands_agree() {
    let data = tempfile::tempdir().unwrap();
    let (stack, api) = start(data.path()).await;
    let (consumer, restaurant) = (api.consumer().await, api.restaurant().await);
    let kept = load(&api, &consumer, &restaurant, 3).await;
    stack.quiet(PATIENCE).await.unwrap();
    let system = system::belvedere();
    let events = system.event_tables().map(|table| table.name.clone());
    let tables: Vec<String> = events
        .chain(system.reactors().map(|reactor| reactor.name.to_owned()))
        .collect();
    let changes_after = [
        "orders-events",
        "kitchen-events",
        "accounting-events",
        "delivery-events",
    ];
    let mut copies = copies(&stack.dynamodb(), &tables).await;
    copies.retain(|table, _| changes_after.contains(&table.as_str()) || !table.ends_with("-events"));
    // What follows is lost: an order is cancelled, and others are placed.
    let cancelled = api
        .post(&format!("/orders/{}/cancel", kept[0]), &serde_json::json!({}))
        .await;
    assert!(cancelled.is_object(), "{cancelled}");
    let lost = load(&api, &consumer, &restaurant, 2).await;
    stack.quiet(PATIENCE).await.unwrap();
    stack.stop().await;

    put_all_back(data.path(), &copies).await;
    let (stack, api) = start(data.path()).await;
    // Commands go on while documents are made anew.
    let new = load(&api, &consumer, &restaurant, 2).await;
    stack.quiet(PATIENCE).await.unwrap();
    for order in kept.iter().chain(&new) {
        assert_eq!(api.status(order).await, "APPROVED", "{order}");
    }
    for view in views() {
        rebuild(&stack, view).await;
    }
    for order in &lost {
        assert_eq!(api.get(&format!("/orders/{order}")).await.0, 404);
    }
    let listed: Vec<String> = api
        .listed(&consumer)
        .await
        .into_iter()
        .map(|(order, _)| order)
        .collect();
    assert_eq!(listed.len(), kept.len() + new.len(), "{listed:?}");
    assert_eq!(differences(&stack, &views()).await, 0);
    assert!(stack.dead_letter_counts().values().all(|count| *count == 0));
    // A command on a stream that was shortened.
    api.post(&format!("/orders/{}/cancel", kept[0]), &serde_json::json!({}))
        .await;
    stack.quiet(PATIENCE).await.unwrap();
    assert_eq!(api.status(&kept[0]).await, "CANCELLED");
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f2_table_of_a_view_is_put_back_and_the_view_agrees_with_its_events() {
    let data = tempfile::tempdir().unwrap();
    let (stack, api) = start(data.path()).await;
    let (consumer, restaurant) = (api.consumer().await, api.restaurant().await);
    load(&api, &consumer, &restaurant, 2).await;
    stack.quiet(PATIENCE).await.unwrap();
    let copies = copies(&stack.dynamodb(), &["order-history".to_owned()]).await;
    load(&api, &consumer, &restaurant, 2).await;
    stack.quiet(PATIENCE).await.unwrap();
    stack.stop().await;

    put_all_back(data.path(), &copies).await;
    let (stack, api) = start(data.path()).await;
    load(&api, &consumer, &restaurant, 1).await;
    stack.quiet(PATIENCE).await.unwrap();
    assert_eq!(api.listed(&consumer).await.len(), 5);
    assert_eq!(differences(&stack, &["order-history"]).await, 0);
    stack.stop().await;
}

#[test]
fn f2_runbook_stops_commands_for_as_long_as_functions_keep_a_state() {
    let runbook = include_str!("../../../../docs/runbook.md");
    let age = event_store::Options::default().cache_age.as_secs();
    assert!(runbook.contains(&format!("-lt {age} ]; do sleep 1; done")));
}
