use crate::tests::desk::{Desk, available, courier, joined};
use serde_json::json;

const SWEEPS: &str = "/operations/views/couriers/sweeps";

#[tokio::test]
async fn sweep_heals_and_counts_undelivered_events() {
    let desk = Desk::with_couriers(3).await;
    desk.lose(&[available(1, 3), joined(7)]).await;
    let started = desk.post(SWEEPS, &json!({})).await.expect(202);
    assert_eq!(started.header("location"), "/operations/views/couriers/sweeps/1");
    assert_eq!(started.body["state"], "RUNNING");
    desk.work().await;
    let done = desk.get(started.header("location")).await.expect(200);
    assert_eq!(done.body["state"], "DONE");
    assert_eq!(
        (&done.body["counts"]["streams"], &done.body["counts"]["behind"]),
        (&json!(4), &json!(2))
    );
    assert_eq!(done.header("cache-control"), "private, no-cache");
}

#[tokio::test]
async fn deep_sweep_compares_every_document() {
    let desk = Desk::with_couriers(3).await;
    let started = desk.post(SWEEPS, &json!({ "deep": true })).await.expect(202);
    desk.work().await;
    let done = desk.get(started.header("location")).await.expect(200);
    let counts = &done.body["counts"];
    assert_eq!(
        (&counts["compared"], &counts["differences"]),
        (&json!(3), &json!(0))
    );
}

#[tokio::test]
async fn differing_document_is_shown_with_both_versions() {
    let desk = Desk::with_couriers(2).await;
    desk.damage(1).await;
    let started = desk.post(SWEEPS, &json!({ "deep": true })).await.expect(202);
    desk.work().await;
    let done = desk.get(started.header("location")).await.expect(200).body;
    assert_eq!(done["counts"]["differences"], 1);
    let difference = &done["differences"][0];
    assert_eq!(difference["document"], courier(1));
    assert_ne!(difference["stored"], difference["expected"]);
}

#[tokio::test]
async fn second_sweep_is_refused_while_one_is_running() {
    let desk = Desk::new().await;
    desk.post(SWEEPS, &json!({})).await.expect(202);
    let another = desk.post(SWEEPS, &json!({})).await;
    assert_eq!(another.problem(), (409, "SWEEP_UNDER_WAY"));
    assert_eq!(another.body["currentStatus"], "RUNNING");
}

#[tokio::test]
async fn repeated_key_returns_the_same_sweep_after_it_is_done() {
    let desk = Desk::new().await;
    desk.post_once(SWEEPS, "k-1", &json!({})).await.expect(202);
    desk.work().await;
    let again = desk.post_once(SWEEPS, "k-1", &json!({})).await.expect(202);
    assert_eq!(
        (&again.body["id"], &again.body["state"]),
        (&json!(1), &json!("DONE"))
    );
}

#[tokio::test]
async fn repeated_key_with_another_body_is_refused() {
    let desk = Desk::new().await;
    desk.post_once(SWEEPS, "k-1", &json!({})).await.expect(202);
    let again = desk.post_once(SWEEPS, "k-1", &json!({ "deep": true })).await;
    assert_eq!(again.problem(), (422, "IDEMPOTENCY_KEY_REUSED"));
}

#[tokio::test]
async fn a_reactor_is_swept_but_not_deep() {
    let desk = Desk::new().await;
    let path = "/operations/views/orders-reactor/sweeps";
    let refused = desk.post(path, &json!({ "deep": true })).await;
    assert_eq!(refused.problem(), (409, "REACTOR_NOT_SWEPT_DEEP"));
    desk.post(path, &json!({})).await.expect(202);
}

#[tokio::test]
async fn missing_sweep_is_unknown() {
    let answer = Desk::new().await.get("/operations/views/couriers/sweeps/1").await;
    assert_eq!(answer.problem(), (404, "UNKNOWN_SWEEP"));
}
