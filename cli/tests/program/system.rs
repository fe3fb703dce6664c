//! Tests against the embedded stack.

use crate::program::belvedere;
use embedded::{Stack, StackOptions};
use serde_json::{Value, json};
use std::time::Duration;

/// How long a test waits until nothing is in progress; only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(120);

/// Starts a stack whose fence is little longer than its margin.
async fn stack() -> Stack {
    let options = StackOptions {
        function_timeout: Duration::from_secs(1),
        ..StackOptions::default()
    };
    Stack::start(system::belvedere(), options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_printed_as_plain_table_or_json() {
    let stack = stack().await;
    let run = belvedere(stack.url(), &["views"]).await.exits(0);
    assert_eq!(run.row("couriers")[..4], ["couriers", "VIEW", "1", "yes"]);
    assert_eq!(run.row("orders-reactor")[1], "REACTOR");
    assert!(!run.out.contains('\u{1b}'), "{run:#?}");
    let run = belvedere(stack.url(), &["views", "--json"]).await.exits(0);
    assert_eq!(run.json()["views"].as_array().unwrap().len(), 11);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn view_is_rebuilt_flipped_rolled_back_and_retired() {
    let stack = stack().await;
    let run = belvedere(
        stack.url(),
        &["rebuild", "couriers", "--segments", "2", "--compare", "--flip"],
    )
    .await;
    let run = run.exits(0);
    assert!(
        run.out.starts_with("rebuild 2 of couriers is SERVING"),
        "{run:#?}"
    );
    assert!(
        run.err.contains("FENCE") && !run.err.contains('\u{1b}'),
        "{run:#?}"
    );
    for (step, state) in [
        ("rollback", "ROLLED_BACK"),
        ("flip", "SERVING"),
        ("retire", "SERVING"),
    ] {
        let run = belvedere(stack.url(), &[step, "couriers", "--json"])
            .await
            .exits(0);
        assert_eq!(
            (run.json()["id"].as_u64(), run.json()["state"].as_str()),
            (Some(2), Some(state))
        );
    }
    let run = belvedere(stack.url(), &["rebuilds", "couriers"]).await.exits(0);
    assert_eq!(run.row("2")[..2], ["2", "SERVING"]);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuild_started_without_waiting_can_be_aborted() {
    let stack = stack().await;
    let run = belvedere(stack.url(), &["rebuild", "couriers", "--no-wait"])
        .await
        .exits(0);
    assert!(
        run.out.starts_with("rebuild 2 of couriers is BUILDING"),
        "{run:#?}"
    );
    let another = belvedere(stack.url(), &["rebuild", "couriers"]).await.exits(1);
    assert!(
        another.err.contains("REBUILD_UNDER_WAY") && another.err.contains("belvedere abort"),
        "{another:#?}"
    );
    let run = belvedere(stack.url(), &["abort", "couriers"]).await.exits(0);
    assert!(run.out.contains("ABORTED"), "{run:#?}");
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sweep_of_all_covers_views_and_reactors() {
    let stack = stack().await;
    let run = belvedere(stack.url(), &["sweep", "--all", "--deep"])
        .await
        .exits(0);
    assert_eq!(run.row("order-history")[2], "DONE");
    assert_eq!(run.row("kitchen-reactor")[2], "DONE");
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_give_the_reason_and_the_next_step() {
    let stack = stack().await;
    for (arguments, reason, next) in [
        (
            &["rebuild", "orders-reactor"] as &[&str],
            "REACTOR_NOT_REBUILT",
            "side effects",
        ),
        (
            &["flip", "couriers"],
            "no rebuild to flip",
            "belvedere rebuild couriers",
        ),
        (
            &["rollback", "couriers"],
            "nothing to rollback",
            "before the serving one",
        ),
        (
            &["flip", "couriers", "9"],
            "UNKNOWN_REBUILD",
            "belvedere rebuilds",
        ),
        (&["rebuilds", "nobody"], "UNKNOWN_VIEW", "belvedere views"),
        (
            &["redrive", "couriers", "cou_1"],
            "NOT_QUARANTINED",
            "belvedere quarantine",
        ),
        (
            &["skip", "couriers", "courier#cou_1", "2", "--reason", "r"],
            "NOT_QUARANTINED_THERE",
            "belvedere quarantine",
        ),
        (
            &["sweep", "orders-reactor", "--deep"],
            "REACTOR_NOT_SWEPT_DEEP",
            "deep",
        ),
    ] {
        let run = belvedere(stack.url(), arguments).await.exits(1);
        assert!(
            run.err.contains(reason) && run.err.contains(next),
            "{arguments:?}: {run:#?}"
        );
        assert_eq!(run.out, "", "{arguments:?}");
    }
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_system_has_empty_quarantine() {
    let stack = stack().await;
    let run = belvedere(stack.url(), &["quarantine", "couriers"]).await.exits(0);
    assert_eq!(run.out, "No document is quarantined.\n");
    let run = belvedere(stack.url(), &["redrive", "couriers", "--all", "--json"])
        .await
        .exits(0);
    assert_eq!(run.json()["redriven"], 0);
    stack.stop().await;
}

/// Creates a courier and returns the path of its document.
async fn courier(stack: &Stack) -> String {
    let request = reqwest::Client::new().post(format!("{}/couriers", stack.url()));
    let reply = request.json(&json!({ "name": "Mia Wong" })).send().await.unwrap();
    let reply: Value = reply.error_for_status().unwrap().json().await.unwrap();
    format!(
        "{}/couriers/{}",
        stack.url(),
        reply["courierId"].as_str().unwrap()
    )
}

async fn status(url: &str) -> u16 {
    reqwest::get(url).await.unwrap().status().as_u16()
}

/// Returns the number of couriers who are listed. A list has what its view has; a read of one document would fold its events.
async fn listed(stack: &Stack) -> usize {
    let reply = reqwest::get(format!("{}/couriers", stack.url())).await.unwrap();
    let list: Value = reply.error_for_status().unwrap().json().await.unwrap();
    list["couriers"].as_array().unwrap().len()
}

/// The checks of docs/runbook.md, "A dependency fails", after the worst outcome: records of the streams expired before a relay
/// read them, so that no queue and no failure queue knows of them.
#[tokio::test(flavor = "multi_thread")]
async fn deployment_checks_after_an_outage_find_and_deliver_what_was_lost() {
    let stack = stack().await;
    stack.quiet(PATIENCE).await.unwrap();
    stack.lose_records(true);
    courier(&stack).await;
    stack.quiet(PATIENCE).await.unwrap();
    stack.lose_records(false);
    assert_eq!(
        listed(&stack).await,
        0,
        "the courier reached the view although its record was lost"
    );

    belvedere(stack.url(), &["sweep", "--all"]).await.exits(0);
    stack.quiet(PATIENCE).await.unwrap();
    assert_eq!(listed(&stack).await, 1);
    let views = belvedere(stack.url(), &["views", "--json"]).await.exits(0).json();
    for view in views["views"].as_array().unwrap() {
        let name = view["name"].as_str().unwrap();
        let quarantine = belvedere(stack.url(), &["quarantine", name]).await.exits(0);
        assert_eq!(quarantine.out, "No document is quarantined.\n", "{name}");
    }
    belvedere(stack.url(), &["sweep", "--all", "--deep"])
        .await
        .exits(0);
    stack.stop().await;
}

/// The steps of docs/runbook.md, "A staged deployment", for a view whose stored form has changed: the new code serves the old
/// generation, builds another one beside it, and goes back in one step.
#[tokio::test(flavor = "multi_thread")]
async fn deployment_changed_view_is_built_beside_the_serving_one_and_can_go_back() {
    let stack = stack().await;
    let courier = courier(&stack).await;
    stack.quiet(PATIENCE).await.unwrap();
    let run = belvedere(stack.url(), &["rebuild", "couriers", "--compare"])
        .await
        .exits(0);
    assert!(run.out.starts_with("rebuild 2 of couriers is READY"), "{run:#?}");
    assert_eq!(status(&courier).await, 200);
    for step in ["flip", "rollback", "flip"] {
        belvedere(stack.url(), &[step, "couriers"]).await.exits(0);
        assert_eq!(status(&courier).await, 200, "after {step}");
    }
    belvedere(stack.url(), &["retire", "couriers"]).await.exits(0);
    assert_eq!(status(&courier).await, 200);
    stack.stop().await;
}
