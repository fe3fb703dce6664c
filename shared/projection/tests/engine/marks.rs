//! F1, F7, F10: a source of a document that stands still is marked, and continues by itself when it can.

use crate::desk::{Desk, now, pass};
use crate::library::{
    Book, BookEvent, Library, LoanEvent, Town, bought, commit, lent, returned, stream, whole,
};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::{CodecError, Commit, Event, Parcel};
use event_store::CommitReader;
use local_dynamodb::{Fault, Faults};
use projection::operations::{RebuildOptions, State, Task};
use projection::testing::{batch, message};
use projection::{ApplyError, BatchReport, Index, Options, Projector, Published, Row, Tally, Uses, View};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

/// The longest pause until newer code is expected.
const FIVE_MINUTES: Duration = Duration::from_secs(300);

impl Town {
    /// Returns the entries of the marks with a next try.
    pub(crate) async fn waiting(&self) -> Vec<String> {
        self.entries("due").await
    }

    /// Returns the entries of a partition that is sorted by time, without their times.
    pub(crate) async fn entries(&self, partition: &str) -> Vec<String> {
        let items = self.bench.contents().await.unwrap().into_iter();
        let entries = items.filter(|item| item["pk"] == AttributeValue::S(partition.to_owned()));
        entries
            .map(|item| {
                let sort = item["sk"].as_s().unwrap();
                sort.split_once('#').unwrap().1.to_owned()
            })
            .collect()
    }

    /// Lets time pass, sends messages for what is due, and delivers them to a view.
    async fn tick<V: View>(&self, time: Duration) -> BatchReport {
        pass(time);
        let desk = self.desk_of::<V>();
        desk.tick().await;
        desk.deliver::<V>(self).await
    }
}

impl Desk {
    pub(crate) async fn tick(&self) {
        self.worker.handle(Task::Tick {}, Instant::now()).await.unwrap();
    }
}

/// Delivers commits to a projector that cannot read the loans' event table.
async fn deliver_without_loans(town: &Town, receives: u32, parcels: Vec<Parcel>) -> (usize, BatchReport) {
    let nowhere = CommitReader::new(town.dynamo.client(), "no-such-table");
    let sources = town.bench.sources(Library::SOURCES).with("loan", nowhere);
    let options = Options {
        clock: now,
        ..Options::default()
    };
    let (client, table) = (town.dynamo.client(), &town.bench.view_table);
    let projector = Projector::<Library>::new(client, table, sources, options);
    let event = batch(vec![message("m", receives, parcels)]);
    let (response, report) = projector.handle_batch(event).await;
    (response.batch_item_failures.len(), report)
}

async fn parked() -> (Town, Vec<Commit>) {
    let town = Town::new().await;
    let loans = stream("loan#b", &[lent("ann"), returned(2), lent("bob")]);
    town.commit(&loans).await;
    let (failed, report) = deliver_without_loans(&town, 4, vec![whole(&loans[1])]).await;
    assert_eq!((failed, report.parked, report.quarantined), (0, 1, 0));
    (town, loans)
}

/// Items of DynamoDB have at most 409,600 bytes.
#[tokio::test]
async fn f7_document_of_any_size_can_be_quarantined() {
    let town = Town::new().await;
    // A flag takes 11 bytes, so one of these documents would fit without its flag only.
    let near_the_limit = (409_000..409_600).step_by(8);
    for pages in (407_800..409_700).step_by(100).chain(near_the_limit) {
        let loans = stream(
            &format!("loan#b{pages}"),
            &[LoanEvent::Written { pages }, LoanEvent::Cursed {}, lent("ann")],
        );
        for loan in &loans {
            // It fails if a message is to be delivered again.
            town.publish(std::slice::from_ref(loan)).await;
        }
        let held = town.held().await;
        let held = held.iter().filter(|held| held.stream == loans[0].stream).count();
        assert_eq!(held, 1, "with {pages} bytes");
    }
}

#[tokio::test]
async fn f7_held_back_commit_is_counted_without_a_write_of_the_document() {
    let town = Town::new().await;
    let pages = 300_000;
    town.publish(&stream(
        "loan#b",
        &[LoanEvent::Written { pages }, LoanEvent::Cursed {}],
    ))
    .await;
    let before = town.stored("b").await.unwrap().revision;
    let report = town.publish(&[commit("loan#b", 3, &[lent("ann")])]).await;
    assert_eq!((report.held, town.held().await[0].count), (1, 2));
    assert_eq!(town.stored("b").await.unwrap().revision, before);
    assert!(report.write_units < 3.0, "{}", report.write_units);
}

/// A document of an earlier version has its marks in itself.
#[tokio::test]
async fn f7_mark_of_an_earlier_version_still_holds_and_is_lifted() {
    let town = Town::new().await;
    town.publish(&stream("loan#b", &[lent("ann"), LoanEvent::Cursed {}]))
        .await;
    let table = &town.bench.view_table;
    let earlier = json!({ "loan": { "version": 2, "error": "cursed", "time": 0, "count": 1 } });
    let earlier: AttributeValue = serde_dynamo::to_attribute_value(earlier).unwrap();
    let update = |pk: &str, sk: &str| {
        let update = town.bench.client.update_item().table_name(table);
        update
            .key("pk", AttributeValue::S(pk.to_owned()))
            .key("sk", AttributeValue::S(sk.to_owned()))
    };
    let document = update("g1#b", "-").update_expression("SET q = :q");
    document
        .expression_attribute_values(":q", earlier)
        .send()
        .await
        .unwrap();
    let mark = update("quarantine#g1", "loan#b").update_expression("REMOVE r, kind, tries");
    mark.send().await.unwrap();

    let report = town.publish(&[commit("loan#b", 3, &[returned(1)])]).await;
    assert_eq!((report.held, town.held().await[0].count), (1, 2));
    assert_eq!(town.redrive::<crate::library::FixedLibrary>("b").await.applied, 2);
    assert_eq!(town.held().await, []);
}

#[tokio::test]
async fn f10_event_table_that_does_not_answer_parks_the_source_after_the_short_tries() {
    let town = Town::new().await;
    let loans = stream("loan#b", &[lent("ann"), returned(2)]);
    town.commit(&loans).await;
    for receives in 1..=3 {
        let (failed, report) = deliver_without_loans(&town, receives, vec![whole(&loans[1])]).await;
        assert_eq!((failed, report.parked), (1, 0), "delivery {receives}");
    }
    let (failed, report) = deliver_without_loans(&town, 4, vec![whole(&loans[1])]).await;
    assert_eq!((failed, report.parked), (0, 1));
    assert_eq!(
        (town.held().await, town.waiting().await),
        (vec![], vec!["g1#loan#b".to_owned()])
    );
}

#[tokio::test]
async fn f10_parked_source_continues_by_itself() {
    let (town, _) = parked().await;
    let report = town.tick::<Library>(Duration::from_secs(60)).await;
    assert_eq!((report.resumed, report.applied), (1, 3));
    let stored = town.stored("b").await.unwrap();
    assert_eq!((stored.versions["loan"], stored.held), (3, vec![]));
    assert_eq!(town.waiting().await, Vec::<String>::new());
}

#[tokio::test]
async fn f10_nothing_is_tried_before_its_time() {
    let (town, _) = parked().await;
    let report = town.tick::<Library>(Duration::from_secs(40)).await;
    assert_eq!((report.messages, report.applied), (0, 0));
}

#[tokio::test]
async fn f10_commits_of_a_parked_source_are_held_back_and_other_sources_applied() {
    let (town, loans) = parked().await;
    let report = town.deliver(&loans).await;
    assert_eq!((report.held, report.applied), (3, 0));
    let report = town.publish(&stream("book#b", &[bought("Emma", "a")])).await;
    assert_eq!(report.applied, 1);
    assert_eq!(town.tick::<Library>(Duration::from_secs(60)).await.applied, 3);
}

#[tokio::test]
async fn f10_pauses_grow_up_to_fifteen_minutes() {
    let (town, loans) = parked().await;
    let key = || vec![Parcel::Key(loans[0].key())];
    let mut pauses = Vec::new();
    for _ in 0..7 {
        // The time until the source is tried again, in steps of ten seconds.
        let mut pause = 0;
        loop {
            pass(Duration::from_secs(10));
            pause += 10;
            let (failed, report) = deliver_without_loans(&town, 1, key()).await;
            assert_eq!(failed, 0, "a parked source does not fail its message");
            if report.parked == 1 {
                break;
            }
        }
        pauses.push(pause);
    }
    let longest = [60, 120, 240, 480, 900, 900, 900];
    for (pause, longest) in pauses.iter().zip(longest) {
        assert!((longest * 3 / 4..=longest + 10).contains(pause), "{pauses:?}");
    }
}

/// The event table was put back to before the stream began.
#[tokio::test]
async fn f10_parked_source_without_events_is_no_longer_parked() {
    let (town, loans) = parked().await;
    town.put_back(&loans).await;
    let report = town.tick::<Library>(Duration::from_secs(60)).await;
    assert_eq!((report.resumed, report.applied, report.parked), (1, 0, 0));
    assert_eq!(town.waiting().await, Vec::<String>::new());
    let read = projection::ReadYourWrites {
        positions: vec![],
        wait: None,
    };
    assert!(town.reader().get("b", &read).await.unwrap().is_none());
}

#[tokio::test]
async fn f10_redrive_tries_a_parked_source_at_once() {
    let (town, _) = parked().await;
    assert_eq!(town.redrive::<Library>("b").await.applied, 3);
    assert_eq!(town.waiting().await, Vec::<String>::new());
}

#[tokio::test]
async fn f10_message_is_delivered_again_when_its_mark_cannot_be_written() {
    let town = Town::new().await;
    let faults = Faults::default();
    let config = town.dynamo.config().http_client(faults.transport());
    let projector = town.projector_with::<Library>(Client::from_conf(config.build()));
    for _ in 0..100 {
        faults.next("TransactWriteItems", Fault::Throttle);
    }
    let cursed = stream("loan#b", &[LoanEvent::Cursed {}]);
    let event = batch(vec![message("m", 9, cursed.iter().map(whole).collect())]);
    let (response, _) = projector.handle_batch(event).await;
    assert_eq!(response.batch_item_failures.len(), 1);
    assert_eq!(town.stored("b").await, None);
}

/// A commit is held back while another worker lifts the mark, having read the event table before the commit.
#[tokio::test]
async fn f10_commit_that_is_held_back_while_the_mark_is_lifted_is_applied() {
    let (town, loans) = parked().await;
    let faults = Faults::default();
    let config = town.dynamo.config().http_client(faults.transport());
    let slow = town.projector_with::<Library>(Client::from_conf(config.build()));
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(2));
    faults.next("PutItem", Fault::Late(barrier.clone()));
    let later = commit("loan#b", 4, &[returned(5)]);
    let event = batch(vec![message("m", 1, vec![whole(&later)])]);
    let held = async { slow.handle_batch(event).await };
    let lifted = async {
        barrier.wait().await;
        // The later commit is not in the event table yet.
        assert_eq!(town.tick::<Library>(Duration::from_secs(60)).await.applied, 3);
        town.commit(std::slice::from_ref(&later)).await;
        barrier.wait().await;
    };
    let ((response, _), ()) = tokio::join!(held, lifted);
    assert_eq!(response.batch_item_failures, []);
    assert_eq!(town.stored("b").await.unwrap().versions["loan"], 4, "{loans:?}");
}

/// A commit is counted at a mark while another worker counts one there. The document and its mark have the same revision.
#[tokio::test]
async fn f10_commits_that_are_counted_at_the_same_time_do_not_change_the_document() {
    let (town, _) = parked().await;
    town.publish(&stream("book#b", &[bought("Emma", "a")])).await;
    let before = town.stored("b").await.unwrap();
    let faults = Faults::default();
    let config = town.dynamo.config().http_client(faults.transport());
    let slow = town.projector_with::<Library>(Client::from_conf(config.build()));
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(2));
    faults.next("PutItem", Fault::Late(barrier.clone()));
    let later = [
        commit("loan#b", 4, &[returned(5)]),
        commit("loan#b", 5, &[lent("cid")]),
    ];
    let event = batch(vec![message("m", 1, vec![whole(&later[0])])]);
    let slowly = async { slow.handle_batch(event).await };
    let meanwhile = async {
        barrier.wait().await;
        assert_eq!(town.deliver(&later[1..]).await.held, 1);
        barrier.wait().await;
    };
    let ((response, report), ()) = tokio::join!(slowly, meanwhile);
    assert_eq!(response.batch_item_failures, []);
    assert_eq!((report.held, report.applied), (1, 0));
    assert_eq!(town.stored("b").await.unwrap(), before);
}

#[tokio::test]
async fn f10_entry_of_a_generation_that_is_no_longer_fed_is_deleted() {
    let (town, _) = parked().await;
    town.desk().rebuilt().await;
    let later = commit("loan#b", 4, &[lent("cid")]);
    deliver_without_loans(&town, 4, vec![Parcel::Key(later.key())]).await;
    let mut waiting = town.waiting().await;
    waiting.sort();
    assert_eq!(waiting, ["g1#loan#b", "g2#loan#b"]);
    let desk = town.desk();
    desk.control.abort(2).await.unwrap();
    pass(Duration::from_secs(1_000));
    desk.tick().await;
    assert_eq!(town.waiting().await, ["g1#loan#b"]);
}

/// The loans' events in the next version of the code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "d")]
enum NewLoanEvent {
    Lent { member: String },
    Returned { days: i64 },
    Extended { days: i64 },
}

impl Event for NewLoanEvent {
    const TYPES: &'static [(&'static str, u32)] = &[("Lent", 2), ("Returned", 1), ("Extended", 1)];

    fn upcast(_: &str, _: u32, data: serde_json::Value) -> Result<serde_json::Value, CodecError> {
        Ok(data)
    }
}

/// The library in the next version of the code.
struct NewLibrary;

impl View for NewLibrary {
    type Document = Book;
    const NAME: &'static str = Library::NAME;
    const SOURCES: &'static [&'static str] = Library::SOURCES;
    const USES: Uses = Library::USES;
    const FILTERS: &'static [&'static str] = Library::FILTERS;

    fn apply(book: &mut Book, event: &Published<'_>) -> Result<(), ApplyError> {
        if event.category() == "book" {
            return Library::apply(book, event);
        }
        match event.decode::<NewLoanEvent>()? {
            NewLoanEvent::Lent { member } => {
                book.member = Some(member);
                book.loans += 1;
            }
            NewLoanEvent::Returned { days } => {
                book.member = None;
                book.days += days;
            }
            NewLoanEvent::Extended { days } => book.days += days,
        }
        Ok(())
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
}

/// Commits that old code cannot read from the second on.
fn with_newer() -> Vec<Commit> {
    let mut loans = stream("loan#b", &[lent("ann")]);
    loans.extend([
        commit("loan#b", 2, &[NewLoanEvent::Extended { days: 7 }]),
        commit("loan#b", 3, &[NewLoanEvent::Returned { days: 1 }]),
    ]);
    loans
}

#[tokio::test]
async fn f1_event_of_an_unknown_type_holds_back_its_source_until_newer_code_runs() {
    let town = Town::new().await;
    let report = town.publish(&with_newer()).await;
    assert_eq!(
        (report.newer, report.applied, report.held, report.quarantined),
        (1, 1, 1, 0)
    );
    let report = town.publish(&stream("book#b", &[bought("Emma", "a")])).await;
    assert_eq!(report.applied, 1, "other sources of the document continue");
    let stored = town.stored("b").await.unwrap();
    assert_eq!(
        (stored.versions["loan"], stored.held),
        (1, vec!["loan".to_owned()])
    );
    assert_eq!(town.held().await, [], "a person cannot do anything about it");

    let report = town.tick::<Library>(FIVE_MINUTES).await;
    assert_eq!((report.newer, report.resumed), (1, 0), "the old code still runs");
    let report = town.tick::<NewLibrary>(FIVE_MINUTES).await;
    assert_eq!((report.resumed, report.applied), (1, 2));
    let stored = town.stored("b").await.unwrap();
    assert_eq!(
        (stored.book.days, stored.versions["loan"], stored.held),
        (8, 3, vec![])
    );
    assert_eq!(town.waiting().await, Vec::<String>::new());
}

#[tokio::test]
async fn f1_event_of_a_newer_schema_holds_back_its_source_until_newer_code_runs() {
    let town = Town::new().await;
    let member = "ann".to_owned();
    let report = town
        .publish(&[commit("loan#b", 1, &[NewLoanEvent::Lent { member }])])
        .await;
    assert_eq!((report.newer, report.quarantined), (1, 0));
    assert_eq!(town.tick::<NewLibrary>(FIVE_MINUTES).await.resumed, 1);
    assert_eq!(town.stored("b").await.unwrap().book.loans, 1);
}

/// The view's code matches `Moved` and does nothing for `Tagged`, which its category also publishes.
#[tokio::test]
async fn f1_known_type_that_a_subscriber_does_not_use_is_applied() {
    struct Shelves;
    impl View for Shelves {
        type Document = u64;
        const NAME: &'static str = "shelves";
        const SOURCES: &'static [&'static str] = &["book"];
        const USES: Uses = Uses::NOTHING;

        fn apply(moves: &mut u64, event: &Published<'_>) -> Result<(), ApplyError> {
            if let BookEvent::Moved { .. } = event.decode()? {
                *moves += 1;
            }
            Ok(())
        }
    }
    let town = Town::new().await;
    let tagged = crate::library::tagged("x");
    let report = town.deliver_to::<Shelves>(&stream("book#b", &[tagged])).await;
    assert_eq!((report.applied, report.newer), (1, 0));
}

#[tokio::test]
async fn f1_old_reader_refuses_a_token_for_newer_events() {
    let town = Town::new().await;
    let loans = with_newer();
    town.publish(&loans).await;
    let read = projection::ReadYourWrites {
        positions: vec![(loans[0].stream.clone(), 3)],
        wait: None,
    };
    let error = town.reader().get("b", &read).await.unwrap_err();
    assert!(error.to_string().contains("newer code"), "{error}");
}

#[tokio::test]
async fn f1_rebuild_by_old_code_fails_with_the_event_and_changes_nothing() {
    let town = Town::new().await;
    town.publish(&with_newer()).await;
    let rebuilt = town.desk().rebuilt().await;
    assert_eq!(rebuilt.state, State::Failed);
    let failure = rebuilt.failure.unwrap();
    assert!(failure.contains("loan#b version 2"), "{failure}");
    let started = town
        .desk_of::<NewLibrary>()
        .control
        .start_rebuild(&RebuildOptions::default())
        .await;
    started.unwrap();
}

#[tokio::test]
async fn f1_deep_sweep_by_old_code_reports_no_difference() {
    let town = Town::new().await;
    let loans = with_newer();
    town.commit(&loans).await;
    town.deliver_to::<NewLibrary>(&loans).await;
    let desk = town.desk();
    let sweep = desk.control.start_sweep(true, None).await.unwrap();
    desk.work().await;
    let swept = desk.control.sweep(sweep.number).await.unwrap().unwrap();
    assert_eq!((swept.state, swept.counts.differences), (State::Done, 0));
}
