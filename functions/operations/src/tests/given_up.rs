//! What relays and queues gave up, as the worker's function receives it.

use crate::tests::desk::{Desk, available, joined};
use crate::{Origins, work};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use commit::{Commit, Message, Parcel, StreamId, lane};
use jiff::Timestamp;
use projection::operations::{ControlOptions, Heal, NotACommit, SweepAfter, Task};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

const QUEUE: &str = "arn:aws:sqs:eu-west-1:1:CouriersQueue.fifo";

fn origins() -> Origins {
    let one = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
    Origins {
        queues: one(
            "couriers",
            "https://sqs.eu-west-1.amazonaws.com/1/CouriersQueue.fifo",
        ),
        tables: one("courier", "events"),
    }
}

/// Hands a message to the worker's function. Returns whether it is deleted from its queue.
async fn handed(desk: &Desk, body: &str, attributes: &[(&str, &str)]) -> bool {
    let mut message = SqsMessage::default();
    message.message_id = Some("1".to_owned());
    message.body = Some(body.to_owned());
    for (name, value) in attributes {
        message.attributes.insert((*name).to_owned(), (*value).to_owned());
    }
    let mut batch = SqsEvent::default();
    batch.records.push(message);
    let response = work(&desk.worker, &origins(), batch, Instant::now()).await;
    response.batch_item_failures.is_empty()
}

async fn dead_letter(desk: &Desk, body: &str) -> bool {
    let attributes = [("MessageGroupId", "7"), ("DeadLetterQueueSourceArn", QUEUE)];
    handed(desk, body, &attributes).await
}

fn body(commits: &[Commit], dead: u32) -> String {
    let message = Message {
        dead,
        ..Message::of(commits.iter().cloned().map(Parcel::Whole).collect())
    };
    serde_json::to_string(&message).unwrap()
}

/// Returns the stream and the last version of each commit.
fn positions(message: &Message) -> Vec<(StreamId, u64)> {
    let commits = message.commits.iter();
    commits
        .map(|parcel| (parcel.stream().clone(), parcel.last()))
        .collect()
}

/// Returns how long the only waiting task waits.
fn pause(desk: &Desk) -> (Heal, Duration) {
    let Some(Task::Heal(heal)) = desk.bell.next() else {
        panic!("a task to heal")
    };
    let left = heal.due.unwrap().duration_since(Timestamp::now());
    (heal, Duration::try_from(left).unwrap())
}

#[tokio::test]
async fn f5_commits_of_a_dead_letter_are_sent_again_at_once() {
    let desk = Desk::new().await;
    let captured = telemetry::capture();
    let commits = [joined(1), available(1, 2)];
    assert!(dead_letter(&desk, &body(&commits, 0)).await);
    let sent = desk.bell.sent();
    let [(subscriber, message)] = &sent[..] else {
        panic!("one message: {sent:?}")
    };
    assert_eq!((subscriber.as_str(), message.dead), ("couriers", 1));
    assert!(matches!(message.commits[..], [Parcel::Key(_)]), "{message:?}");
    assert_eq!(positions(message), [(joined(1).stream, 2)]);
    assert_eq!(captured.named("GivenUp")[0].sum("GivenUp"), 2.0);
}

#[tokio::test]
async fn f5_dead_letter_of_an_unknown_queue_is_one_of_every_subscriber() {
    let desk = Desk::new().await;
    assert!(handed(&desk, &body(&[joined(1)], 0), &[("MessageGroupId", "7")]).await);
    assert_eq!(desk.bell.sent().len(), 1);
}

#[tokio::test]
async fn f5_commits_that_die_again_wait_longer_each_time() {
    let desk = Desk::new().await;
    for (dead, minutes) in [(1, 15), (2, 60), (3, 360), (40, 360)] {
        assert!(dead_letter(&desk, &body(&[joined(1)], dead)).await);
        let (heal, left) = pause(&desk);
        assert_eq!(heal.dead, dead + 1);
        let least = Duration::from_secs(minutes * 60 - 60);
        assert!(
            (least..=least + Duration::from_secs(60)).contains(&left),
            "{left:?}"
        );
        assert_eq!(desk.bell.sent(), []);
    }
}

#[tokio::test]
async fn f5_streams_that_die_again_are_sent_apart() {
    let desk = Desk::new().await;
    let lanes = ControlOptions::default().lanes;
    let lane = |commit: &Commit| lane(commit.stream.id(), lanes);
    let one = joined(1);
    let mut others = (2..).map(joined);
    let other = others.find(|other| lane(other) == lane(&one)).unwrap();
    let heal = Heal {
        subscriber: "couriers".to_owned(),
        commits: vec![one.key(), other.key()],
        dead: 2,
        ..Heal::default()
    };
    desk.worker
        .handle(Task::Heal(heal), Instant::now())
        .await
        .unwrap();
    let sent: Vec<usize> = desk
        .bell
        .sent()
        .iter()
        .map(|(_, message)| message.commits.len())
        .collect();
    assert_eq!(sent, [1, 1]);
}

#[tokio::test]
async fn f5_unreadable_dead_letter_has_its_subscriber_swept() {
    let desk = Desk::new().await;
    assert!(dead_letter(&desk, "not a message").await);
    let list = desk.get("/operations/views").await.expect(200);
    assert_eq!(list.body["views"][0]["sweeping"], 1);
}

#[tokio::test]
async fn f5_lost_stream_records_have_their_subscribers_swept_once() {
    let desk = Desk::with_couriers(1).await;
    desk.lose(&[joined(7)]).await;
    let report = json!({
        "requestContext": { "condition": "RecordAgeExceeded" },
        "DDBStreamBatchInfo": {
            "shardId": "shardId-1", "startSequenceNumber": "1", "endSequenceNumber": "2",
            "batchSize": 2, "streamArn": "arn:aws:dynamodb:eu-west-1:1:table/events/stream/2026-01-01T00:00:00.000"
        }
    });
    for _ in 0..2 {
        assert!(handed(&desk, &report.to_string(), &[]).await);
    }
    let mut turns = 0;
    while let Some(task) = desk.bell.next() {
        turns += 1;
        assert!(turns < 100, "tasks circulate for ever");
        desk.worker.handle(task, Instant::now()).await.unwrap();
    }
    let healed = desk
        .bell
        .sent()
        .into_iter()
        .flat_map(|(_, message)| message.commits);
    let healed: Vec<_> = healed.map(|parcel| parcel.stream().clone()).collect();
    assert!(healed.is_empty() || healed == [joined(7).stream], "{healed:?}");
    let sweeps = [1, 2, 3].map(async |number: u32| {
        let sweep = desk
            .get(&format!("/operations/views/couriers/sweeps/{number}"))
            .await;
        (sweep.status, sweep.body["state"].clone())
    });
    let [one, two, three] = sweeps;
    assert_eq!(one.await, (200, json!("DONE")));
    // The second report may have come while the first sweep had already begun.
    assert!(two.await.0 == 404 || three.await.0 == 404);
}

#[tokio::test]
async fn f3_commits_wait_with_growing_pauses_while_their_queue_refuses() {
    let desk = Desk::new().await;
    desk.bell.refuse(true);
    for (refused, seconds) in [(0, 30), (1, 60), (2, 120), (9, 900)] {
        let heal = Heal {
            subscriber: "couriers".to_owned(),
            commits: vec![joined(1).key()],
            refused,
            ..Heal::default()
        };
        desk.worker
            .handle(Task::Heal(heal), Instant::now())
            .await
            .unwrap();
        let (heal, left) = pause(&desk);
        assert_eq!(heal.refused, refused + 1);
        let least = Duration::from_secs(seconds - 10);
        assert!(
            (least..=least + Duration::from_secs(10)).contains(&left),
            "{left:?}"
        );
    }
}

#[tokio::test]
async fn f3_commits_are_sent_when_their_queue_is_back() {
    let desk = Desk::new().await;
    let heal = Heal {
        subscriber: "couriers".to_owned(),
        commits: vec![joined(1).key(), available(1, 2).key()],
        refused: 12,
        due: Some(Timestamp::UNIX_EPOCH),
        ..Heal::default()
    };
    desk.worker
        .handle(Task::Heal(heal), Instant::now())
        .await
        .unwrap();
    let sent = desk.bell.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(positions(&sent[0].1), [(joined(1).stream, 2)]);
    assert_eq!(desk.bell.next(), None);
}

#[tokio::test]
async fn f3_sweep_for_a_long_refusal_starts_when_the_queue_is_back() {
    let desk = Desk::new().await;
    let task = |after| {
        Task::SweepAfter(SweepAfter {
            subscriber: "couriers".to_owned(),
            after,
            postponed: 0,
        })
    };
    // It covers the next five minutes, so it does not begin before their end.
    desk.worker.handle(task(None), Instant::now()).await.unwrap();
    let Some(Task::SweepAfter(later)) = desk.bell.next() else {
        panic!("it waits")
    };
    assert!(later.after.unwrap() > Timestamp::now());
    desk.bell.refuse(true);
    desk.worker
        .handle(task(Some(Timestamp::UNIX_EPOCH)), Instant::now())
        .await
        .unwrap();
    assert!(matches!(desk.bell.next(), Some(Task::SweepAfter(_))));
    let sweeping = async || desk.get("/operations/views").await.body["views"][0]["sweeping"].clone();
    assert_eq!(sweeping().await, json!(null));
    desk.bell.refuse(false);
    desk.worker
        .handle(task(Some(Timestamp::UNIX_EPOCH)), Instant::now())
        .await
        .unwrap();
    assert_eq!(sweeping().await, json!(1));
}

#[tokio::test]
async fn f4_item_that_is_not_a_commit_is_announced_to_the_subscribers_of_its_stream() {
    let desk = Desk::new().await;
    let item = NotACommit {
        table: "events".to_owned(),
        stream: Some(joined(1).stream.to_string()),
        version: Some("3".to_owned()),
    };
    desk.worker
        .handle(Task::NotACommit(item), Instant::now())
        .await
        .unwrap();
    let sent = desk.bell.sent();
    assert_eq!(positions(&sent[0].1), [(joined(1).stream, 3)]);
}

#[tokio::test]
async fn f4_item_whose_key_names_no_stream_ends_in_the_dead_letter_queue_of_tasks() {
    let desk = Desk::new().await;
    let item = NotACommit {
        table: "events".to_owned(),
        stream: Some("no stream".to_owned()),
        version: Some("3".to_owned()),
    };
    let body = serde_json::to_string(&Task::NotACommit(item)).unwrap();
    assert!(!handed(&desk, &body, &[]).await);
}
