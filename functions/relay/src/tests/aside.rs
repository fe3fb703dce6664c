//! What the relay puts aside so that its stream goes on.

use super::queues::Queues;
use super::records::{event, event_of, record, small};
use crate::{Destination, Relay, RelayError};
use aws_lambda_events::dynamodb::Event;
use commit::{Commit, Parcel};
use projection::operations::{Heal, NotACommit, SweepAfter, Task};
use std::time::Duration;
use tokio::time::Instant;

fn relay<'a>(queues: &'a Queues, names: &[&str]) -> Relay<&'a Queues> {
    let destinations = names
        .iter()
        .map(|name| Destination::new(name, &format!("{name}.fifo"), &[]));
    Relay::new(queues, destinations.collect(), 64)
}

/// Handles a batch as within the function's timeout, and returns the sequence number to continue from.
async fn handed_over(relay: &Relay<&Queues>, event: Event) -> Result<Option<String>, RelayError> {
    let response = relay
        .handle(event, Instant::now() + Duration::from_secs(59))
        .await?;
    let failure = response.batch_item_failures.into_iter().next();
    Ok(failure.and_then(|failure| failure.item_identifier))
}

fn heal(subscriber: &str, commits: &[Commit]) -> Task {
    Task::Heal(Heal {
        subscriber: subscriber.to_owned(),
        commits: commits.iter().map(Commit::key).collect(),
        ..Heal::default()
    })
}

#[tokio::test(start_paused = true)]
async fn f3_commits_of_a_queue_that_refuses_are_put_aside_and_the_others_go_on() {
    let queues = Queues::with_worker();
    queues.refuse("late.fifo", true);
    let relay = relay(&queues, &["late", "fine"]);
    let commits = [small("order#ord_1", 1), small("order#ord_2", 1)];
    assert_eq!(handed_over(&relay, event_of(&commits)).await, Ok(None));
    assert_eq!(queues.parcels("fine.fifo").len(), 2);
    assert_eq!(queues.aside(), [heal("late", &commits)]);
}

#[tokio::test(start_paused = true)]
async fn f3_queue_that_refused_is_asked_once_until_it_accepts() {
    let queues = Queues::with_worker();
    queues.refuse("late.fifo", true);
    let relay = relay(&queues, &["late", "fine"]);
    let mut took = Vec::new();
    for version in 1..=3 {
        if version == 3 {
            queues.refuse("late.fifo", false);
        }
        let began = Instant::now();
        let answer = handed_over(&relay, event_of(&[small("order#ord_1", version)])).await;
        assert_eq!(answer, Ok(None));
        took.push(began.elapsed());
    }
    assert!(
        took[0] >= Duration::from_secs(15) && took[0] <= Duration::from_secs(20),
        "{took:?}"
    );
    assert_eq!(took[1..], [Duration::ZERO; 2]);
    assert_eq!(queues.aside().len(), 2);
    assert_eq!(
        queues.parcels("late.fifo"),
        [Parcel::Whole(small("order#ord_1", 3))]
    );
}

#[tokio::test(start_paused = true)]
async fn f3_stream_waits_while_every_queue_refuses() {
    let queues = Queues::with_worker();
    queues.refuse("a.fifo", true);
    queues.refuse("b.fifo", true);
    let relay = relay(&queues, &["a", "b"]);
    let commits = [small("order#ord_1", 1)];
    let answer = handed_over(&relay, event_of(&commits)).await;
    assert!(matches!(answer, Err(RelayError::NoProgress { .. })), "{answer:?}");
    assert_eq!(queues.aside(), []);
    tokio::time::advance(Duration::from_secs(600)).await;
    assert_eq!(handed_over(&relay, event_of(&commits)).await, Ok(None));
    assert_eq!(queues.aside(), [heal("a", &commits), heal("b", &commits)]);
}

#[tokio::test(start_paused = true)]
async fn f3_stream_waits_while_sqs_is_down() {
    let queues = Queues::with_worker();
    queues.refuse("late.fifo", true);
    queues.refuse("tasks", true);
    let relay = relay(&queues, &["late", "fine"]);
    let answer = handed_over(&relay, event_of(&[small("order#ord_1", 1)])).await;
    assert_eq!(answer, Ok(Some("100".into())));
}

#[tokio::test(start_paused = true)]
async fn f3_long_refusal_costs_one_sweep_and_not_a_task_per_commit() {
    let queues = Queues::with_worker();
    queues.refuse("late.fifo", true);
    let relay = relay(&queues, &["late", "fine"]);
    let (mut keys, mut sweeps) = (0, 0);
    for version in 1..=200 {
        let commits: Vec<_> = (0..100)
            .map(|n| small(&format!("order#ord_{n}"), version))
            .collect();
        assert_eq!(handed_over(&relay, event_of(&commits)).await, Ok(None));
        tokio::time::advance(Duration::from_secs(3)).await;
        for task in queues.aside() {
            match task {
                Task::Heal(heal) => keys += heal.commits.len(),
                Task::SweepAfter(SweepAfter { after: None, .. }) => sweeps += 1,
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(keys, 1_000);
    // Each covers four minutes of the ten.
    assert_eq!(sweeps, 3);
}

#[tokio::test]
async fn f4_item_that_is_not_a_commit_is_put_aside_and_the_stream_goes_on() {
    let queues = Queues::with_worker();
    let mut broken = record(8, &small("order#ord_9", 3));
    broken.change.new_image.remove("e");
    let records = vec![
        record(7, &small("order#ord_1", 1)),
        broken,
        record(9, &small("order#ord_2", 1)),
    ];
    assert_eq!(
        handed_over(&relay(&queues, &["q"]), event(records)).await,
        Ok(None)
    );
    assert_eq!(queues.parcels("q.fifo").len(), 2);
    let item = NotACommit {
        table: "orders-events".to_owned(),
        stream: Some("order#ord_9".to_owned()),
        version: Some("3".to_owned()),
    };
    assert_eq!(queues.aside(), [Task::NotACommit(item)]);
}
