//! G16: event tables that are put back to an earlier time while commands go on.

use crate::library::{Library, LoanEvent, Town, bought, lent, returned, stream, tagged};
use aws_sdk_dynamodb::types::AttributeValue;
use commit::{Commit, CommitId, Event, Parcel};
use projection::operations::Sweep;
use projection::sweep::quick;
use projection::testing::{batch, expected_contents, found_contents, message};
use projection::{BatchReport, ReadYourWrites, View};

/// Creates commits that name one another, after `before`.
fn after<E: Event>(before: &[Commit], events: &[E]) -> Vec<Commit> {
    let mut commits = before.to_vec();
    for event in events {
        let last = commits.last().expect("a stream that begins");
        let mut next = crate::library::commit(
            &last.stream.to_string(),
            last.last() + 1,
            std::slice::from_ref(event),
        );
        (next.id, next.previous) = (CommitId::random(), Some(last.id.link()));
        commits.push(next);
    }
    commits
}

/// Creates a stream whose commits name one another.
fn chain<E: Event>(name: &str, events: &[E]) -> Vec<Commit> {
    let mut first = stream(name, &events[..1]);
    first[0].id = CommitId::random();
    after(&first, &events[1..])
}

impl Town {
    /// Puts the event table back to before these commits.
    pub(crate) async fn put_back(&self, lost: &[Commit]) {
        for commit in lost {
            let delete = self
                .bench
                .client
                .delete_item()
                .table_name(&self.bench.event_table);
            let delete = delete.key("pk", AttributeValue::S(commit.stream.to_string()));
            let delete = delete.key("sk", AttributeValue::N(commit.first.to_string()));
            delete.send().await.unwrap();
        }
    }

    async fn is_the_fold_of(&self, history: &[&[Commit]]) {
        let found = found_contents(self.bench.contents().await.unwrap());
        assert_eq!(found, expected_contents::<Library>(1, &history.concat()).unwrap());
    }

    async fn ring(&self, parcel: Parcel) -> BatchReport {
        let (response, report) = self
            .projector::<Library>()
            .handle_batch(batch(vec![message("m", 1, vec![parcel])]))
            .await;
        assert_eq!(response.batch_item_failures, []);
        report
    }

    async fn behind(&self) -> Vec<commit::CommitKey> {
        let sources = self.bench.sources(Library::SOURCES);
        let (client, table) = (&self.bench.client, &self.bench.view_table);
        quick(client, table, &sources, Library::SOURCES)
            .await
            .unwrap()
            .behind
    }

    async fn deep_sweep(&self) -> Sweep {
        let desk = self.desk();
        let sweep = desk.control.start_sweep(true, None).await.unwrap();
        desk.work().await;
        desk.control.sweep(sweep.number).await.unwrap().unwrap()
    }
}

/// A book with tags, which are rows, and three loans, which are counted.
async fn lent_three_times(town: &Town) -> (Vec<Commit>, Vec<Commit>) {
    let book = chain("book#b", &[bought("Emma", "a"), tagged("novel"), tagged("old")]);
    let loans = chain("loan#b", &[lent("ann"), returned(3), lent("bob")]);
    town.publish(&book).await;
    town.publish(&loans).await;
    (book, loans)
}

#[tokio::test]
async fn f2_document_is_made_anew_by_the_commit_that_takes_the_place_of_its_last_one() {
    let town = Town::new().await;
    let (book, loans) = lent_three_times(&town).await;
    town.put_back(&loans[1..]).await;
    let now = after(&loans[..1], &[returned(1), lent("cid")]);
    town.commit(&now[1..]).await;
    let report = town.deliver(&now[2..]).await;
    assert_eq!((report.remade, report.quarantined), (1, 0));
    town.is_the_fold_of(&[&book, &now]).await;
}

#[tokio::test]
async fn f2_document_is_made_anew_by_a_commit_that_names_another_one() {
    let town = Town::new().await;
    let (book, loans) = lent_three_times(&town).await;
    town.put_back(&loans[2..]).await;
    let now = after(&loans[..2], &[lent("cid"), returned(1)]);
    town.commit(&now[2..]).await;
    assert_eq!(town.deliver(&now[3..]).await.remade, 1);
    town.is_the_fold_of(&[&book, &now]).await;
}

#[tokio::test]
async fn f2_document_is_made_anew_by_a_later_commit_before_its_last_one() {
    let town = Town::new().await;
    let (book, loans) = lent_three_times(&town).await;
    town.put_back(&book[1..]).await;
    let now = after(&book[..1], &[tagged("new")]);
    town.commit(&now[1..]).await;
    assert_eq!(town.deliver(&now[1..]).await.remade, 1);
    town.is_the_fold_of(&[&now, &loans]).await;
}

#[tokio::test]
async fn f2_sweep_finds_a_document_beyond_the_end_of_its_stream() {
    let town = Town::new().await;
    let (book, loans) = lent_three_times(&town).await;
    town.put_back(&loans[1..]).await;
    let behind = town.behind().await;
    assert_eq!(behind, [loans[0].key()]);
    assert_eq!(town.ring(Parcel::Key(behind[0].clone())).await.remade, 1);
    assert_eq!(town.behind().await, []);
    town.is_the_fold_of(&[&book, &loans[..1]]).await;
}

#[tokio::test]
async fn f8_document_whose_other_source_was_put_back_is_made_anew_and_not_reported() {
    let town = Town::new().await;
    let (book, loans) = lent_three_times(&town).await;
    town.put_back(&loans[1..]).await;
    let now = after(&loans[..1], &[returned(1), lent("cid")]);
    town.commit(&now[1..]).await;
    let sweep = town.deep_sweep().await;
    assert_eq!(sweep.differences, []);
    assert_eq!((sweep.counts.compared, sweep.counts.behind), (0, 1));
    town.is_the_fold_of(&[&book, &now]).await;
    assert_eq!(town.deep_sweep().await.counts.compared, 1);
}

#[tokio::test]
async fn f8_document_of_a_stream_that_is_no_more_is_reported() {
    let town = Town::new().await;
    let (_, loans) = lent_three_times(&town).await;
    town.put_back(&loans).await;
    let sweep = town.deep_sweep().await;
    assert_eq!((sweep.counts.differences, sweep.counts.behind), (1, 0));
}

#[tokio::test]
async fn f2_commit_that_its_table_no_longer_has_is_dropped() {
    let town = Town::new().await;
    let (book, loans) = lent_three_times(&town).await;
    let lost = after(&loans, &[returned(9), lent("dan")]);
    let again = message("m", 2, vec![Parcel::Whole(lost[4].clone())]);
    let (response, report) = town.projector::<Library>().handle_batch(batch(vec![again])).await;
    assert_eq!(response.batch_item_failures, []);
    assert_eq!((report.gone, report.remade), (1, 0));
    town.is_the_fold_of(&[&book, &loans]).await;
}

/// A key may be sent long after its commit, for example by a sweep.
#[tokio::test]
async fn f2_key_of_a_commit_that_its_table_no_longer_has_is_dropped() {
    let town = Town::new().await;
    let (book, loans) = lent_three_times(&town).await;
    let lost = after(&loans, &[returned(9)]);
    for (receives, failed, gone) in [(1, 1, 0), (2, 0, 1)] {
        let key = message("m", receives, vec![Parcel::Key(lost[3].key())]);
        let (response, report) = town.projector::<Library>().handle_batch(batch(vec![key])).await;
        assert_eq!((response.batch_item_failures.len(), report.gone), (failed, gone));
    }
    town.is_the_fold_of(&[&book, &loans]).await;
}

#[tokio::test]
async fn f2_commits_that_are_delivered_again_are_dropped_without_a_read() {
    let town = Town::new().await;
    let (_, loans) = lent_three_times(&town).await;
    let report = town.deliver(&loans).await;
    assert_eq!((report.duplicates, report.healed, report.written), (3, 0, 0));
}

#[tokio::test]
async fn f2_read_with_a_token_shows_the_history_that_the_table_has() {
    let town = Town::new().await;
    let (_, loans) = lent_three_times(&town).await;
    town.put_back(&loans[1..]).await;
    let now = after(&loans[..1], &[returned(1), lent("cid"), returned(2)]);
    town.commit(&now[1..]).await;
    let read = ReadYourWrites {
        positions: vec![("loan#b".parse().unwrap(), 4)],
        wait: None,
    };
    let fresh = town.reader().get("b", &read).await.unwrap().unwrap();
    assert_eq!((fresh.document.days, fresh.versions["loan"]), (3, 4));
    assert_eq!(fresh.document.tags.len(), 2, "the other source is read too");
}

#[tokio::test]
async fn f2_document_stored_before_there_was_a_chain_gets_it_with_its_next_commit() {
    let town = Town::new().await;
    let (book, loans) = lent_three_times(&town).await;
    let update = town.bench.client.update_item().table_name(&town.bench.view_table);
    let update = update.key("pk", AttributeValue::S("g1#b".into()));
    let update = update.key("sk", AttributeValue::S("-".into()));
    update.update_expression("REMOVE h").send().await.unwrap();
    let loans = after(&loans, &[returned(1)]);
    town.commit(&loans[3..]).await;
    assert_eq!(town.deliver(&loans[3..]).await.remade, 0);
    town.put_back(&loans[3..]).await;
    let now = after(&loans[..3], &[returned(7)]);
    town.commit(&now[3..]).await;
    assert_eq!(town.deliver(&now[3..]).await.remade, 1);
    let book_head = town.deliver(&after(&book, &[tagged("x")])[..3]).await;
    assert_eq!(book_head.remade, 0);
}

#[tokio::test]
async fn f13_commit_that_names_another_one_than_is_stored_quarantines_its_document() {
    let town = Town::new().await;
    let (_, loans) = lent_three_times(&town).await;
    let mut forged: Vec<Commit> = after(&loans, &[returned(1), LoanEvent::Lent { member: "eve".into() }]);
    forged[3].id = CommitId::random();
    town.commit(&forged[3..]).await;
    let report = town.deliver(&forged[4..]).await;
    assert_eq!(report.quarantined, 1);
    assert_eq!(town.stored("b").await.unwrap().held, ["loan"]);
}

/// Changes the history of a book, one of whose loans cannot be applied.
async fn made_anew_with_a_curse(town: &Town, lost: bool) -> (BatchReport, Vec<Commit>, Vec<Commit>) {
    let book = chain("book#b", &[bought("Emma", "a")]);
    let loans = chain("loan#b", &[lent("ann"), LoanEvent::Cursed {}]);
    town.publish(&book).await;
    town.publish(&loans).await;
    assert_eq!(town.held().await.len(), 1);
    town.put_back(&book).await;
    if lost {
        town.put_back(&loans[1..]).await;
    }
    let now = chain("book#b", &[bought("Persuasion", "a")]);
    town.commit(&now).await;
    (town.deliver(&now).await, now, loans)
}

#[tokio::test]
async fn f2_quarantine_of_an_event_that_its_table_has_is_kept() {
    let town = Town::new().await;
    let (report, ..) = made_anew_with_a_curse(&town, false).await;
    assert_eq!((report.remade, report.quarantined), (1, 1));
    let held = town.held().await;
    assert_eq!((held.len(), held[0].version), (1, 2));
}

#[tokio::test]
async fn f2_quarantine_of_an_event_that_its_table_no_longer_has_is_lifted() {
    let town = Town::new().await;
    let (report, now, loans) = made_anew_with_a_curse(&town, true).await;
    assert_eq!((report.remade, report.quarantined), (1, 0));
    assert_eq!(town.held().await, []);
    town.is_the_fold_of(&[&now, &loans[..1]]).await;
}
