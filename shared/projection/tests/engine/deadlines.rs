//! F12: a step of a process that does not come in time is answered, once.

use crate::desk::{Desk, now, pass};
use crate::library::{BookEvent, LoanEvent, Town, bought, commit, lent, returned, whole};
use crate::reactor::{Letter, Post};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::{Commit, CommitId, Event, Message};
use jiff::{SignedDuration, Timestamp};
use local_dynamodb::{Fault, Faults};
use projection::testing::{batch, message};
use projection::{ApplyError, BatchReport, Deadline, Options, Published, Reactor, ReactorRunner};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Barrier;

/// A reactor that demands a book back when its loan takes more than this number of days.
struct Demands<const DAYS: i64>;

/// The usual one.
type Fortnight = Demands<14>;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Loan {
    lent: Option<Timestamp>,
    /// The day on which the book was bought, until it is lent for the first time.
    new: Option<Timestamp>,
}

impl<const DAYS: i64> Reactor for Demands<DAYS> {
    type Document = Loan;
    type Command = Letter;
    const NAME: &'static str = "demands";
    const SOURCES: &'static [&'static str] = &["book", "loan"];

    fn react(loan: &mut Loan, event: &Published<'_>) -> Result<Vec<Letter>, ApplyError> {
        if event.category() == "book" {
            if let BookEvent::Bought { .. } = event.decode()? {
                loan.new = Some(event.time());
            }
            return Ok(vec![]);
        }
        Ok(match event.decode::<LoanEvent>()? {
            LoanEvent::Lent { .. } => {
                (loan.lent, loan.new) = (Some(event.time()), None);
                vec![]
            }
            LoanEvent::Returned { .. } => {
                loan.lent = None;
                vec![Letter::Thank]
            }
            LoanEvent::Cursed {} => return Err(ApplyError::rejected("cursed")),
            _ => vec![],
        })
    }

    fn due(loan: &Loan) -> Vec<Deadline> {
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        let back = loan.lent.map(|lent| Deadline::new("return", lent + days(DAYS)));
        let unread = loan.new.map(|new| Deadline::watched("reader", new + days(1)));
        back.into_iter().chain(unread).collect()
    }

    fn overdue(_: &Loan, key: &str, deadline: &Deadline) -> Result<Vec<Letter>, ApplyError> {
        assert_eq!(deadline.name, "return");
        Ok(vec![Letter::Demand(key.to_owned())])
    }
}

/// The reactor with its worker and its queue.
struct Office {
    town: Town,
    desk: Desk,
    post: Post,
}

impl Office {
    async fn new() -> Self {
        let town = Town::new().await;
        Self {
            desk: town.desk_of_a_reactor::<Fortnight>(),
            post: Post::default(),
            town,
        }
    }

    fn runner<const DAYS: i64>(&self, client: Client) -> ReactorRunner<Demands<DAYS>, Post> {
        ReactorRunner::new(
            client,
            &self.town.bench.view_table,
            self.town.bench.sources(Fortnight::SOURCES),
            self.post.clone(),
            Options {
                clock: now,
                ..Options::default()
            },
        )
    }

    /// Stores and delivers commits. No message may fail.
    async fn publish(&self, commits: &[Commit]) -> BatchReport {
        self.town.commit(commits).await;
        let event = batch(vec![message("m", 1, commits.iter().map(whole).collect())]);
        let client = self.town.dynamo.client();
        let (response, report) = self.runner::<14>(client).handle_batch(event).await;
        assert_eq!(response.batch_item_failures, []);
        report
    }

    /// Lends a book today.
    async fn lend(&self) -> Vec<Commit> {
        let loans = vec![today("loan#b", 1, lent("ann"))];
        self.publish(&loans).await;
        loans
    }

    /// Lets time pass, sends messages for what is due, and delivers them. Returns the number of messages and the report.
    async fn tick_after(&self, time: Duration) -> (usize, BatchReport) {
        pass(time);
        self.desk.tick().await;
        self.deliver::<14>(self.town.dynamo.client()).await
    }

    async fn deliver<const DAYS: i64>(&self, client: Client) -> (usize, BatchReport) {
        let sent = self.desk.sent();
        let count = sent.records.len();
        let (response, report) = self.runner::<DAYS>(client).handle_batch(sent).await;
        assert_eq!(response.batch_item_failures, []);
        (count, report)
    }

    /// Returns the number of overdue deadlines in the metric of the tick, after this time.
    async fn overdue_after(&self, time: Duration) -> f64 {
        pass(time);
        let captured = telemetry::capture();
        self.desk.tick().await;
        self.desk.sent();
        captured.named("Tick")[0].sum("Overdue")
    }
}

fn today<E: Event>(stream: &str, first: u64, event: E) -> Commit {
    Commit {
        time: now(),
        ..commit(stream, first, &[event])
    }
}

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn demand() -> Letter {
    Letter::Demand("b".to_owned())
}

#[tokio::test]
async fn f12_deadline_that_has_passed_is_answered_once() {
    let office = Office::new().await;
    office.lend().await;
    assert_eq!(office.town.entries("deadlines").await, ["return#b"]);
    assert_eq!(office.tick_after(14 * DAY - MINUTE).await.0, 0, "not yet");
    let (messages, report) = office.tick_after(MINUTE).await;
    assert_eq!((messages, report.answered, report.effects), (1, 1, 1));
    assert_eq!(office.town.entries("deadlines").await, Vec::<String>::new());
    assert_eq!(office.tick_after(30 * DAY).await.0, 0, "answered");
    assert_eq!(office.post.sent(), [demand()]);
    let (_, _, cause) = office.post.letters.lock().unwrap()[0].clone();
    assert_eq!(cause.metadata.actor.as_deref(), Some("demands"));
    assert_eq!(cause.now.duration_since(cause.time), SignedDuration::ZERO);
}

#[tokio::test]
async fn f12_deadline_that_was_met_leaves_no_entry() {
    let office = Office::new().await;
    office.lend().await;
    office.publish(&[today("loan#b", 2, returned(1))]).await;
    assert_eq!(office.town.entries("deadlines").await, Vec::<String>::new());
    assert_eq!(office.tick_after(15 * DAY).await.0, 0);
    assert_eq!(office.post.sent(), [Letter::Thank]);
}

#[tokio::test]
async fn f12_next_deadline_of_the_same_name_is_another_one() {
    let office = Office::new().await;
    office.lend().await;
    office.tick_after(15 * DAY).await;
    office
        .publish(&[today("loan#b", 2, returned(15)), today("loan#b", 3, lent("bob"))])
        .await;
    office.tick_after(15 * DAY).await;
    assert_eq!(office.post.sent(), [demand(), Letter::Thank, demand()]);
    assert_eq!(office.post.different(), 3);
}

#[tokio::test]
async fn f12_two_ticks_and_a_message_delivered_again_have_one_effect() {
    let office = Office::new().await;
    office.lend().await;
    pass(14 * DAY);
    office.desk.tick().await;
    office.desk.tick().await;
    let messages = office.desk.sent();
    for _ in 0..2 {
        let runner = office.runner::<14>(office.town.dynamo.client());
        let (response, _) = runner.handle_batch(messages.clone()).await;
        assert_eq!(response.batch_item_failures, []);
    }
    assert_eq!(office.post.sent(), [demand()]);
}

/// Both have run the effect before either has written the document.
#[tokio::test]
async fn f12_two_workers_at_the_same_time_run_the_effect_under_one_id() {
    let office = Office::new().await;
    office.lend().await;
    pass(14 * DAY);
    office.desk.tick().await;
    let messages = office.desk.sent();
    assert_eq!(messages.records.len(), 1);
    let faults = Faults::default();
    let config = office.town.dynamo.config().http_client(faults.transport());
    let slow = office.runner::<14>(Client::from_conf(config.build()));
    let barrier = Arc::new(Barrier::new(2));
    faults.next("TransactWriteItems", Fault::Late(barrier.clone()));
    let slowly = async { slow.handle_batch(messages.clone()).await };
    let meanwhile = async {
        barrier.wait().await;
        let other = office.runner::<14>(office.town.dynamo.client());
        let (_, report) = other.handle_batch(messages.clone()).await;
        barrier.wait().await;
        report
    };
    let ((_, slow), other) = tokio::join!(slowly, meanwhile);
    assert_eq!((slow.written, other.written), (0, 1));
    assert_eq!((office.post.sent().len(), office.post.different()), (2, 1));
    assert_eq!(office.town.entries("deadlines").await, Vec::<String>::new());
}

#[tokio::test]
async fn f12_crash_between_effect_and_write_repeats_the_effect_under_the_same_id() {
    let office = Office::new().await;
    office.lend().await;
    pass(14 * DAY);
    let faults = Faults::default();
    let config = office.town.dynamo.config().http_client(faults.transport());
    for _ in 0..4 {
        faults.next("TransactWriteItems", Fault::InternalError);
    }
    office.desk.tick().await;
    let (_, report) = office.deliver::<14>(Client::from_conf(config.build())).await;
    assert_eq!((report.written, office.post.sent().len()), (0, 1));
    assert_eq!(office.tick_after(MINUTE).await.1.answered, 1);
    assert_eq!((office.post.sent().len(), office.post.different()), (2, 1));
    assert_eq!(office.tick_after(MINUTE).await.0, 0);
}

/// The relay or the queue stands still, or the event is only just committed.
#[tokio::test]
async fn f12_event_that_met_the_deadline_counts_even_if_it_was_not_delivered() {
    let office = Office::new().await;
    office.lend().await;
    pass(13 * DAY);
    office.town.commit(&[today("loan#b", 2, returned(13))]).await;
    let (messages, report) = office.tick_after(DAY).await;
    assert_eq!((messages, report.applied, report.answered), (1, 1, 0));
    assert_eq!(office.post.sent(), [Letter::Thank]);
    assert_eq!(office.town.entries("deadlines").await, Vec::<String>::new());
}

#[tokio::test]
async fn f12_deadline_of_a_document_that_stands_still_waits() {
    let office = Office::new().await;
    office.lend().await;
    let cursed = today("loan#b", 2, LoanEvent::Cursed {});
    office
        .town
        .commit(&[cursed.clone(), today("loan#b", 3, returned(2))])
        .await;
    let event = batch(vec![message("m", 4, vec![whole(&cursed)])]);
    let runner = office.runner::<14>(office.town.dynamo.client());
    assert_eq!(runner.handle_batch(event).await.1.quarantined, 1);
    // Nobody knows whether the book is back.
    let (messages, report) = office.tick_after(14 * DAY).await;
    assert_eq!((messages, report.answered), (1, 0));
    assert_eq!(office.post.sent(), []);
    assert_eq!(office.town.entries("deadlines").await, ["return#b"]);
}

#[tokio::test]
async fn f12_effect_that_fails_is_tried_each_minute_and_counts_as_overdue() {
    let office = Office::new().await;
    office.lend().await;
    office.post.close(true);
    let (_, report) = office.tick_after(14 * DAY).await;
    assert_eq!((report.failed, report.answered), (0, 0), "the lane does not wait");
    assert!(
        office.overdue_after(5 * MINUTE).await < 0.5,
        "still within its time"
    );
    assert!((office.overdue_after(6 * MINUTE).await - 1.0).abs() < 0.5);
    office.post.close(false);
    assert_eq!(office.tick_after(MINUTE).await.1.answered, 1);
    assert_eq!(office.post.sent(), [demand()]);
    assert!(office.overdue_after(MINUTE).await < 0.5);
}

#[tokio::test]
async fn f12_watched_deadline_is_counted_until_it_is_met() {
    let office = Office::new().await;
    office.publish(&[today("book#b", 1, bought("Emma", "a"))]).await;
    assert!(office.overdue_after(DAY - MINUTE).await < 0.5);
    assert!((office.overdue_after(MINUTE).await - 1.0).abs() < 0.5);
    assert_eq!(office.tick_after(DAY).await.0, 0, "nothing answers it");
    assert_eq!(office.town.entries("deadlines").await, ["reader#b"]);
    office.lend().await;
    assert!(office.overdue_after(MINUTE).await < 0.5);
}

/// The event table is put back to before the loan, and another one begins (F2).
#[tokio::test]
async fn f12_document_made_anew_has_the_deadlines_of_its_new_history() {
    let office = Office::new().await;
    let loans = office.lend().await;
    office.tick_after(14 * DAY).await;
    office.town.put_back(&loans).await;
    let other = Commit {
        id: CommitId::random(),
        ..today("loan#b", 1, lent("bob"))
    };
    let report = office.publish(&[other]).await;
    assert_eq!(report.remade, 1);
    assert_eq!(office.town.entries("deadlines").await, ["return#b"]);
    office.tick_after(14 * DAY).await;
    assert_eq!(office.post.different(), 2);
}

/// The reactor's table is put back to before the answer, or the document is lost.
#[tokio::test]
async fn f12_deadline_that_is_made_anew_is_answered_under_the_same_id() {
    let office = Office::new().await;
    let loans = office.lend().await;
    office.tick_after(14 * DAY).await;
    let delete = office.town.bench.client.delete_item();
    let delete = delete.table_name(&office.town.bench.view_table);
    let delete = delete.key("pk", AttributeValue::S("g1#b".to_owned()));
    let delete = delete.key("sk", AttributeValue::S("-".to_owned()));
    delete.send().await.unwrap();
    office.publish(&loans).await;
    assert_eq!(office.town.entries("deadlines").await, ["return#b"]);
    assert_eq!(office.tick_after(MINUTE).await.1.answered, 1);
    assert_eq!((office.post.sent().len(), office.post.different()), (2, 1));
}

#[tokio::test]
async fn f12_deadline_that_newer_code_states_later_is_moved_and_not_answered() {
    let office = Office::new().await;
    office.lend().await;
    pass(14 * DAY);
    office.desk.tick().await;
    let (_, report) = office.deliver::<28>(office.town.dynamo.client()).await;
    assert_eq!((report.answered, report.written), (0, 1));
    pass(14 * DAY);
    office.desk.tick().await;
    let (_, report) = office.deliver::<28>(office.town.dynamo.client()).await;
    assert_eq!((report.answered, office.post.sent()), (1, vec![demand()]));
}

#[tokio::test]
async fn f12_only_a_change_of_a_deadline_costs_more() {
    let office = Office::new().await;
    let units = async |commit| office.publish(&[commit]).await.write_units;
    let begins = units(today("loan#b", 1, lent("ann"))).await;
    let nothing = units(today("loan#b", 2, LoanEvent::Written { pages: 1 })).await;
    let ends = units(today("loan#b", 3, returned(1))).await;
    assert!((begins - 4.0).abs() < 0.1, "{begins}");
    assert!((nothing - 1.0).abs() < 0.1, "{nothing}");
    assert!((ends - 4.0).abs() < 0.1, "{ends}");
}

#[tokio::test]
async fn f12_message_for_a_document_without_deadlines_changes_nothing() {
    let office = Office::new().await;
    let loan = today("loan#b", 1, returned(1));
    office.publish(std::slice::from_ref(&loan)).await;
    let overdue = Message {
        overdue: vec!["b".to_owned(), "unknown".to_owned()],
        ..Message::default()
    };
    let mut queued = message("m", 1, vec![whole(&loan)]);
    queued.body = serde_json::to_string(&overdue).ok();
    let runner = office.runner::<14>(office.town.dynamo.client());
    let (response, report) = runner.handle_batch(batch(vec![queued])).await;
    assert_eq!((response.batch_item_failures, report.written), (vec![], 0));
}
