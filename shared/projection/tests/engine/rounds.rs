//! F9: one scan of an event table serves all its subscribers, in parts that compare every document within a week.

use crate::desk::{Desk, Queue, now, pass};
use crate::library::{Library, Town, bought, commit, lent, stream};
use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use local_dynamodb::Faults;
use projection::operations::{RebuildOptions, State, Task, Worker, WorkerOptions};
use std::sync::Arc;
use std::time::Duration;
use testkit::Bench;
use tokio::time::Instant;

const HOUR: Duration = Duration::from_secs(3_600);
/// The hours of a round.
const WEEK: u32 = 7 * 24;

async fn town() -> Town {
    let town = Town::new().await;
    for number in 0..10 {
        town.publish(&stream(&format!("book#{number}"), &[bought("Title", "s")]))
            .await;
        town.publish(&stream(&format!("loan#{number}"), &[lent("ann")]))
            .await;
    }
    town
}

/// Returns the town's client with faults.
fn faulty(town: &Town) -> (Client, Faults) {
    let faults = Faults::default();
    let config = town.dynamo.config().http_client(faults.transport());
    (Client::from_conf(config.build()), faults)
}

/// Lets the hours pass. The schedule sends its task at the beginning of each.
async fn hours(desk: &Desk, hours: u32) {
    for _ in 0..hours {
        tick(desk).await;
        desk.work().await;
        pass(HOUR);
    }
}

async fn tick(desk: &Desk) {
    let task = Task::SweepRounds {};
    desk.worker.handle(task, Instant::now()).await.unwrap();
}

#[tokio::test]
async fn f9_lost_event_is_healed_within_a_week() {
    let town = town().await;
    town.commit(&[commit("loan#7", 2, &[lent("bob")])]).await;
    let desk = town.desk();
    hours(&desk, WEEK).await;
    let healed = town.stored("7").await.unwrap();
    assert_eq!(healed.book.member.as_deref(), Some("bob"));
    let documents = desk.control.overview().await.unwrap().documents;
    assert_eq!(documents.map(|(count, _)| count), Some(10));
}

#[tokio::test]
async fn f9_loss_of_the_last_day_is_healed_in_the_next_pass() {
    let town = town().await;
    let desk = town.desk();
    for number in 0..10 {
        let mut lost = commit(&format!("loan#{number}"), 2, &[lent("bob")]);
        lost.time = now();
        town.commit(&[lost]).await;
    }
    pass(HOUR);
    hours(&desk, 24).await;
    for number in 0..10 {
        let stored = town.stored(&number.to_string()).await.unwrap();
        assert_eq!(stored.book.member.as_deref(), Some("bob"), "book {number}");
    }
}

#[tokio::test]
async fn f9_commit_in_delivery_is_left_to_its_message() {
    let town = town().await;
    let desk = town.desk();
    let mut young = commit("loan#7", 2, &[lent("bob")]);
    young.time = now() + Duration::from_secs(WEEK.into()) * 3_600;
    town.commit(&[young]).await;
    hours(&desk, WEEK).await;
    assert_eq!(town.stored("7").await.unwrap().versions["loan"], 1);
}

/// A worker with the library and a reactor, which has no documents yet.
async fn two_subscribers(town: &Town, client: &Client, queue: &Arc<Queue>) -> Worker {
    let reactor = Bench::create(town.dynamo.client(), "clerk", &[]).await.unwrap();
    town.worker::<Library>(client, queue, WorkerOptions::default().page)
        .with_reactor(
            client.clone(),
            "clerk",
            reactor.view_table,
            &["loan"],
            town.bench.sources(&["loan"]),
        )
}

#[tokio::test]
async fn f9_one_scan_serves_every_subscriber() {
    let town = town().await;
    let (client, faults) = faulty(&town);
    let queue = Arc::new(Queue::default());
    let mut bench = town.bench.clone();
    bench.client = client.clone();
    let seen = Town {
        dynamo: town.dynamo,
        bench,
    };
    let worker = two_subscribers(&seen, &client, &queue).await;
    let desk = Desk {
        queue,
        worker,
        ..seen.desk()
    };
    hours(&desk, WEEK).await;
    assert_eq!(faults.requests("Scan").len(), WEEK as usize, "one page per part");
    let sent = desk.queue.sent.lock().unwrap();
    let keys = sent
        .iter()
        .map(|(to, message)| (to.as_str(), message.commits.len()));
    let keys: usize = keys
        .map(|(to, count)| if to == "clerk" { count } else { 0 })
        .sum();
    assert_eq!(keys, 10, "each document of the reactor is behind once");
}

#[tokio::test]
async fn f9_part_whose_task_was_lost_is_continued_by_the_schedule() {
    let town = town().await;
    town.commit(&[commit("loan#7", 2, &[lent("bob")])]).await;
    let desk = town.desk();
    // A worker that is down for six days, and loses its tasks.
    for _ in 0..6 {
        tick(&desk).await;
        assert_eq!(desk.queue.lose(), 1);
        pass(24 * HOUR);
    }
    hours(&desk, 24).await;
    assert_eq!(town.stored("7").await.unwrap().versions["loan"], 2);
}

#[tokio::test]
async fn f9_two_workers_on_a_part_count_it_once() {
    let town = town().await;
    let desk = town.desk();
    let part = async || {
        let table = town.bench.event_table.clone();
        let task = Task::SweepParts { table };
        desk.worker.handle(task, Instant::now()).await.unwrap();
    };
    for _ in 0..WEEK {
        tick(&desk).await;
        tokio::join!(part(), part());
        pass(HOUR);
    }
    let documents = desk.control.overview().await.unwrap().documents;
    assert_eq!(documents.map(|(count, _)| count), Some(10));
}

#[tokio::test]
async fn f9_round_that_is_not_complete_in_its_time_is_reported() {
    let town = town().await;
    let desk = town.desk();
    let overdue = async || {
        let captured = telemetry::capture();
        tick(&desk).await;
        captured.named("SweepRounds")[0].sum("RoundsOverdue")
    };
    assert_eq!(overdue().await, 0.0);
    desk.queue.lose();
    pass(HOUR * 24 * 9);
    assert_eq!(overdue().await, 1.0);
    desk.work().await;
    assert_eq!(overdue().await, 0.0);
}

#[tokio::test]
async fn f9_subscriber_that_cannot_be_compared_does_not_hold_back_the_others() {
    let town = town().await;
    town.commit(&[commit("loan#7", 2, &[lent("bob")])]).await;
    let desk = town.desk();
    let page = WorkerOptions::default().page;
    let client = town.dynamo.client();
    let worker = town.worker::<Library>(&client, &desk.queue, page).with_reactor(
        client.clone(),
        "nobody",
        "there-is-no-such-table",
        &["loan"],
        town.bench.sources(&["loan"]),
    );
    let desk = Desk { worker, ..desk };
    let captured = telemetry::capture();
    while captured.named("RoundEnded").is_empty() {
        hours(&desk, 1).await;
    }
    assert_eq!(town.stored("7").await.unwrap().versions["loan"], 2);
    let failed = captured.named("RunEnded").into_iter();
    let failed = failed.filter(|ended| ended.dimension_value("Subscriber") == Some("nobody"));
    assert_eq!(
        failed.map(|ended| ended.sum("RunsFailed")).sum::<f64>(),
        10.0,
        "in each part that has one of the ten loans"
    );
    assert_eq!(captured.named("RoundEnded")[0].sum("LeftOut"), 1.0);
}

#[tokio::test]
async fn f9_round_and_deep_sweep_do_not_wait_for_each_other() {
    let town = town().await;
    town.commit(&[commit("loan#7", 2, &[lent("bob")])]).await;
    let desk = town.desk();
    let deep = desk.control.start_sweep(true, None).await.unwrap();
    desk.queue.lose();
    tick(&desk).await;
    pass(HOUR * WEEK);
    desk.work().await;
    assert_eq!(town.stored("7").await.unwrap().versions["loan"], 2);
    let still = desk.control.sweep(deep.number).await.unwrap().unwrap();
    assert_eq!(still.ended, None::<Timestamp>);
}

#[tokio::test]
async fn f9_runs_whose_tasks_were_lost_are_continued_by_the_schedule() {
    let town = town().await;
    let desk = town.desk();
    let sweep = desk.control.start_sweep(true, None).await.unwrap();
    let options = RebuildOptions::default();
    let rebuild = desk.control.start_rebuild(&options).await.unwrap();
    desk.queue.lose();
    hours(&desk, 3).await;
    let sweep = desk.control.sweep(sweep.number).await.unwrap().unwrap();
    let rebuild = desk.control.rebuild(rebuild.generation).await.unwrap().unwrap();
    assert_eq!((sweep.state, rebuild.state), (State::Done, State::Ready));
}

#[tokio::test]
async fn f9_next_round_begins_a_week_after_the_last() {
    let town = town().await;
    let desk = town.desk();
    hours(&desk, WEEK).await;
    town.commit(&[commit("loan#7", 2, &[lent("bob")])]).await;
    hours(&desk, WEEK).await;
    assert_eq!(town.stored("7").await.unwrap().versions["loan"], 2);
}
