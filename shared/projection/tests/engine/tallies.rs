//! Tests of reads of tallies: exact with a token, however much of a document has been counted.

use crate::library::{BookEvent, Library, Town, bought, commit, lent, returned, stream};
use aws_sdk_dynamodb::Client;
use commit::Commit;
use local_dynamodb::{Fault, Faults};
use projection::{ReadError, ReadYourWrites, Tallied, ViewReader};
use serde_json::json;
use std::time::Duration;

fn anything() -> ReadYourWrites {
    ReadYourWrites::default()
}

pub(crate) fn at_least(positions: &[(&str, u64)]) -> ReadYourWrites {
    let positions = positions.iter();
    ReadYourWrites {
        positions: positions
            .map(|(stream, version)| (stream.parse().unwrap(), *version))
            .collect(),
        wait: None,
    }
}

pub(crate) fn shelves(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("shelf-{name}")).collect()
}

/// Returns books, loans and days of each shelf.
async fn counted(
    reader: &ViewReader<Library>,
    names: &[&str],
    read: &ReadYourWrites,
) -> Vec<(i64, i64, i64)> {
    let tallied = reader.tallies(&shelves(names), read).await.unwrap();
    tallied
        .iter()
        .map(|shelf| (shelf.amount("books"), shelf.amount("loans"), shelf.amount("days")))
        .collect()
}

pub(crate) fn moved(shelf: &str) -> BookEvent {
    BookEvent::Moved { shelf: shelf.into() }
}

/// Returns a town with two books on shelf `a`, of which `b` was lent for 3 days; all of it is projected.
async fn town() -> Town {
    let town = Town::new().await;
    town.publish(&stream("book#b", &[bought("Emma", "a")])).await;
    town.publish(&stream("book#c", &[bought("Ulysses", "a")])).await;
    town.publish(&stream("loan#b", &[lent("ann"), returned(3)])).await;
    town
}

#[tokio::test]
async fn counters_are_returned_in_the_order_of_the_keys() {
    let town = town().await;
    let tallied = town
        .reader()
        .tallies(&shelves(&["z", "a", "a"]), &anything())
        .await;
    let amounts = [("books", 2), ("days", 3), ("loans", 1)];
    let a = Tallied {
        key: "shelf-a".into(),
        amounts: amounts.map(|(name, amount)| (name.to_owned(), amount)).into(),
    };
    let z = Tallied {
        key: "shelf-z".into(),
        ..Tallied::default()
    };
    assert_eq!(tallied.unwrap(), [z, a.clone(), a]);
}

#[tokio::test]
async fn counters_that_went_back_to_zero_are_left_out() {
    let town = town().await;
    for id in ["b", "c"] {
        town.publish(&[commit(&format!("book#{id}"), 2, &[moved("z")])])
            .await;
    }
    let tallied = town
        .reader()
        .tallies(&shelves(&["a"]), &anything())
        .await
        .unwrap();
    assert_eq!(tallied[0].amounts, [].into());
}

#[tokio::test]
async fn invalid_keys_have_no_counters() {
    let town = town().await;
    let reader = town.reader();
    let long = "x".repeat(3_000);
    for read in [anything(), at_least(&[("book#b", 1)])] {
        assert_eq!(reader.tallies(&[], &read).await.unwrap(), []);
        assert_eq!(counted(&reader, &["", &long], &read).await, [(0, 0, 0); 2]);
    }
}

#[tokio::test]
async fn hundred_counters_take_one_call() {
    let town = town().await;
    let faults = Faults::default();
    let client = Client::from_conf(town.dynamo.config().http_client(faults.transport()).build());
    let reader = town.reader_with(client);
    let names: Vec<String> = (0..150)
        .map(|n| format!("n{n}"))
        .chain(["a".to_owned()])
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    counted(&reader, &names[..100], &anything()).await;
    assert_eq!(faults.requests("BatchGetItem").len(), 1);
    let read = at_least(&[("loan#b", 2)]);
    for (read, operation, calls) in [(&anything(), "BatchGetItem", 3), (&read, "TransactGetItems", 2)] {
        let counted = counted(&reader, &names, read).await;
        assert_eq!((counted.len(), counted[150]), (151, (2, 1, 3)));
        assert_eq!(faults.requests(operation).len(), calls);
    }
}

#[tokio::test]
async fn unprocessed_keys_are_read_again() {
    let town = town().await;
    let faults = Faults::default();
    let client = Client::from_conf(town.dynamo.config().http_client(faults.transport()).build());
    let left = json!({ "town-view": { "Keys": [{ "pk": { "S": "g1#shelf-a" }, "sk": { "S": "tally" } }] } });
    let unprocessed = json!({ "Responses": {}, "UnprocessedKeys": left });
    faults.next("BatchGetItem", Fault::Answer(unprocessed.to_string()));
    let reader = town.reader_with(client);
    assert_eq!(counted(&reader, &["a"], &anything()).await, [(2, 1, 3)]);
    assert_eq!(faults.requests("BatchGetItem").len(), 2);
}

#[tokio::test]
async fn counted_events_are_not_counted_again_with_a_token() {
    let town = town().await;
    let read = at_least(&[("book#b", 1), ("loan#b", 2), ("book#c", 1)]);
    assert_eq!(counted(&town.reader(), &["a"], &read).await, [(2, 1, 3)]);
}

#[tokio::test]
async fn unprojected_events_are_added_with_a_token() {
    let town = town().await;
    town.commit(&[commit("loan#b", 3, &[lent("bob"), returned(4)])])
        .await;
    town.commit(&stream("book#d", &[bought("Ivanhoe", "a")])).await;
    let reader = town.reader();
    assert_eq!(counted(&reader, &["a"], &anything()).await, [(2, 1, 3)]);
    let read = at_least(&[("loan#b", 4), ("book#d", 1)]);
    assert_eq!(counted(&reader, &["a"], &read).await, [(3, 2, 7)]);
    assert_eq!(
        counted(&reader, &["a"], &anything()).await,
        [(2, 1, 3)],
        "nothing is written"
    );
}

#[tokio::test]
async fn unprojected_removal_is_subtracted_with_a_token() {
    let town = town().await;
    town.commit(&[commit("book#b", 2, &[moved("z")])]).await;
    let read = at_least(&[("book#b", 2)]);
    let counted = counted(&town.reader(), &["a", "z"], &read).await;
    assert_eq!(counted, [(1, 0, 0), (1, 1, 3)]);
}

#[tokio::test]
async fn every_unprojected_write_is_counted_with_its_token() {
    let town = Town::new().await;
    town.commit(&stream("book#b", &[bought("Emma", "a")])).await;
    let days: Vec<_> = (1..=30).map(returned).collect();
    let reader = town.reader();
    let mut sum = 0;
    for commit in stream("loan#b", &days) {
        town.commit(std::slice::from_ref(&commit)).await;
        sum += i64::try_from(commit.first).unwrap();
        let read = at_least(&[("loan#b", commit.first)]);
        assert_eq!(counted(&reader, &["a"], &read).await, [(1, 0, sum)]);
    }
}

#[tokio::test]
async fn counters_are_exact_while_they_are_being_projected() {
    let town = Town::new().await;
    let books: Vec<Commit> = (0..20)
        .map(|n| commit(&format!("book#b{n}"), 1, &[bought(&format!("t{n}"), "a")]))
        .collect();
    town.commit(&books).await;
    let names: Vec<String> = books.iter().map(|commit| commit.stream.to_string()).collect();
    let read = at_least(&names.iter().map(|name| (name.as_str(), 1)).collect::<Vec<_>>());
    let reader = town.reader();
    let delivered = async {
        for commit in &books {
            town.deliver(std::slice::from_ref(commit)).await;
        }
    };
    let counting = async {
        for _ in 0..30 {
            assert_eq!(counted(&reader, &["a"], &read).await, [(20, 0, 0)]);
        }
    };
    tokio::join!(delivered, counting);
    assert_eq!(counted(&reader, &["a"], &anything()).await, [(20, 0, 0)]);
}

#[tokio::test]
async fn wait_ends_when_the_document_is_projected() {
    let town = Town::new().await;
    let book = stream("book#b", &[bought("Emma", "a")]);
    town.commit(&book).await;
    let read = ReadYourWrites {
        wait: Some(Duration::from_secs(10)),
        ..at_least(&[("book#b", 1)])
    };
    let reader = town.reader();
    let names = ["a"];
    let (counted, _) = tokio::join!(counted(&reader, &names, &read), town.deliver(&book));
    assert_eq!(counted, [(1, 0, 0)]);
}

fn cancelled(code: &str) -> Fault {
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{code}, None]"),
        "CancellationReasons": [{ "Code": code }, { "Code": "None" }],
    });
    Fault::Refuse(body.to_string())
}

#[tokio::test]
async fn conflicting_snapshot_is_retried_a_limited_number_of_times() {
    let town = town().await;
    let faults = Faults::default();
    let client = Client::from_conf(town.dynamo.config().http_client(faults.transport()).build());
    let (reader, read) = (town.reader_with(client), at_least(&[("loan#b", 2)]));
    faults.next("TransactGetItems", cancelled("TransactionConflict"));
    assert_eq!(counted(&reader, &["a"], &read).await, [(2, 1, 3)]);
    assert_eq!(faults.requests("TransactGetItems").len(), 2);
    for _ in 0..8 {
        faults.next("TransactGetItems", cancelled("TransactionConflict"));
    }
    let error = reader.tallies(&shelves(&["a"]), &read).await.unwrap_err();
    assert!(matches!(error, ReadError::Unavailable(_)), "{error}");
}

#[tokio::test]
async fn token_that_cannot_be_satisfied_is_an_error() {
    let town = town().await;
    let reader = town.reader();
    let foreign = reader
        .tallies(&shelves(&["a"]), &at_least(&[("loan#b", 9)]))
        .await;
    assert!(matches!(
        foreign.unwrap_err(),
        ReadError::ForeignToken { version: 9, .. }
    ));
    let many: Vec<String> = (0..100).map(|n| format!("loan#b{n}")).collect();
    let many: Vec<(&str, u64)> = many.iter().map(|name| (name.as_str(), 1)).collect();
    let many = reader.tallies(&shelves(&["a"]), &at_least(&many)).await;
    assert!(matches!(many.unwrap_err(), ReadError::Unavailable(_)));
}
