//! Tests of the stack as a library, on which other tests build.

use crate::api::{Api, PATIENCE};
use embedded::{Stack, StackOptions};
use std::time::Duration;

async fn started() -> (Stack, Api) {
    let stack = Stack::start(system::belvedere(), StackOptions::default())
        .await
        .unwrap();
    let api = Api::new(stack.url());
    (stack, api)
}

#[tokio::test(flavor = "multi_thread")]
async fn stack_is_healthy_after_start() {
    let (stack, api) = started().await;
    assert_eq!(api.get("/health").await.0, 200);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn order_is_approved_when_the_stack_is_quiet() {
    let (stack, api) = started().await;
    let (consumer, restaurant) = (api.consumer().await, api.restaurant().await);
    let order = api.order(&consumer, &restaurant).await;
    stack.quiet(PATIENCE).await.unwrap();
    assert_eq!(api.listed(&consumer).await, [(order, "APPROVED".to_owned())]);
    assert!(stack.dead_letter_counts().values().all(|count| *count == 0));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_during_a_pause_of_the_relay_are_delivered_after_it() {
    let (stack, api) = started().await;
    let (consumer, restaurant) = (api.consumer().await, api.restaurant().await);
    stack.quiet(PATIENCE).await.unwrap();
    stack.pause_relay();
    let order = api.order(&consumer, &restaurant).await;
    assert!(stack.quiet(Duration::from_millis(100)).await.is_err());
    assert_eq!(api.status(&order).await, "APPROVAL_PENDING");
    stack.resume_relay();
    stack.quiet(PATIENCE).await.unwrap();
    assert_eq!(api.status(&order).await, "APPROVED");
    stack.stop().await;
}

/// C7: a crash between commit and relay.
#[tokio::test(flavor = "multi_thread")]
async fn sweep_delivers_commits_that_never_reached_the_relay() {
    let (stack, api) = started().await;
    let (consumer, restaurant) = (api.consumer().await, api.restaurant().await);
    stack.quiet(PATIENCE).await.unwrap();
    stack.lose_records(true);
    let order = api.order(&consumer, &restaurant).await;
    stack.quiet(PATIENCE).await.unwrap();
    assert_eq!(
        api.listed(&consumer).await,
        [],
        "the order reached the history although its record was lost"
    );
    stack.lose_records(false);
    assert!(stack.sweep().await.unwrap() > 0);
    stack.quiet(PATIENCE).await.unwrap();
    assert_eq!(api.listed(&consumer).await, [(order, "APPROVED".to_owned())]);
    assert_eq!(stack.sweep().await.unwrap(), 0, "everything is repaired");
    stack.stop().await;
}

/// C7: the same crash, and a restart on the same data.
#[tokio::test(flavor = "multi_thread")]
async fn restart_delivers_commits_that_never_reached_the_relay() {
    let data = tempfile::tempdir().unwrap();
    let options = || StackOptions {
        data: Some(data.path().to_owned()),
        ..StackOptions::default()
    };
    let stack = Stack::start(system::belvedere(), options()).await.unwrap();
    let api = Api::new(stack.url());
    let (consumer, restaurant) = (api.consumer().await, api.restaurant().await);
    stack.lose_records(true);
    let order = api.order(&consumer, &restaurant).await;
    stack.stop().await;

    let stack = Stack::start(system::belvedere(), options()).await.unwrap();
    let api = Api::new(stack.url());
    stack.quiet(PATIENCE).await.unwrap();
    assert_eq!(api.listed(&consumer).await, [(order, "APPROVED".to_owned())]);
    stack.stop().await;
}
