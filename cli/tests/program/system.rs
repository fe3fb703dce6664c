//! Tests against the embedded stack.

use crate::program::belvedere;
use embedded::{Stack, StackOptions};
use std::time::Duration;

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
