//! Every log line about a commit contains the commit and the ids of its request.

use crate::library::{LoanEvent, Town, commit, lent, whole};
use crate::reactor::{Letter, Reminders};
use commit::Commit;
use projection::testing::{batch, message};
use projection::{Cause, EffectError, Effects, Options, Reactor, ReactorRunner};
use serde_json::{Value, json};
use telemetry::{Lines, capture_lines};

/// Creates the first event of a loan, caused by a request.
fn asked_for(event: LoanEvent) -> Commit {
    let mut commit = commit("loan#b", 1, &[event]);
    commit.metadata.correlation_id = Some("shop-7".into());
    commit.metadata.traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into());
    commit
}

#[track_caller]
fn assert_names_the_commit(line: &Value) {
    let told = ["stream", "version", "correlationId", "traceId"].map(|name| line[name].clone());
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    assert_eq!(
        told,
        [json!("loan#b"), json!(1), json!("shop-7"), json!(trace)],
        "{line}"
    );
}

#[track_caller]
fn only(lines: &Lines, message: &str) -> Value {
    match &lines.saying(message)[..] {
        [line] => line.clone(),
        lines => panic!("{} lines say {message:?}", lines.len()),
    }
}

#[tokio::test]
async fn every_applied_commit_is_logged_at_debug_level() {
    let town = Town::new().await;
    let lines = capture_lines("projection=debug");
    town.deliver(&[asked_for(lent("ann"))]).await;
    let line = only(&lines, "applied");
    assert_names_the_commit(&line);
    assert_eq!(line["subscriber"], "library");
}

#[tokio::test]
async fn applied_commits_are_not_logged_at_info_level() {
    let town = Town::new().await;
    let lines = capture_lines("info");
    town.deliver(&[asked_for(lent("ann"))]).await;
    assert_eq!(lines.saying("applied"), Vec::<Value>::new());
}

#[tokio::test]
async fn quarantine_line_names_the_commit() {
    let town = Town::new().await;
    let lines = capture_lines("info");
    town.deliver(&[asked_for(LoanEvent::Cursed {})]).await;
    assert_names_the_commit(&only(&lines, "quarantined"));
}

#[tokio::test]
async fn line_of_an_unknown_event_names_the_commit() {
    let town = Town::new().await;
    let mut unknown = asked_for(lent("ann"));
    unknown.events[0].kind = "LoanForgotten".into();
    let lines = capture_lines("info");
    town.deliver(&[unknown]).await;
    assert_names_the_commit(&only(
        &lines,
        "newer code wrote an event; its source waits for newer code here",
    ));
}

/// Effects that log a line and fail.
struct Grumpy;

impl Effects<Letter> for Grumpy {
    async fn run(&self, _: Letter, _: &Cause) -> Result<(), EffectError> {
        tracing::warn!("not today");
        Err(EffectError::Retry("not today".into()))
    }
}

async fn ask(commit: &Commit) {
    let town = Town::new().await;
    let options = Options {
        effect_tries: 1,
        ..Options::default()
    };
    let (client, sources) = (town.dynamo.client(), town.bench.sources(Reminders::SOURCES));
    let runner = ReactorRunner::<Reminders, _>::new(client, &town.bench.view_table, sources, Grumpy, options);
    runner
        .handle_batch(batch(vec![message("m", 1, vec![whole(commit)])]))
        .await;
}

#[tokio::test]
async fn line_of_a_failed_commit_names_the_commit() {
    let lines = capture_lines("info");
    ask(&asked_for(lent("ann"))).await;
    assert_names_the_commit(&only(&lines, "a commit is delivered again"));
}

#[tokio::test]
async fn lines_logged_during_an_effect_name_the_causing_commit() {
    let lines = capture_lines("info");
    ask(&asked_for(lent("ann"))).await;
    assert_names_the_commit(&only(&lines, "not today")["span"]);
}

#[tokio::test]
async fn line_of_an_unwritable_document_names_the_commit() {
    let town = Town::new().await;
    let lines = capture_lines("info");
    // The document is larger than the limit of an item.
    town.deliver(&[asked_for(lent(&"x".repeat(500_000)))]).await;
    assert_names_the_commit(&only(&lines, "quarantined: the document cannot be written"));
    assert_eq!(town.held().await.len(), 1);
}
