//! Tests of batches: the FIFO rule, messages that cannot be read, keys, gaps.

use crate::library::{Library, Town, bought, commit, lent, returned, stream, tagged, whole};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsMessage};
use commit::{Commit, Parcel};
use jiff::{SignedDuration, Timestamp};
use projection::testing::{batch, message};
use projection::{BatchHandler, BatchReport};
use serde_json::json;

async fn handle(town: &Town, messages: Vec<SqsMessage>) -> (Vec<String>, BatchReport) {
    let projector = town.projector::<Library>();
    let (response, report) = projector.handle_batch(batch(messages)).await;
    (failed(response), report)
}

fn failed(response: SqsBatchResponse) -> Vec<String> {
    let failures = response.batch_item_failures.into_iter();
    failures.map(|failure| failure.item_identifier).collect()
}

fn of(id: &str, group: &str, commits: &[Commit]) -> SqsMessage {
    let mut message = message(id, 1, commits.iter().map(whole).collect());
    let group_id = message.attributes.get_mut("MessageGroupId");
    group.clone_into(group_id.unwrap());
    message
}

fn unreadable(id: &str, group: &str) -> SqsMessage {
    let mut message = of(id, group, &[commit("book#x", 1, &[tagged("x")])]);
    message.body = Some("not a message".into());
    message
}

#[tokio::test]
async fn an_empty_batch_costs_nothing() {
    let town = Town::new().await;
    let (failed, report) = handle(&town, vec![]).await;
    assert_eq!((failed, report.calls), (vec![], 0));
}

#[tokio::test]
async fn one_document_costs_one_read_and_one_write() {
    let town = Town::new().await;
    let report = town.publish(&stream("loan#b", &[lent("ann"), returned(1)])).await;
    assert_eq!((report.calls, report.written, report.applied), (2, 1, 2));
    assert!(report.read_units > 0.0 && report.write_units > 0.0, "{report:?}");
}

#[tokio::test]
async fn hundred_documents_are_read_in_one_call() {
    let town = Town::new().await;
    let commits: Vec<Commit> = (0..99)
        .map(|n| commit(&format!("loan#b{n}"), 1, &[lent("ann")]))
        .collect();
    let report = town.deliver(&commits).await;
    assert_eq!((report.written, report.calls), (99, 100));
}

#[tokio::test]
async fn a_duplicate_is_dropped_without_a_write() {
    let town = Town::new().await;
    let commits = stream("loan#b", &[lent("ann")]);
    town.publish(&commits).await;
    let report = town.deliver(&commits).await;
    assert_eq!((report.duplicates, report.written, report.calls), (1, 0, 1));
    assert_eq!(town.stored("b").await.unwrap().revision, 1);
}

#[tokio::test]
async fn wrong_order_within_a_batch_is_sorted_without_heal() {
    let town = Town::new().await;
    let mut commits = stream("loan#b", &[lent("ann"), returned(1), lent("bob")]);
    commits.reverse();
    let report = town.deliver(&commits).await;
    assert_eq!((report.applied, report.healed), (3, 0));
}

#[tokio::test]
async fn a_gap_is_healed_from_the_event_table() {
    let town = Town::new().await;
    let commits = stream("loan#b", &[lent("ann"), returned(1), lent("bob"), returned(2)]);
    town.commit(&commits).await;
    let report = town.deliver(&commits[2..3]).await;
    assert_eq!(
        (report.healed, report.applied),
        (1, 4),
        "with all events in the table"
    );
    assert_eq!(town.stored("b").await.unwrap().book.days, 3);
}

#[tokio::test]
async fn commit_sent_as_a_key_is_fetched() {
    let town = Town::new().await;
    let commits = stream("loan#b", &[lent("ann")]);
    town.commit(&commits).await;
    let key = message("m", 1, vec![Parcel::Key(commits[0].key())]);
    let (failed, report) = handle(&town, vec![key]).await;
    assert_eq!((failed, report.applied), (vec![], 1));
}

#[tokio::test]
async fn message_beyond_the_event_table_is_not_acknowledged() {
    let town = Town::new().await;
    let invented = commit("loan#b", 7, &[lent("ann")]);
    let (failed, report) = handle(&town, vec![of("m", "g", &[invented])]).await;
    assert_eq!((failed, report.written), (vec!["m".to_owned()], 0));
}

#[tokio::test]
async fn commit_of_another_category_is_ignored() {
    let town = Town::new().await;
    let foreign = commit("member#b", 1, &[lent("ann")]);
    let (failed, report) = handle(&town, vec![of("m", "g", &[foreign])]).await;
    assert_eq!((failed, report.foreign, report.calls), (vec![], 1, 0));
}

#[tokio::test]
async fn messages_of_a_group_are_redelivered_from_the_first_failure_on() {
    let town = Town::new().await;
    let book = |id: &str| commit(&format!("book#{id}"), 1, &[bought("Emma", "a")]);
    let messages = vec![
        of("1", "red", &[book("a")]),
        unreadable("2", "red"),
        of("3", "blue", &[book("b")]),
        of("4", "red", &[book("c")]),
        of("5", "blue", &[book("d")]),
    ];
    let (failed, report) = handle(&town, messages).await;
    assert_eq!(failed, ["2", "4"]);
    assert_eq!((report.unreadable, report.failed), (1, 2));
}

#[tokio::test]
async fn messages_after_an_unreadable_one_are_applied() {
    let town = Town::new().await;
    let book = commit("book#b", 1, &[bought("Emma", "a")]);
    handle(&town, vec![unreadable("1", "red"), of("2", "red", &[book])]).await;
    assert!(town.stored("b").await.is_some());
}

#[tokio::test]
async fn without_groups_a_message_fails_alone() {
    let town = Town::new().await;
    let messages = [
        unreadable("1", ""),
        of("2", "", &[commit("book#b", 1, &[tagged("x")])]),
    ];
    let messages = messages.map(|mut message| {
        message.attributes.remove("MessageGroupId");
        message
    });
    let (failed, _) = handle(&town, messages.into()).await;
    assert_eq!(failed, ["1"]);
}

#[tokio::test]
async fn a_document_of_another_group_is_not_held_back() {
    let town = Town::new().await;
    let invented = commit("loan#b", 7, &[lent("ann")]);
    let fine = commit("loan#c", 1, &[lent("ann")]);
    let (failed, _) = handle(&town, vec![of("1", "red", &[invented]), of("2", "blue", &[fine])]).await;
    assert_eq!(failed, ["1"]);
    assert!(town.stored("c").await.is_some());
}

#[tokio::test]
async fn projector_is_callable_as_a_batch_handler() {
    let town = Town::new().await;
    let handler: Box<dyn BatchHandler> = Box::new(town.projector::<Library>());
    let response = handler.handle(batch(vec![unreadable("1", "red")])).await;
    assert_eq!(failed(response), ["1"]);
}

#[tokio::test]
async fn batch_report_is_emitted_as_metrics() {
    let town = Town::new().await;
    let captured = telemetry::capture();
    town.deliver(&stream("loan#b", &[lent("ann"), returned(1)])).await;
    let events = captured.named("ProjectionBatch");
    assert_eq!(events[0].dimension_value("Subscriber"), Some("library"));
    assert_eq!(events[0].sum("CommitsApplied"), 2.0);
}

#[tokio::test]
async fn every_applied_commit_adds_its_lag() {
    let town = Town::new().await;
    let mut commits = stream("loan#b", &[lent("ann"), returned(1)]);
    let now = Timestamp::now();
    commits[0].time = now - SignedDuration::from_secs(100);
    commits[1].time = now - SignedDuration::from_secs(10);
    let captured = telemetry::capture();
    town.deliver(&commits).await;
    town.deliver(&commits).await;
    let events = captured.named("ProjectionBatch");
    let lags: Vec<u64> = events[0]
        .values("Lag")
        .iter()
        .map(|ms| *ms as u64 / 10_000)
        .collect();
    assert_eq!(lags, [10, 1]);
    assert!(events[1].values("Lag").is_empty(), "a duplicate has none");
}

#[tokio::test]
async fn commit_from_the_future_has_lag_zero() {
    let town = Town::new().await;
    let mut commits = stream("loan#b", &[lent("ann")]);
    commits[0].time = Timestamp::now() + SignedDuration::from_secs(100);
    assert_eq!(town.deliver(&commits).await.lags_ms, [0]);
}

#[tokio::test]
async fn batch_event_contains_the_correlation_ids_of_applied_commits() {
    let town = Town::new().await;
    let mut commits = stream("loan#b", &[lent("ann"), returned(1)]);
    for commit in &mut commits {
        commit.metadata.correlation_id = Some("shop-7".into());
    }
    let captured = telemetry::capture();
    town.deliver(&commits).await;
    let event = &captured.named("ProjectionBatch")[0];
    assert_eq!(event.property_value("correlationIds"), Some(&json!(["shop-7"])));
}
