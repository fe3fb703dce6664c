use crate::program::belvedere;

const NOWHERE: &str = "http://127.0.0.1:1";

#[tokio::test]
async fn wrong_usage_exits_with_2_and_sends_nothing() {
    for arguments in [
        &["dance"] as &[&str],
        &["rebuild"],
        &["rebuild", "../views"],
        &["rebuild", "Couriers"],
        &["rebuild", "couriers", "--segments", "0"],
        &["rebuild", "couriers", "--segments", "257"],
        &["rebuild", "couriers", "--no-wait", "--flip"],
        &["rebuild", "couriers", "--no-wait", "--wait"],
        &["flip", "couriers", "0"],
        &["sweep"],
        &["sweep", "couriers", "--all"],
        &["redrive", "couriers"],
        &["redrive", "couriers", "cou_1", "--all"],
        &["skip", "couriers", "courier#cou_1", "2"],
        &["skip", "couriers", "courier#cou_1", "0", "--reason", "r"],
    ] {
        let run = belvedere(NOWHERE, arguments).await.exits(2);
        assert!(
            run.err.contains("Usage:") || run.err.contains("--help"),
            "{run:#?}"
        );
    }
}

#[tokio::test]
async fn help_has_examples_and_exit_codes() {
    let run = belvedere(NOWHERE, &["--help"]).await.exits(0);
    for part in [
        "Examples:",
        "belvedere rebuild order-history --flip",
        "Exit codes:",
        "BELVEDERE_URL",
    ] {
        assert!(run.out.contains(part), "no {part}: {run:#?}");
    }
}

#[tokio::test]
async fn unreachable_api_is_reported_with_next_step() {
    let run = belvedere(NOWHERE, &["views"]).await.exits(1);
    assert!(
        run.err.starts_with("error: no reply from http://127.0.0.1:1"),
        "{run:#?}"
    );
    assert!(run.err.contains("--url"), "{run:#?}");
}
