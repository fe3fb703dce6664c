//! Tests that need access to the inside of an embedded stack. Each starts its own.

use crate::reading::orders_missed_by_their_own_readers;
use embedded::{Stack, StackOptions};
use tests::{Api, Consumer, Order, Restaurant, deadline, scaled, skipped_at_a_url};

pub(crate) async fn stack() -> Stack {
    Stack::start(system::belvedere(), StackOptions::default())
        .await
        .expect("the embedded stack starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn d2_a_read_with_a_token_shows_the_command_while_the_relay_is_stopped() {
    if skipped_at_a_url("d2 with the relay stopped", "it stops the relay") {
        return;
    }
    let stack = stack().await;
    stack.pause_relay();
    let api = Api::at(stack.url());
    let times = scaled(1_000);
    assert_eq!(
        orders_missed_by_their_own_readers(&api, times).await,
        0,
        "of {times}"
    );
    stack.stop().await;
}

/// The view is behind an earlier read, which is possible for a moment after a rollback.
#[tokio::test(flavor = "multi_thread")]
async fn d2_a_read_with_the_token_of_an_earlier_read_is_never_older() {
    if skipped_at_a_url("d2 with the relay stopped", "it stops the relay") {
        return;
    }
    let stack = stack().await;
    let api = Api::at(stack.url());
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &ajanta, 5).await;
    let _ = order.eventually_is(&api, "APPROVED").await;
    stack.quiet(deadline()).await.unwrap();
    stack.pause_relay();
    let ready = serde_json::json!({ "readyBy": tests::a_day_from_now() });
    let accepted = api
        .post(&format!("/tickets/{}/accept", order.id), &ready)
        .await
        .expect(200);

    let first = api.get_after(&order.path(), &accepted.token()).await.expect(200);
    let stored = api.get(&order.path()).await.expect(200);
    assert_ne!(stored.json(), first.json(), "the view is behind");
    let second = api.get_after(&order.path(), &first.token()).await.expect(200);
    assert_eq!(second.json(), first.json());
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_resources_can_be_used_at_once_while_the_relay_is_stopped() {
    if skipped_at_a_url("ordering at once, with the relay stopped", "it stops the relay") {
        return;
    }
    let stack = stack().await;
    stack.pause_relay();
    let api = Api::at(stack.url());
    // No event has been delivered: menus, accounts and the history are as empty as on the first day.
    let (consumer, ajanta) = (
        Consumer::with_limit(&api, "100.00").await,
        Restaurant::ajanta(&api).await,
    );
    let order = Order::place(&api, &consumer, &ajanta, 5).await;
    assert_eq!(order.answer.json()["orderTotal"], "61.70");
    // The same holds without a token: a reply of "unknown" follows a read of the event tables.
    assert_eq!(
        api.get(&order.path()).await.expect(200).json()["status"],
        "APPROVAL_PENDING"
    );

    stack.resume_relay();
    let _ = order.eventually_is(&api, "APPROVED").await;
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c7_a_sweep_finds_commits_that_never_reached_the_relay() {
    if skipped_at_a_url("c7 between commit and relay", "it loses stream records") {
        return;
    }
    let stack = stack().await;
    let api = Api::at(stack.url());
    let (consumer, ajanta) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    stack.lose_records(true);
    let order = Order::place(&api, &consumer, &ajanta, 5).await;
    stack.lose_records(false);
    let before = api.get(&consumer.orders("")).await.expect(200).json();
    assert_eq!(
        before["orders"].as_array().map(Vec::len),
        Some(0),
        "no order is listed after the loss: {before}"
    );

    assert!(stack.sweep().await.unwrap() > 0);
    stack.quiet(deadline()).await.unwrap();
    let story = api.get(&order.path()).await.expect(200).json();
    assert_eq!(story["status"], "APPROVED", "{story}");
    let listed = api
        .get(&consumer.orders("status=APPROVED"))
        .await
        .expect(200)
        .json();
    assert_eq!(listed["orders"][0]["orderId"], order.id, "{listed}");
    stack.stop().await;
}
