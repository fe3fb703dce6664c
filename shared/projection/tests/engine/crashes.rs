//! C7, and faults that no emulator produces: lost replies, throttling, unprocessed keys, cancelled transactions, races.

use crate::library::{Library, Town, bought, commit, lent, returned, stream, whole};
use aws_sdk_dynamodb::Client;
use commit::Commit;
use local_dynamodb::{Fault, Faults};
use projection::testing::{batch, message};
use projection::{BatchReport, Projector};
use serde_json::json;

/// A town whose projector has a faulty connection to its table.
struct Storm {
    town: Town,
    faults: Faults,
    projector: Projector<Library>,
}

impl Storm {
    async fn new() -> Self {
        let town = Town::new().await;
        let faults = Faults::default();
        let config = town.dynamo.config().http_client(faults.transport());
        let projector = town.projector_with(Client::from_conf(config.build()));
        Self {
            town,
            faults,
            projector,
        }
    }

    /// Delivers commits, one message for each. Returns the number of failed messages and the report.
    async fn deliver(&self, commits: &[Commit]) -> (usize, BatchReport) {
        let messages = commits.iter().enumerate();
        let messages = messages.map(|(n, commit)| message(format!("m{n}"), 1, vec![whole(commit)]));
        let (response, report) = self.projector.handle_batch(batch(messages.collect())).await;
        (response.batch_item_failures.len(), report)
    }

    /// Fails as many requests as the SDK sends, and one more.
    fn fail_for_good(&self, operation: &str, fault: &Fault) {
        for _ in 0..4 {
            self.faults.next(operation, fault.clone());
        }
    }
}

fn cancelled(code: &str) -> Fault {
    let reasons = [json!({ "Code": code }), json!({ "Code": "None" })];
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{code}, None]"),
        "CancellationReasons": reasons,
    });
    Fault::Refuse(body.to_string())
}

fn unprocessed(keys: &[&str]) -> Fault {
    let keys: Vec<_> = keys
        .iter()
        .map(|pk| json!({ "pk": { "S": pk }, "sk": { "S": "-" } }))
        .collect();
    let left = json!({ "town-view": { "Keys": keys, "ConsistentRead": true } });
    Fault::Answer(json!({ "Responses": {}, "UnprocessedKeys": left }).to_string())
}

#[tokio::test]
async fn a_crash_between_write_and_acknowledgement_has_one_effect() {
    let storm = Storm::new().await;
    let commits = stream("loan#b", &[lent("ann"), returned(3)]);
    storm.deliver(&commits).await;
    let (failed, report) = storm.deliver(&commits).await;
    assert_eq!((failed, report.duplicates, report.written), (0, 2, 0));
    assert_eq!(storm.town.stored("b").await.unwrap().book.days, 3);
}

#[tokio::test]
async fn a_write_whose_reply_is_lost_has_one_effect() {
    let storm = Storm::new().await;
    storm.faults.next("PutItem", Fault::CutReply);
    let (failed, _) = storm
        .deliver(&stream("loan#b", &[lent("ann"), returned(3)]))
        .await;
    assert_eq!(failed, 0);
    let stored = storm.town.stored("b").await.unwrap();
    assert_eq!((stored.book.days, stored.revision), (3, 1));
}

#[tokio::test]
async fn a_transaction_whose_reply_is_lost_has_one_effect() {
    let storm = Storm::new().await;
    storm.faults.next("TransactWriteItems", Fault::CutReply);
    let (failed, _) = storm.deliver(&stream("book#b", &[bought("Emma", "a")])).await;
    assert_eq!(failed, 0);
    assert_eq!(storm.town.stored("b").await.unwrap().revision, 1);
}

#[tokio::test]
async fn a_crash_in_the_middle_of_the_batch_is_repaired_by_the_next_delivery() {
    let storm = Storm::new().await;
    let commits = [
        commit("loan#b", 1, &[lent("ann")]),
        commit("loan#c", 1, &[lent("bob")]),
    ];
    // Each document's write is tried four times: one of the two fails in all its attempts, the other does not.
    for _ in 0..7 {
        storm.faults.next("PutItem", Fault::CutRequest);
    }
    let (failed, report) = storm.deliver(&commits).await;
    assert_eq!(report.written, 1);
    assert!(failed > 0);
    let projector = storm.town.projector::<Library>();
    let messages = commits.iter().map(|commit| message("m", 2, vec![whole(commit)]));
    let (response, _) = projector.handle_batch(batch(messages.collect())).await;
    assert_eq!(response.batch_item_failures, []);
    for id in ["b", "c"] {
        assert_eq!(storm.town.stored(id).await.unwrap().versions["loan"], 1);
    }
}

#[tokio::test]
async fn unprocessed_keys_are_read_again() {
    let storm = Storm::new().await;
    storm.town.publish(&stream("loan#b", &[lent("ann")])).await;
    storm
        .faults
        .next("BatchGetItem", unprocessed(&["registry", "g1#b"]));
    storm
        .faults
        .next("BatchGetItem", unprocessed(&["registry", "g1#b"]));
    let (failed, report) = storm.deliver(&[commit("loan#b", 2, &[returned(3)])]).await;
    assert_eq!((failed, report.applied, report.healed), (0, 1, 0));
    assert_eq!(storm.faults.requests("BatchGetItem").len(), 3);
}

#[tokio::test]
async fn only_the_documents_that_stay_unprocessed_fail() {
    let storm = Storm::new().await;
    storm.town.publish(&stream("loan#b", &[lent("ann")])).await;
    for _ in 0..8 {
        let body = json!({
            "Responses": { "town-view": [] },
            "UnprocessedKeys": { "town-view": { "Keys": [{ "pk": { "S": "g1#b" }, "sk": { "S": "-" } }] } },
        });
        storm.faults.next("BatchGetItem", Fault::Answer(body.to_string()));
    }
    let commits = [
        commit("loan#b", 2, &[returned(3)]),
        commit("loan#c", 1, &[lent("bob")]),
    ];
    let (_, report) = storm.deliver(&commits).await;
    assert_eq!(report.written, 1);
    assert!(storm.town.stored("c").await.is_some());
}

#[tokio::test]
async fn throttled_reads_and_writes_are_retried() {
    let storm = Storm::new().await;
    storm.faults.next("BatchGetItem", Fault::Throttle);
    storm.faults.next("PutItem", Fault::Throttle);
    let (failed, report) = storm.deliver(&stream("loan#b", &[lent("ann")])).await;
    assert_eq!((failed, report.written), (0, 1));
}

#[tokio::test]
async fn every_message_fails_when_nothing_can_be_read() {
    let storm = Storm::new().await;
    storm.fail_for_good("BatchGetItem", &Fault::InternalError);
    let commits = [
        commit("loan#b", 1, &[lent("ann")]),
        commit("loan#c", 1, &[lent("bob")]),
    ];
    let (failed, report) = storm.deliver(&commits).await;
    assert_eq!((failed, report.written), (2, 0));
}

#[tokio::test]
async fn conflicting_transaction_is_retried() {
    for code in ["TransactionConflict", "ThrottlingError"] {
        let storm = Storm::new().await;
        storm.faults.next("TransactWriteItems", cancelled(code));
        storm.faults.next("TransactWriteItems", cancelled(code));
        let (failed, report) = storm.deliver(&stream("book#b", &[bought("Emma", "a")])).await;
        assert_eq!((failed, report.written, report.conflicts), (0, 1, 2), "{code}");
    }
}

#[tokio::test]
async fn transaction_that_lost_a_race_reads_again() {
    let storm = Storm::new().await;
    storm
        .faults
        .next("TransactWriteItems", cancelled("ConditionalCheckFailed"));
    let (failed, report) = storm.deliver(&stream("book#b", &[bought("Emma", "a")])).await;
    assert_eq!((failed, report.written, report.conflicts), (0, 1, 1));
}

#[tokio::test]
async fn invalid_transaction_is_quarantined() {
    let storm = Storm::new().await;
    storm
        .faults
        .next("TransactWriteItems", cancelled("ValidationError"));
    let (failed, report) = storm.deliver(&stream("book#b", &[bought("Emma", "a")])).await;
    assert_eq!((failed, report.quarantined), (0, 1));
}

#[tokio::test]
async fn two_projectors_of_one_document_lose_nothing() {
    let town = Town::new().await;
    let (one, two) = (town.projector::<Library>(), town.projector::<Library>());
    let loans = stream("loan#b", &[lent("ann"), returned(1), lent("bob"), returned(2)]);
    let books = stream("book#b", &[bought("Emma", "a")]);
    town.commit(&[loans.clone(), books.clone()].concat()).await;
    for commit in &loans {
        let loan = batch(vec![message("l", 1, vec![whole(commit)])]);
        let book = batch(vec![message("b", 1, vec![whole(&books[0])])]);
        let ((first, _), (second, _)) = tokio::join!(one.handle_batch(loan), two.handle_batch(book));
        assert_eq!(
            first.batch_item_failures.len() + second.batch_item_failures.len(),
            0
        );
    }
    let stored = town.stored("b").await.unwrap();
    assert_eq!(
        (stored.versions["loan"], stored.versions["book"], stored.book.days),
        (4, 1, 3)
    );
}
