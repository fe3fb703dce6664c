use crate::tests::desk::{Desk, courier};
use serde_json::json;

const REBUILDS: &str = "/operations/views/couriers/rebuilds";

#[tokio::test]
async fn accepted_rebuild_returns_its_location() {
    let desk = Desk::new().await;
    let started = desk.post(REBUILDS, &json!({})).await.expect(202);
    assert_eq!(
        started.header("location"),
        "/operations/views/couriers/rebuilds/2"
    );
    let found = desk.get(started.header("location")).await.expect(200);
    assert_eq!(
        (
            &found.body["view"],
            &found.body["id"],
            &found.body["state"],
            &found.body["phase"]
        ),
        (&json!("couriers"), &json!(2), &json!("BUILDING"), &json!("FENCE"))
    );
    assert_eq!(found.header("cache-control"), "private, no-cache");
}

#[tokio::test]
async fn finished_rebuild_is_ready_with_its_counts() {
    let desk = Desk::with_couriers(5).await;
    let ready = desk.ready().await.body;
    assert_eq!(
        (&ready["state"], &ready["commits"], &ready["documents"]),
        (&json!("READY"), &json!(10), &json!(5))
    );
    let expected = json!({ "streams": 5, "documents": 5, "behind": 0, "quarantined": 0, "compared": 0, "differences": 0 });
    assert_eq!(ready["verification"], expected);
}

#[tokio::test]
async fn differing_document_is_shown_with_both_versions() {
    let desk = Desk::with_couriers(2).await;
    desk.damage(1).await;
    let started = desk.post(REBUILDS, &json!({ "compare": true })).await.expect(202);
    desk.work().await;
    let ready = desk.get(started.header("location")).await.expect(200).body;
    assert_eq!(
        (&ready["compare"], &ready["verification"]["differences"]),
        (&json!(true), &json!(1))
    );
    let difference = &ready["differences"][0];
    assert_eq!(difference["document"], courier(1));
    assert_ne!(difference["stored"], difference["expected"]);
}

#[tokio::test]
async fn latest_rebuilds_are_listed_newest_first() {
    let desk = Desk::with_couriers(1).await;
    for id in 2..=23 {
        desk.ready().await;
        desk.step(id, "abort").await.expect(200);
    }
    let list = desk.get(REBUILDS).await.expect(200);
    let ids: Vec<_> = list.body["rebuilds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, (4..=23).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn repeated_key_returns_the_same_rebuild() {
    let desk = Desk::new().await;
    let first = desk.post_once(REBUILDS, "k-1", &json!({})).await.expect(202);
    let again = desk.post_once(REBUILDS, "k-1", &json!({})).await.expect(202);
    assert_eq!(first.header("location"), again.header("location"));
}

#[tokio::test]
async fn repeated_key_with_another_body_is_refused() {
    let desk = Desk::new().await;
    desk.post_once(REBUILDS, "k-1", &json!({})).await.expect(202);
    let again = desk.post_once(REBUILDS, "k-1", &json!({ "compare": true })).await;
    assert_eq!(again.problem(), (422, "IDEMPOTENCY_KEY_REUSED"));
}

#[tokio::test]
async fn second_rebuild_is_refused_while_one_is_open() {
    let desk = Desk::new().await;
    desk.post(REBUILDS, &json!({})).await.expect(202);
    let another = desk.post(REBUILDS, &json!({})).await;
    assert_eq!(another.problem(), (409, "REBUILD_UNDER_WAY"));
    assert_eq!(another.body["currentStatus"], "BUILDING");
}

#[tokio::test]
async fn rebuild_is_refused_before_the_previous_generation_is_retired() {
    let desk = Desk::new().await;
    desk.ready().await;
    desk.step(2, "flip").await.expect(200);
    let another = desk.post(REBUILDS, &json!({})).await;
    assert_eq!(another.problem(), (409, "PREVIOUS_NOT_RETIRED"));
    desk.step(2, "retire").await.expect(200);
    desk.post(REBUILDS, &json!({})).await.expect(202);
}

#[tokio::test]
async fn a_reactor_is_not_rebuilt() {
    let desk = Desk::new().await;
    let refused = desk
        .post("/operations/views/orders-reactor/rebuilds", &json!({}))
        .await;
    assert_eq!(refused.problem(), (409, "REACTOR_NOT_REBUILT"));
}

#[tokio::test]
async fn a_rebuild_flips_rolls_back_flips_again_and_retires() {
    let desk = Desk::with_couriers(1).await;
    desk.ready().await;
    for (step, state) in [
        ("flip", "SERVING"),
        ("rollback", "ROLLED_BACK"),
        ("flip", "SERVING"),
        ("retire", "SERVING"),
    ] {
        // Every request may be repeated.
        for _ in 0..2 {
            assert_eq!(
                desk.step(2, step).await.expect(200).body["state"],
                state,
                "{step}"
            );
        }
    }
}

#[tokio::test]
async fn a4_late_repeat_of_a_flip_does_not_undo_a_rollback() {
    let desk = Desk::with_couriers(1).await;
    desk.ready().await;
    let once = async |step: &str, key: &str| {
        let answer = desk
            .post_once(&format!("{REBUILDS}/2/{step}"), key, &json!({}))
            .await;
        let answer = answer.expect(200);
        let replayed = answer.headers.contains_key("idempotent-replayed");
        (answer.body["state"].as_str().unwrap().to_owned(), replayed)
    };
    let is = |state: &str, replayed: bool| (state.to_owned(), replayed);
    assert_eq!(once("flip", "k-1").await, is("SERVING", false));
    assert_eq!(once("rollback", "k-2").await, is("ROLLED_BACK", false));
    // The repetition returns the first response and has no effect.
    assert_eq!(once("flip", "k-1").await, is("SERVING", true));
    let now = desk.get(&format!("{REBUILDS}/2")).await.expect(200);
    assert_eq!(now.body["state"], "ROLLED_BACK");
    // A request that changed nothing has no effect later either.
    assert_eq!(once("rollback", "k-3").await, is("ROLLED_BACK", false));
    assert_eq!(once("flip", "k-4").await, is("SERVING", false));
    assert_eq!(once("rollback", "k-3").await, is("ROLLED_BACK", true));
    assert_eq!(desk.get(&format!("{REBUILDS}/2")).await.body["state"], "SERVING");
    assert_eq!(once("retire", "k-5").await, is("SERVING", false));
    assert_eq!(once("retire", "k-5").await, is("SERVING", true));
}

#[tokio::test]
async fn a4_late_repeat_of_an_abort_returns_its_response() {
    let desk = Desk::new().await;
    desk.post(REBUILDS, &json!({})).await.expect(202);
    for replayed in [false, true] {
        let path = format!("{REBUILDS}/2/abort");
        let aborted = desk.post_once(&path, "k-1", &json!({})).await.expect(200);
        assert_eq!(aborted.body["state"], "ABORTED");
        assert_eq!(aborted.headers.contains_key("idempotent-replayed"), replayed);
    }
}

#[tokio::test]
async fn rebuild_can_be_aborted_twice() {
    let desk = Desk::new().await;
    desk.post(REBUILDS, &json!({})).await.expect(202);
    for _ in 0..2 {
        assert_eq!(desk.step(2, "abort").await.expect(200).body["state"], "ABORTED");
    }
}

#[tokio::test]
async fn refused_step_returns_the_current_status() {
    let desk = Desk::with_couriers(1).await;
    desk.post(REBUILDS, &json!({})).await.expect(202);
    let refused = async |step, state| {
        let refused = desk.step(2, step).await;
        assert_eq!(refused.problem(), (409, "INVALID_STATE_TRANSITION"), "{step}");
        assert_eq!(refused.body["currentStatus"], state, "{step}");
    };
    for step in ["flip", "rollback", "retire"] {
        refused(step, "BUILDING").await;
    }
    desk.work().await;
    for step in ["rollback", "retire"] {
        refused(step, "READY").await;
    }
    desk.step(2, "flip").await.expect(200);
    refused("abort", "SERVING").await;
    desk.step(2, "retire").await.expect(200);
    refused("rollback", "SERVING").await;
}

#[tokio::test]
async fn missing_rebuild_is_unknown() {
    let desk = Desk::new().await;
    let path = "/operations/views/couriers/rebuilds/9";
    assert_eq!(desk.get(path).await.problem(), (404, "UNKNOWN_REBUILD"));
    for step in ["flip", "rollback", "abort", "retire"] {
        assert_eq!(
            desk.step(9, step).await.problem(),
            (404, "UNKNOWN_REBUILD"),
            "{step}"
        );
    }
}

#[tokio::test]
async fn rebuild_with_an_undecodable_event_fails_with_the_reason() {
    let desk = Desk::with_couriers(1).await;
    desk.lose(&[crate::tests::desk::unreadable(0, 3)]).await;
    let failed = desk.ready().await;
    assert_eq!(failed.body["state"], "FAILED");
    let failure = failed.body["failure"].as_str().unwrap();
    assert!(failure.contains(&courier(0)), "{failure}");
}

#[tokio::test]
async fn refusal_of_the_task_queue_is_a_retryable_problem() {
    let desk = Desk::new().await;
    desk.bell.break_down();
    let answer = desk.post_once(REBUILDS, "k-1", &json!({})).await;
    assert_eq!(answer.problem(), (503, "TEMPORARILY_UNAVAILABLE"));
}
