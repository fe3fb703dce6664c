//! Tests of many writers at one counter: batches combined, counters spread, overlapping transactions cancelled (F6).

use crate::library::{Book, Library, LoanEvent, Town, bought, commit, lent, returned, stream, whole};
use crate::tallies::{at_least, moved, shelves};
use aws_sdk_dynamodb::Client;
use commit::Commit;
use futures::future::join_all;
use local_dynamodb::{Fault, Faults};
use projection::testing::{batch, message};
use projection::{
    ApplyError, BatchReport, Index, Options, Projector, Published, Row, Tally, Uses, View, ViewReader,
};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// The library with its counters spread over four shards.
struct Spread;

impl View for Spread {
    type Document = Book;
    const NAME: &'static str = Library::NAME;
    const SOURCES: &'static [&'static str] = Library::SOURCES;
    const USES: Uses = Library::USES;
    const FILTERS: &'static [&'static str] = Library::FILTERS;

    fn apply(book: &mut Book, event: &Published<'_>) -> Result<(), ApplyError> {
        Library::apply(book, event)
    }

    fn index(book: &Book) -> Option<Index> {
        Library::index(book)
    }

    fn rows(book: &Book) -> Vec<Row> {
        Library::rows(book)
    }

    fn tallies(book: &Book) -> Vec<Tally> {
        Library::tallies(book)
    }

    fn tally_shards(_: &str) -> u32 {
        4
    }
}

/// Returns this many books on shelf `a`, the first with this number.
fn books(first: usize, count: usize) -> Vec<Commit> {
    let numbers = first..first + count;
    numbers
        .map(|n| commit(&format!("book#b{n}"), 1, &[bought(&format!("t{n}"), "a")]))
        .collect()
}

fn faulty(town: &Town, faults: &Faults) -> Client {
    Client::from_conf(town.dynamo.config().http_client(faults.transport()).build())
}

/// Delivers commits in one batch, and returns whether all were taken.
async fn delivered<V: View>(projector: &Projector<V>, commits: &[Commit]) -> (bool, BatchReport) {
    let event = batch(vec![message("m", 1, commits.iter().map(whole).collect())]);
    let (response, report) = projector.handle_batch(event).await;
    (response.batch_item_failures.is_empty(), report)
}

/// Returns books, loans and days of a shelf, with a token for these streams.
async fn counted<V: View>(town: &Town, shelf: &str, token: &[(&str, u64)]) -> (i64, i64, i64) {
    let sources = town.bench.sources(V::SOURCES);
    let reader = ViewReader::<V>::new(town.dynamo.client(), &town.bench.view_table, sources);
    let tallied = reader.tallies(&shelves(&[shelf]), &at_least(token)).await;
    let tallied = tallied.unwrap().remove(0);
    (
        tallied.amount("books"),
        tallied.amount("loans"),
        tallied.amount("days"),
    )
}

/// Lets 320 documents be counted at once by 20 instances, the most that a subscriber has, while overlapping transactions
/// cancel one another.
async fn crowd<V: View>() {
    let town = Town::new().await;
    let faults = Faults::default();
    faults.cancel_overlapping_transactions(Duration::from_millis(2));
    let client = faulty(&town, &faults);
    let instances = (0..20).map(|instance| {
        let projector = town.projector_with::<V>(client.clone());
        async move { delivered(&projector, &books(instance * 16, 16)).await.0 }
    });
    let taken = join_all(instances).await;
    assert_eq!(taken, [true; 20], "nothing is delivered again");
    assert_eq!(counted::<V>(&town, "a", &[]).await, (320, 0, 0));
    assert!(faults.cancelled() > 0, "transactions overlapped");
}

#[tokio::test]
async fn f6_320_writers_at_one_counter_are_all_counted() {
    crowd::<Library>().await;
}

#[tokio::test]
async fn f6_320_writers_at_a_spread_counter_are_all_counted() {
    crowd::<Spread>().await;
}

#[tokio::test]
async fn f6_documents_of_a_batch_at_one_counter_are_one_transaction() {
    let town = Town::new().await;
    let faults = Faults::default();
    let projector = town.projector_with::<Library>(faulty(&town, &faults));
    let (taken, report) = delivered(&projector, &books(0, 30)).await;
    assert!(taken);
    assert_eq!(faults.requests("TransactWriteItems").len(), 1);
    assert_eq!((report.written, report.conflicts), (30, 0));
    assert_eq!(counted::<Library>(&town, "a", &[]).await, (30, 0, 0));
}

#[tokio::test]
async fn f6_batch_of_more_items_than_a_transaction_takes_is_counted() {
    let town = Town::new().await;
    let faults = Faults::default();
    let options = Options {
        concurrency: 500,
        ..Options::default()
    };
    let (client, sources) = (faulty(&town, &faults), town.bench.sources(Library::SOURCES));
    let projector = Projector::<Library>::new(client, &town.bench.view_table, sources, options);
    assert!(delivered(&projector, &books(0, 250)).await.0);
    assert_eq!(faults.requests("TransactWriteItems").len(), 3);
    assert_eq!(counted::<Library>(&town, "a", &[]).await, (250, 0, 0));
}

#[tokio::test]
async fn f6_documents_at_different_counters_are_different_transactions() {
    let town = Town::new().await;
    let faults = Faults::default();
    let projector = town.projector_with::<Library>(faulty(&town, &faults));
    let mut commits = books(0, 3);
    commits.extend(stream("book#z", &[bought("Emma", "z")]));
    assert!(delivered(&projector, &commits).await.0);
    assert_eq!(faults.requests("TransactWriteItems").len(), 2);
    assert_eq!(counted::<Library>(&town, "z", &[]).await, (1, 0, 0));
}

#[tokio::test]
async fn f6_document_that_another_writer_changed_does_not_hold_back_the_others() {
    let town = Town::new().await;
    let faults = Faults::default();
    let projector = town.projector_with::<Library>(faulty(&town, &faults));
    let codes = ["ConditionalCheckFailed", "None", "None", "None"].map(|code| json!({ "Code": code }));
    let refusal = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "CancellationReasons": codes,
    });
    faults.next("TransactWriteItems", Fault::Refuse(refusal.to_string()));
    let (taken, report) = delivered(&projector, &books(0, 3)).await;
    assert!(taken);
    assert_eq!((report.written, report.conflicts), (3, 1));
    assert_eq!(counted::<Library>(&town, "a", &[]).await, (3, 0, 0));
}

#[tokio::test]
async fn f6_document_that_cannot_be_stored_holds_back_itself_alone() {
    let town = Town::new().await;
    let projector = town.projector::<Library>();
    assert!(delivered(&projector, &books(0, 3)).await.0);
    let mut loans = vec![commit("loan#b0", 1, &[LoanEvent::Written { pages: 500_000 }])];
    for book in ["b0", "b1", "b2"] {
        let first = if book == "b0" { 2 } else { 1 };
        loans.push(commit(
            &format!("loan#{book}"),
            first,
            &[lent("ann"), returned(2)],
        ));
    }
    let (taken, report) = delivered(&projector, &loans).await;
    assert!(taken);
    assert_eq!(report.quarantined, 1);
    assert_eq!(counted::<Library>(&town, "a", &[]).await, (3, 2, 4));
}

#[tokio::test]
async fn f6_conflicts_are_tried_again_until_the_deadline() {
    let town = Town::new().await;
    let conflict = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "CancellationReasons": [{ "Code": "None" }, { "Code": "TransactionConflict" }],
    });
    for (conflicts, taken) in [(Duration::ZERO, false), (Duration::from_secs(60), true)] {
        let faults = Faults::default();
        for _ in 0..12 {
            faults.next("TransactWriteItems", Fault::Refuse(conflict.to_string()));
        }
        let options = Options {
            conflicts,
            ..Options::default()
        };
        let (client, sources) = (faulty(&town, &faults), town.bench.sources(Library::SOURCES));
        let projector = Projector::<Library>::new(client, &town.bench.view_table, sources, options);
        let (all, report) = delivered(&projector, &books(0, 1)).await;
        assert_eq!((all, report.quarantined), (taken, 0));
        assert_eq!(town.stored("b0").await.is_some(), taken);
    }
    assert_eq!(counted::<Library>(&town, "a", &[]).await, (1, 0, 0));
}

/// Returns the sort and partition keys of the stored counters.
async fn stored(town: &Town) -> BTreeSet<(String, String)> {
    let items = town.bench.contents().await.unwrap().into_iter();
    let places = items.map(|item| {
        let text = |name: &str| item[name].as_s().unwrap().clone();
        (text("sk"), text("pk"))
    });
    places.filter(|(sk, _)| sk.starts_with("tally")).collect()
}

#[tokio::test]
async fn f6_spread_counter_is_read_as_one() {
    let town = Town::new().await;
    let commits = books(0, 20);
    town.commit(&commits).await;
    town.deliver_to::<Spread>(&commits).await;
    let shards = [
        ("tally", "g1#shelf-a"),
        ("tally#", "g1#shelf-a#1"),
        ("tally#", "g1#shelf-a#2"),
        ("tally#", "g1#shelf-a#3"),
    ];
    let shards = shards.map(|(sk, pk)| (sk.to_owned(), pk.to_owned()));
    assert_eq!(stored(&town).await, shards.into());
    assert_eq!(counted::<Spread>(&town, "a", &[]).await, (20, 0, 0));
    assert_eq!(counted::<Spread>(&town, "a", &[("book#b3", 1)]).await, (20, 0, 0));
}

#[tokio::test]
async fn f6_spread_counter_is_exact_with_a_token() {
    let town = Town::new().await;
    town.commit(&books(0, 20)).await;
    town.deliver_to::<Spread>(&books(0, 10)).await;
    let loan = stream("loan#b3", &[lent("ann"), returned(3)]);
    town.commit(&loan).await;
    assert_eq!(counted::<Spread>(&town, "a", &[]).await, (10, 0, 0));
    let token: Vec<String> = (0..20).map(|n| format!("book#b{n}")).collect();
    let mut token: Vec<(&str, u64)> = token.iter().map(|stream| (stream.as_str(), 1)).collect();
    token.push(("loan#b3", 2));
    assert_eq!(counted::<Spread>(&town, "a", &token).await, (20, 1, 3));
}

#[tokio::test]
async fn f6_counter_from_before_it_was_spread_is_still_added_up() {
    let town = Town::new().await;
    town.publish(&books(0, 10)).await;
    assert_eq!(counted::<Spread>(&town, "a", &[]).await, (10, 0, 0));
    let moves: Vec<Commit> = (0..10)
        .map(|n| commit(&format!("book#b{n}"), 2, &[moved("z")]))
        .collect();
    town.commit(&moves).await;
    let token: Vec<String> = (0..10).map(|n| format!("book#b{n}")).collect();
    let token: Vec<(&str, u64)> = token.iter().map(|stream| (stream.as_str(), 2)).collect();
    for token in [&token[..], &[]] {
        if token.is_empty() {
            town.deliver_to::<Spread>(&moves).await;
        }
        assert_eq!(counted::<Spread>(&town, "a", token).await, (0, 0, 0));
        assert_eq!(counted::<Spread>(&town, "z", token).await, (10, 0, 0));
    }
}
