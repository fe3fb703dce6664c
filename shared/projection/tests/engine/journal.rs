//! Tests of journal rows: written once with the event that adds them, whatever happens during delivery, and never
//! changed.

use crate::diary::{Diary, FixedDiary};
use crate::library::{LoanEvent, Town, bought, commit, lent, returned, stream, whole};
use aws_sdk_dynamodb::Client;
use commit::Commit;
use local_dynamodb::{Fault, Faults};
use projection::testing::{assert_commutes, batch, message};
use projection::{ApplyError, Published, ReadYourWrites, Row, Uses, View};
use serde_json::json;

async fn entries(town: &Town, member: &str) -> Vec<String> {
    let rows = town.rows(&format!("member-{member}")).await;
    rows.into_keys().collect()
}

/// Returns the version of the stored document `b`, without reading the event tables.
async fn version(town: &Town) -> Option<u64> {
    let items = town.bench.contents().await.unwrap().into_iter();
    let mut documents =
        items.filter(|item| item["pk"].as_s().unwrap() == "g1#b" && item["sk"].as_s().unwrap() == "-");
    let versions = documents.next()?.remove("v")?;
    versions.as_m().unwrap()["loan"].as_n().unwrap().parse().ok()
}

fn written(pages: usize) -> LoanEvent {
    LoanEvent::Written { pages }
}

#[tokio::test]
async fn every_event_adds_rows_from_the_document_at_its_version() {
    let town = Town::new().await;
    let loans = stream("loan#b", &[lent("ann"), returned(3), lent("ann")]);
    let report = town.note(&loans).await;
    assert_eq!((report.applied, report.written), (3, 1));
    let rows = town.rows("member-ann").await;
    assert_eq!(rows["0001-b"], json!({ "lent": "b", "loans": 1 }));
    assert_eq!(rows["0002-b"], json!({ "days": 3 }));
    assert_eq!(rows["0003-b"], json!({ "lent": "b", "loans": 2 }));
    assert_eq!(rows.len(), 3);
}

#[tokio::test]
async fn journal_rows_remain_when_the_document_changes() {
    let town = Town::new().await;
    for commit in stream("loan#b", &[lent("ann"), lent("bob"), lent("cid")]) {
        town.note(&[commit]).await;
    }
    assert_eq!(entries(&town, "ann").await, ["0001-b"]);
    assert_eq!(entries(&town, "bob").await, ["0002-b"]);
}

#[tokio::test]
async fn document_does_not_grow_with_its_journal() {
    let town = Town::new().await;
    let mut sizes = Vec::new();
    for commit in stream("loan#b", &[lent("ann"), returned(1), returned(1), returned(1)]) {
        town.note(&[commit]).await;
        let items = town.bench.contents().await.unwrap();
        let document = items.into_iter().find(|item| item["sk"].as_s().unwrap() == "-");
        sizes.push(document.unwrap().len());
    }
    assert_eq!(sizes, [sizes[0]; 4], "no ledger beside the document");
}

#[tokio::test]
async fn duplicates_and_redeliveries_change_nothing() {
    let town = Town::new().await;
    let loans = stream("loan#b", &[lent("ann"), returned(3), lent("bob")]);
    town.note(&loans[..2]).await;
    town.note(&loans).await;
    let before = town.bench.contents().await.unwrap();
    let report = town.note(&loans).await;
    assert_eq!((report.written, report.duplicates), (0, 3));
    assert_eq!(town.bench.contents().await.unwrap(), before);
    assert_eq!(entries(&town, "ann").await, ["0001-b", "0002-b"]);
}

#[tokio::test]
async fn a_gap_is_healed_with_its_rows() {
    let town = Town::new().await;
    let loans = stream("loan#b", &[lent("ann"), returned(3), lent("bob")]);
    town.commit(&loans).await;
    town.deliver_to::<Diary>(&loans[2..]).await;
    assert_eq!(entries(&town, "ann").await, ["0001-b", "0002-b"]);
    assert_eq!(entries(&town, "bob").await, ["0003-b"]);
}

#[tokio::test]
async fn more_rows_than_a_transaction_takes_are_written_in_parts() {
    let town = Town::new().await;
    let report = town.note(&stream("loan#b", &[written(250), lent("ann")])).await;
    assert_eq!((report.quarantined, report.written), (0, 1));
    assert_eq!(town.rows("pages-b").await.len(), 250);
    assert_eq!(version(&town).await, Some(2));
}

#[tokio::test]
async fn a_crash_between_the_parts_is_repaired_by_the_next_delivery() {
    let town = Town::new().await;
    let faults = Faults::default();
    let config = town.dynamo.config().http_client(faults.transport());
    let projector = town.projector_with::<Diary>(Client::from_conf(config.build()));
    let loans = stream("loan#b", &[written(250)]);
    town.commit(&loans).await;
    // The first part takes effect, but all its replies are lost.
    faults.next("TransactWriteItems", Fault::CutReply);
    for _ in 0..3 {
        faults.next("TransactWriteItems", Fault::CutRequest);
    }
    let event = batch(vec![message("m", 1, vec![whole(&loans[0])])]);
    let (response, _) = projector.handle_batch(event.clone()).await;
    assert_eq!(response.batch_item_failures.len(), 1);
    assert_eq!(town.rows("pages-b").await.len(), 99, "a part, and no more");
    assert_eq!(version(&town).await, None);
    let read = town.diary().get("b", &ReadYourWrites::default()).await.unwrap();
    assert_eq!(read.unwrap().versions["loan"], 1, "a read folds the events");

    let (response, _) = projector.handle_batch(event).await;
    assert_eq!(response.batch_item_failures, []);
    assert_eq!(town.rows("pages-b").await.len(), 250);
    assert_eq!(version(&town).await, Some(1));
}

#[tokio::test]
async fn two_projectors_of_one_document_write_the_same_rows() {
    let town = Town::new().await;
    let (one, two) = (town.projector::<Diary>(), town.projector::<Diary>());
    let loans = stream("loan#b", &[lent("ann"), returned(1), lent("ann"), returned(2)]);
    town.commit(&loans).await;
    for commit in &loans {
        let event = batch(vec![message("m", 1, vec![whole(commit)])]);
        let (first, second) = tokio::join!(one.handle_batch(event.clone()), two.handle_batch(event));
        assert_eq!(first.0.batch_item_failures, []);
        assert_eq!(second.0.batch_item_failures, []);
    }
    let rows = town.rows("member-ann").await;
    assert_eq!(rows.len(), 4);
    assert_eq!(rows["0003-b"], json!({ "lent": "b", "loans": 2 }));
}

#[tokio::test]
async fn redriven_commits_add_their_rows() {
    let town = Town::new().await;
    let cursed = LoanEvent::Cursed {};
    let loans = [
        commit("loan#b", 1, &[lent("ann")]),
        commit("loan#b", 2, &[returned(3), cursed]),
        commit("loan#b", 4, &[lent("bob")]),
    ];
    town.note(&loans).await;
    assert_eq!(
        entries(&town, "ann").await,
        ["0001-b"],
        "a commit is applied whole"
    );
    town.redrive::<FixedDiary>("b").await;
    assert_eq!(entries(&town, "ann").await, ["0001-b", "0002-b"]);
    assert_eq!(entries(&town, "bob").await, ["0004-b"]);
}

#[tokio::test]
async fn invalid_row_quarantines_only_its_document() {
    let town = Town::new().await;
    let burnt = stream("loan#b", &[lent("ann"), LoanEvent::Burnt {}]);
    let report = town
        .note(&[burnt, stream("loan#c", &[lent("ann")])].concat())
        .await;
    assert_eq!((report.quarantined, report.applied), (1, 2));
    assert_eq!(entries(&town, "ann").await, ["0001-b", "0001-c"]);
}

#[tokio::test]
async fn row_in_the_place_of_another_quarantines_the_document() {
    let town = Town::new().await;
    let report = town.note(&stream("loan#b", &[written(1), written(1)])).await;
    assert_eq!((report.quarantined, report.applied), (1, 1));
    assert_eq!(town.rows("pages-b").await["0000"], json!({ "version": 1 }));
}

/// A journal row in the place of a derived row.
struct Clash;

impl View for Clash {
    type Document = bool;
    const NAME: &'static str = "clash";
    const SOURCES: &'static [&'static str] = &["loan"];
    const USES: Uses = Uses::NOTHING.rows().journal();

    fn apply(there: &mut bool, _: &Published<'_>) -> Result<(), ApplyError> {
        *there = true;
        Ok(())
    }

    fn rows(_: &bool) -> Vec<Row> {
        vec![Row {
            partition: "place".into(),
            sort: "taken".into(),
            data: json!({}),
        }]
    }

    fn journal(there: &bool, _: &Published<'_>) -> Vec<Row> {
        Self::rows(there)
    }
}

#[tokio::test]
async fn row_in_the_place_of_a_derived_row_quarantines_the_document() {
    let town = Town::new().await;
    let report = town.deliver_to::<Clash>(&stream("loan#b", &[lent("ann")])).await;
    assert_eq!((report.quarantined, report.applied), (1, 0));
    let held = town.held().await;
    assert!(
        held[0]
            .error
            .contains("a row and a journal row have the same place"),
        "{}",
        held[0].error
    );
}

/// A journal that depends on the order of the sources.
struct Gossip;

impl View for Gossip {
    type Document = u64;
    const NAME: &'static str = "gossip";
    const SOURCES: &'static [&'static str] = &["book", "loan"];
    const USES: Uses = Uses::NOTHING.journal();

    fn apply(events: &mut u64, _: &Published<'_>) -> Result<(), ApplyError> {
        *events += 1;
        Ok(())
    }

    fn journal(events: &u64, event: &Published<'_>) -> Vec<Row> {
        vec![Row {
            partition: event.category().to_owned(),
            sort: format!("{:04}", event.version),
            data: json!({ "events": events }),
        }]
    }
}

#[test]
#[should_panic = "does not commute"]
fn journal_that_depends_on_the_interleaving_is_detected() {
    let book: Vec<Commit> = stream("book#b", &[bought("Emma", "a")]);
    assert_commutes::<Gossip>(&[book, stream("loan#b", &[lent("ann")])].concat());
}

#[test]
fn journal_of_a_history_is_computed_without_a_table() {
    let rows = projection::testing::journal::<Diary>(&stream("loan#b", &[lent("ann"), written(2)]));
    let places: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row.partition.as_str(), row.sort.as_str()))
        .collect();
    let expected = [("member-ann", "0001-b"), ("pages-b", "0000"), ("pages-b", "0001")];
    assert_eq!(places, expected);
}
