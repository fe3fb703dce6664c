//! One event per command: its cost, its outcome, and the request it belongs to.

use crate::tests::fixture::{Fixture, keyed, once};
use crate::tests::jar::{Command, add};
use commit::Metadata;
use local_dynamodb::Fault;
use telemetry::Metrics;

const EMPTY: Command = Command::Add(vec![]);

/// Returns the events of the commands, in order.
fn commands(captured: &telemetry::Capture) -> Vec<Metrics> {
    captured.named("Command")
}

fn outcome(event: &Metrics) -> &str {
    event.property_value("outcome").unwrap().as_str().unwrap()
}

#[tokio::test]
async fn a_command_is_counted_with_its_units() {
    let fixture = Fixture::new().await;
    fixture.cold().create("a", &add(1), &once()).await.unwrap();
    let captured = telemetry::capture();
    fixture.cold().execute("a", &add(1), &once()).await.unwrap();
    let event = &commands(&captured)[0];
    let numbers = ["ReadUnits", "WriteUnits", "Conflicts", "Calls"].map(|name| event.sum(name));
    assert_eq!(numbers, [1.0, 1.0, 0.0, 2.0]);
    assert_eq!(event.dimension_value("Table"), Some(fixture.table.as_str()));
}

#[tokio::test]
async fn command_event_contains_its_request_and_its_commit() {
    let fixture = Fixture::new().await;
    let mut context = once();
    context.metadata = Metadata {
        correlation_id: Some("shop-7".into()),
        traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into()),
        ..Metadata::default()
    };
    let captured = telemetry::capture();
    fixture.cold().create("a", &add(1), &context).await.unwrap();
    let event = &commands(&captured)[0];
    let told = ["stream", "version", "correlationId", "traceId"];
    let told = told.map(|name| event.property_value(name).unwrap().to_string());
    let trace = "\"4bf92f3577b34da6a3ce929d0e0e4736\"";
    assert_eq!(told, ["\"jar#a\"", "1", "\"shop-7\"", trace]);
}

#[tokio::test]
async fn command_event_contains_its_outcome() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    let captured = telemetry::capture();
    store.create("a", &add(1), &keyed("k", "body")).await.unwrap();
    store.create("a", &add(1), &keyed("k", "body")).await.unwrap();
    store
        .create("a", &add(1), &keyed("k", "another"))
        .await
        .unwrap_err();
    store.execute("a", &EMPTY, &once()).await.unwrap();
    let events = commands(&captured);
    let outcomes: Vec<&str> = events.iter().map(outcome).collect();
    assert_eq!(outcomes, ["committed", "replayed", "key reused", "nothing to do"]);
}

#[tokio::test]
async fn lost_race_counts_as_a_conflict_even_when_the_command_is_committed() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    store.create("a", &add(1), &once()).await.unwrap();
    // Another process appends.
    fixture.cold().execute("a", &add(1), &once()).await.unwrap();
    let captured = telemetry::capture();
    store.execute("a", &add(1), &once()).await.unwrap();
    let event = &commands(&captured)[0];
    assert_eq!((event.sum("Conflicts"), outcome(event)), (1.0, "committed"));
}

#[tokio::test]
async fn a_lost_reply_is_counted() {
    let fixture = Fixture::new().await;
    let (store, faults) = fixture.faulty();
    faults.next("PutItem", Fault::CutReply);
    let captured = telemetry::capture();
    store.create("a", &add(1), &once()).await.unwrap();
    assert_eq!(commands(&captured)[0].sum("LostReplies"), 1.0);
}

#[tokio::test]
async fn failed_command_is_counted() {
    let fixture = Fixture::new().await;
    let (store, faults) = fixture.faulty();
    for _ in 0..4 {
        faults.next("PutItem", Fault::CutReply);
    }
    let captured = telemetry::capture();
    store.create("a", &add(1), &once()).await.unwrap_err();
    assert_eq!(outcome(&commands(&captured)[0]), "failed");
}
