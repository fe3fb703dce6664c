//! G11: a sweep finds lost commits that no later event reveals, heals them, and reports documents that are not the fold
//! of their events.

use crate::library::{Library, LoanEvent, Town, bought, commit, lent, stream, tagged};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use local_dynamodb::{Fault, Faults};
use projection::operations::{ControlError, Skip, State, Sweep};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Barrier;

async fn town() -> Town {
    let town = Town::new().await;
    for book in ["a", "b", "c"] {
        let title = format!("Title {book}");
        town.publish(&stream(
            &format!("book#{book}"),
            &[bought(&title, "s"), tagged("red")],
        ))
        .await;
        town.publish(&stream(&format!("loan#{book}"), &[lent("ann")]))
            .await;
    }
    town
}

async fn swept(town: &Town, deep: bool) -> Sweep {
    let desk = town.desk();
    let sweep = desk.control.start_sweep(deep, None).await.unwrap();
    desk.work().await;
    desk.control.sweep(sweep.number).await.unwrap().unwrap()
}

async fn tamper(town: &Town, expression: &str) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let update = town.dynamo.client().update_item();
    let update = update.table_name(&town.bench.view_table);
    let update = update.key("pk", text("g1#b")).key("sk", text("-"));
    let update = update.update_expression(expression);
    update
        .expression_attribute_values(":x", text("tampered"))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn lost_last_event_is_healed_and_counted() {
    for deep in [false, true] {
        let town = town().await;
        town.commit(&[commit("loan#b", 2, &[lent("bob")])]).await;
        let sweep = swept(&town, deep).await;
        assert_eq!((sweep.state, sweep.counts.behind), (State::Done, 1));
        assert_eq!(
            town.stored("b").await.unwrap().book.member.as_deref(),
            Some("bob")
        );
        assert_eq!(swept(&town, deep).await.counts.behind, 0);
    }
}

#[tokio::test]
async fn missing_document_is_created() {
    let town = town().await;
    town.commit(&stream("book#new", &[bought("New", "s")])).await;
    assert_eq!(swept(&town, false).await.counts.behind, 1);
    assert!(town.stored("new").await.is_some());
}

#[tokio::test]
async fn documents_and_streams_are_counted_once() {
    for deep in [false, true] {
        let counts = swept(&town().await, deep).await.counts;
        assert_eq!((counts.documents, counts.streams), (3, 6));
    }
}

#[tokio::test]
async fn document_that_is_not_the_fold_is_reported_with_both_versions() {
    let town = town().await;
    tamper(&town, "SET doc.shelf = :x").await;
    let captured = telemetry::capture();
    let sweep = swept(&town, true).await;
    let pages = captured.named("OperationsPage");
    let found = pages.iter().map(|page| page.sum("Differences"));
    assert_eq!(found.sum::<f64>(), 1.0);
    assert_eq!((sweep.counts.compared, sweep.counts.differences), (3, 1));
    assert_eq!(sweep.differences[0].key, "b");
    assert!(sweep.differences[0].stored.contains("tampered"));
    assert!(sweep.differences[0].expected.contains(r#""shelf":"s""#));
}

#[tokio::test]
async fn wrong_place_in_a_list_is_found_by_a_deep_sweep_only() {
    let town = town().await;
    tamper(&town, "SET g1sk = :x").await;
    assert_eq!(swept(&town, true).await.counts.differences, 1);
    assert_eq!(swept(&town, false).await.counts.differences, 0);
}

#[tokio::test]
async fn f8_document_that_changes_during_a_deep_sweep_does_not_differ() {
    let town = town().await;
    let faults = Faults::default();
    let config = town.dynamo.config().http_client(faults.transport());
    let desk = town.desk_with::<Library>(&Client::from_conf(config.build()));
    let sweep = desk.control.start_sweep(true, None).await.unwrap();
    // The sweep has read the first streams and is about to read their documents.
    let late = Arc::new(Barrier::new(2));
    faults.next("BatchGetItem", Fault::Late(late.clone()));
    let change = async {
        late.wait().await;
        for book in ["a", "b", "c"] {
            town.publish(&[commit(&format!("book#{book}"), 3, &[tagged("new")])])
                .await;
            town.publish(&[commit(&format!("loan#{book}"), 2, &[lent("bob")])])
                .await;
        }
        late.wait().await;
    };
    tokio::join!(desk.work(), change);
    let sweep = desk.control.sweep(sweep.number).await.unwrap().unwrap();
    assert_eq!((sweep.state, sweep.counts.compared), (State::Done, 3));
    assert_eq!(sweep.differences, []);
}

#[tokio::test]
async fn second_sweep_is_refused_while_one_runs() {
    let town = town().await;
    let desk = town.desk();
    desk.control.start_sweep(false, None).await.unwrap();
    let second = desk.control.start_sweep(false, None).await;
    assert!(matches!(second, Err(ControlError::Refused(_))));
    desk.work().await;
    assert!(desk.control.start_sweep(false, None).await.is_ok());
}

#[tokio::test]
async fn f5_sweep_for_lost_records_ends_although_its_tasks_were_lost() {
    let town = town().await;
    town.commit(&[commit("loan#b", 2, &[lent("bob")])]).await;
    let desk = town.desk();
    desk.worker.lost_records(&["loan"]).await.unwrap();
    // The sweep begins.
    assert!(desk.step().await);
    assert!(desk.queue.lose() > 1);
    // The report is delivered again, because its reply was lost as well.
    desk.worker.lost_records(&["loan"]).await.unwrap();
    desk.work().await;
    assert_eq!(
        town.stored("b").await.unwrap().book.member.as_deref(),
        Some("bob")
    );
    let sweep = desk.control.sweep(1).await.unwrap().unwrap();
    assert_eq!((sweep.state, sweep.counts.behind), (State::Done, 1));
}

#[tokio::test]
async fn repeated_key_returns_the_same_sweep() {
    let town = town().await;
    let desk = town.desk();
    let first = desk.control.start_sweep(false, Some("k")).await.unwrap();
    desk.work().await;
    let again = desk.control.start_sweep(false, Some("k")).await.unwrap();
    assert_eq!((again.number, again.state), (first.number, State::Done));
}

#[tokio::test]
async fn old_sweeps_are_deleted() {
    let town = town().await;
    for _ in 0..22 {
        swept(&town, false).await;
    }
    let desk = town.desk();
    assert!(desk.control.sweep(1).await.unwrap().is_none());
    assert!(desk.control.sweep(22).await.unwrap().is_some());
    let items = town.bench.contents().await.unwrap();
    let segments = items
        .iter()
        .filter(|item| item["pk"].as_s().unwrap().starts_with("sweep#"));
    assert_eq!(segments.count(), 20 * 6);
}

#[tokio::test]
async fn overview_has_the_document_count_of_the_last_sweep() {
    let town = town().await;
    assert_eq!(town.desk().control.overview().await.unwrap().documents, None);
    swept(&town, false).await;
    let overview = town.desk().control.overview().await.unwrap();
    assert_eq!(overview.documents.map(|(count, _)| count), Some(3));
}

fn skip(version: u64) -> Skip {
    Skip {
        stream: "loan#b".parse().unwrap(),
        version,
        reason: "written by a test of last year".into(),
        by: None,
    }
}

async fn standing_still() -> Town {
    let town = town().await;
    town.publish(&[
        commit("loan#b", 2, &[lent("bob"), LoanEvent::Cursed {}, lent("cid")]),
        commit("loan#b", 5, &[lent("dan")]),
    ])
    .await;
    town
}

#[tokio::test]
async fn the_quarantine_names_the_event_and_pages() {
    let town = standing_still().await;
    town.publish(&[commit("loan#c", 2, &[LoanEvent::Cursed {}])])
        .await;
    let control = town.desk().control;
    let first = control.quarantine(None, 1).await.unwrap();
    assert_eq!((first.items.len(), first.items[0].version), (1, 3));
    let second = control.quarantine(first.next.as_deref(), 1).await.unwrap();
    assert_eq!(second.items[0].stream.to_string(), "loan#c");
    assert_eq!(second.next, None);
}

#[tokio::test]
async fn quarantine_page_continues_when_dynamodb_returns_fewer_items() {
    let town = standing_still().await;
    town.publish(&[commit("loan#c", 2, &[LoanEvent::Cursed {}])])
        .await;
    let faults = Faults::default();
    let config = town.dynamo.config().http_client(faults.transport());
    let control = town
        .desk_with::<Library>(&Client::from_conf(config.build()))
        .control;
    let mark = json!({
        "pk": { "S": "quarantine#g1" }, "sk": { "S": "loan#b" },
        "version": { "N": "3" }, "error": { "S": "cursed" }, "time": { "N": "0" }, "count": { "N": "1" },
    });
    let ended = json!({ "Items": [mark], "LastEvaluatedKey": { "pk": mark["pk"], "sk": mark["sk"] } });
    faults.next("Query", Fault::Answer(ended.to_string()));
    let page = control.quarantine(None, 100).await.unwrap();
    let held: Vec<String> = page.items.iter().map(|mark| mark.stream.to_string()).collect();
    assert_eq!(
        (held, page.next),
        (vec!["loan#b".to_owned(), "loan#c".to_owned()], None)
    );
    faults.next("Query", Fault::Answer(ended.to_string()));
    assert_eq!(control.overview().await.unwrap().quarantined, 2);
}

#[tokio::test]
async fn a_skipped_event_is_left_out_and_the_rest_of_its_commit_applied() {
    let town = standing_still().await;
    let desk = town.desk();
    desk.control.skip(skip(3)).await.unwrap();
    let report = desk.deliver::<Library>(&town).await;
    assert_eq!((report.redriven, report.quarantined), (1, 0));
    let stored = town.stored("b").await.unwrap();
    assert_eq!(
        (stored.book.member.as_deref(), stored.versions["loan"]),
        (Some("dan"), 5)
    );
    assert_eq!(stored.book.loans, 4);
    assert_eq!(desk.control.overview().await.unwrap().quarantined, 0);
}

#[tokio::test]
async fn skip_keeps_its_reason_and_applies_to_a_rebuild() {
    let town = standing_still().await;
    let desk = town.desk();
    desk.control.skip(skip(3)).await.unwrap();
    desk.deliver::<Library>(&town).await;
    assert_eq!(desk.rebuilt().await.state, State::Ready);
    assert_eq!(town.generation(2).await, town.generation(1).await);
    let skipped = desk.control.skipped().await.unwrap();
    assert_eq!(skipped[0].skip, skip(3));
    assert_eq!(swept(&town, true).await.counts.differences, 0);
}

#[tokio::test]
async fn only_the_quarantined_event_can_be_skipped() {
    let town = standing_still().await;
    let control = town.desk().control;
    for (version, reason) in [
        (2, "is quarantined at version 3"),
        (4, "is quarantined at version 3"),
    ] {
        match control.skip(skip(version)).await {
            Err(ControlError::Refused(text)) => assert!(text.contains(reason), "{text}"),
            other => panic!("{other:?}"),
        }
    }
    assert!(control.skip(skip(3)).await.is_ok());
    assert!(control.skip(skip(3)).await.is_ok());
}

#[tokio::test]
async fn redrive_of_all_reaches_every_quarantined_document() {
    let town = standing_still().await;
    town.publish(&[commit("loan#c", 2, &[LoanEvent::Cursed {}])])
        .await;
    let desk = town.desk();
    assert_eq!(desk.control.redrive(None).await.unwrap(), 2);
    let report = desk.deliver::<crate::library::FixedLibrary>(&town).await;
    assert_eq!((report.redriven, report.quarantined), (2, 0));
    assert_eq!(desk.control.redrive(None).await.unwrap(), 0);
    let unknown = desk.control.redrive(Some("b")).await;
    assert!(matches!(unknown, Err(ControlError::NotFound(_))));
}
