//! Every line about a commit says which one, and which request it belongs to.

use crate::library::{LoanEvent, Town, commit, lent, whole};
use crate::reactor::{Letter, Reminders};
use commit::Commit;
use projection::testing::{batch, message};
use projection::{Cause, EffectError, Effects, Options, Reactor, ReactorRunner};
use serde_json::{Value, json};
use telemetry::{Lines, capture_lines};

/// The first event of a loan, asked for by a request.
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
async fn who_looks_closely_sees_every_commit_that_is_applied() {
    let town = Town::new().await;
    let lines = capture_lines("projection=debug");
    town.deliver(&[asked_for(lent("ann"))]).await;
    let line = only(&lines, "applied");
    assert_names_the_commit(&line);
    assert_eq!(line["subscriber"], "library");
}

#[tokio::test]
async fn whoever_does_not_look_closely_sees_none() {
    let town = Town::new().await;
    let lines = capture_lines("info");
    town.deliver(&[asked_for(lent("ann"))]).await;
    assert_eq!(lines.saying("applied"), Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_quarantined_is_named() {
    let town = Town::new().await;
    let lines = capture_lines("info");
    town.deliver(&[asked_for(LoanEvent::Cursed {})]).await;
    assert_names_the_commit(&only(&lines, "quarantined"));
}

#[tokio::test]
async fn an_event_that_nobody_knows_is_named() {
    let town = Town::new().await;
    let mut unknown = asked_for(lent("ann"));
    unknown.events[0].kind = "LoanForgotten".into();
    let lines = capture_lines("info");
    town.deliver(&[unknown]).await;
    assert_names_the_commit(&only(&lines, "skipped an event of an unknown type"));
}

/// It says so, and fails.
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
async fn what_comes_again_is_named() {
    let lines = capture_lines("info");
    ask(&asked_for(lent("ann"))).await;
    assert_names_the_commit(&only(&lines, "a commit comes again"));
}

#[tokio::test]
async fn what_a_service_logs_while_it_carries_out_an_effect_belongs_to_the_commit_that_caused_it() {
    let lines = capture_lines("info");
    ask(&asked_for(lent("ann"))).await;
    assert_names_the_commit(&only(&lines, "not today")["span"]);
}

#[tokio::test]
async fn a_document_that_cannot_be_written_names_the_commit() {
    let town = Town::new().await;
    let lines = capture_lines("info");
    // Larger than an item may be.
    town.deliver(&[asked_for(lent(&"x".repeat(500_000)))]).await;
    assert_names_the_commit(&only(&lines, "quarantined: the document cannot be written"));
    assert_eq!(town.held().await.len(), 1);
}
