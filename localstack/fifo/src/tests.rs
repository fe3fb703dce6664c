//! Tests of the single rules.

use crate::recent::DEDUPLICATION_WINDOW;
use crate::{Delivery, Envelope, Fifo, Outcome};
use settings::{MAX_RECEIVE_COUNT, QUEUE_BATCH};
use std::time::Duration;
use tokio::time::Instant;

const VISIBILITY: Duration = Duration::from_secs(180);
const PAUSE: Duration = Duration::from_secs(1);

fn message(id: &str, group: &str) -> Envelope {
    Envelope {
        id: id.into(),
        group: group.into(),
        dedup: id.into(),
        body: format!("body of {id}"),
    }
}

fn queue(messages: &[(&str, &str)], now: Instant) -> Fifo {
    let mut fifo = Fifo::new(VISIBILITY);
    for (id, group) in messages {
        assert!(fifo.send(message(id, group), now));
    }
    fifo
}

fn ids(batch: &[Delivery]) -> Vec<&str> {
    batch.iter().map(|delivery| delivery.id.as_str()).collect()
}

fn receive(fifo: &mut Fifo, now: Instant) -> Vec<Delivery> {
    fifo.receive(now, QUEUE_BATCH).batch
}

fn settle(fifo: &mut Fifo, batch: &[Delivery], failed: &[&str], now: Instant) {
    fifo.settle(batch, now, |delivery| {
        match failed.contains(&delivery.id.as_str()) {
            true => Outcome::ShownAfter(PAUSE),
            false => Outcome::Deleted,
        }
    });
}

fn depth(fifo: &Fifo) -> (usize, usize, Option<Instant>) {
    let depth = fifo.depth();
    (depth.messages, depth.in_flight, depth.oldest)
}

#[test]
fn depth_counts_waiting_and_in_flight_messages_and_has_the_oldest_time() {
    let mut fifo = Fifo::new(VISIBILITY);
    let now = Instant::now();
    assert_eq!(depth(&fifo), (0, 0, None));
    fifo.send(message("1", "a"), now);
    let batch = receive(&mut fifo, now);
    fifo.send(message("2", "b"), now + Duration::from_secs(1));
    assert_eq!(depth(&fifo), (2, 1, Some(now)));
    settle(&mut fifo, &batch, &[], now);
    assert_eq!(depth(&fifo), (1, 0, Some(now + Duration::from_secs(1))));
}

#[test]
fn group_is_received_in_order() {
    let now = Instant::now();
    let mut fifo = queue(&[("1", "a"), ("2", "a"), ("3", "a")], now);
    assert_eq!(ids(&receive(&mut fifo, now)), ["1", "2", "3"]);
}

#[test]
fn group_in_flight_is_locked_and_others_are_not() {
    let now = Instant::now();
    let mut fifo = queue(&[("1", "a")], now);
    let first = receive(&mut fifo, now);
    fifo.send(message("2", "a"), now);
    fifo.send(message("3", "b"), now);
    assert_eq!(ids(&receive(&mut fifo, now)), ["3"]);
    settle(&mut fifo, &first, &[], now);
    assert_eq!(ids(&receive(&mut fifo, now)), ["2"]);
}

#[test]
fn batch_has_at_most_ten_messages() {
    let now = Instant::now();
    let names: Vec<String> = (0..25).map(|n| n.to_string()).collect();
    let mut fifo = queue(
        &names.iter().map(|id| (id.as_str(), "a")).collect::<Vec<_>>(),
        now,
    );
    let mut sizes = vec![];
    loop {
        let batch = receive(&mut fifo, now);
        if batch.is_empty() {
            break;
        }
        sizes.push(batch.len());
        settle(&mut fifo, &batch, &[], now);
    }
    assert_eq!(sizes, [10, 10, 5]);
}

#[test]
fn failed_messages_are_received_first_and_in_order_after_the_pause() {
    let now = Instant::now();
    let mut fifo = queue(&[("1", "a"), ("2", "a"), ("3", "a")], now);
    let batch = receive(&mut fifo, now);
    fifo.send(message("4", "a"), now);
    settle(&mut fifo, &batch, &["2", "3"], now);
    assert_eq!(receive(&mut fifo, now), []);
    let later = fifo.next_shown(now).unwrap();
    let again = receive(&mut fifo, later);
    assert_eq!(ids(&again), ["2", "3", "4"]);
    assert_eq!(
        again
            .iter()
            .map(|delivery| delivery.receive_count)
            .collect::<Vec<_>>(),
        [2, 2, 1]
    );
}

#[test]
fn message_whose_last_delivery_fails_is_a_dead_letter_and_the_group_continues() {
    let mut now = Instant::now();
    let mut fifo = queue(&[("poison", "a")], now);
    for attempt in 1..=MAX_RECEIVE_COUNT {
        let batch = receive(&mut fifo, now);
        assert_eq!(batch[0].receive_count, attempt);
        settle(&mut fifo, &batch, &["poison"], now);
        now = fifo.next_shown(now).unwrap_or(now);
    }
    fifo.send(message("next", "a"), now);
    assert_eq!(ids(&receive(&mut fifo, now)), ["next"]);
    assert_eq!(fifo.dead_total(), 1);
    assert_eq!(fifo.dead_letters().next().unwrap().body, "body of poison");
}

#[test]
fn deduplication_id_applies_within_its_group_for_five_minutes() {
    let now = Instant::now();
    let mut fifo = queue(&[("1", "a")], now);
    assert!(!fifo.send(
        message("1", "a"),
        now + DEDUPLICATION_WINDOW - Duration::from_secs(1)
    ));
    assert!(fifo.send(message("1", "b"), now));
    assert!(fifo.send(message("1", "a"), now + DEDUPLICATION_WINDOW));
}

#[test]
fn groups_take_turns() {
    let now = Instant::now();
    let mut fifo = queue(&[("1", "a"), ("2", "b"), ("3", "c")], now);
    let next = |fifo: &mut Fifo, again: &str| {
        let batch = fifo.receive(now, 1).batch;
        settle(fifo, &batch, &[], now);
        fifo.send(message(again, &batch[0].group), now);
        batch[0].id.clone()
    };
    let order = ["4", "5", "6", "7"].map(|again| next(&mut fifo, again));
    assert_eq!(order, ["1", "2", "3", "4"]);
    fifo.start_with(2);
    assert_eq!(next(&mut fifo, "8"), "6");
}

#[test]
fn unsettled_message_is_received_again_after_its_visibility_timeout() {
    let now = Instant::now();
    let mut fifo = queue(&[("1", "a")], now);
    let first = receive(&mut fifo, now);
    assert_eq!(fifo.next_shown(now), Some(now + VISIBILITY));
    let later = now + VISIBILITY;
    let again = fifo.receive(later, QUEUE_BATCH);
    assert_eq!(again.overdue, 1);
    assert_eq!(again.batch[0].receive_count, 2);
    // The first consumer's result is ignored, the second one's is applied.
    assert_eq!(fifo.settle(&first, later, |_| Outcome::Deleted), 0);
    assert_eq!(fifo.settle(&again.batch, later, |_| Outcome::Deleted), 1);
}

#[test]
fn settling_after_the_visibility_timeout_deletes_nothing() {
    let now = Instant::now();
    let mut fifo = queue(&[("1", "a")], now);
    let batch = receive(&mut fifo, now);
    let later = now + VISIBILITY;
    assert_eq!(fifo.settle(&batch, later, |_| Outcome::Deleted), 0);
    let again = fifo.receive(later, QUEUE_BATCH);
    assert_eq!((ids(&again.batch), again.overdue), (vec!["1"], 0));
}

#[test]
fn untouched_failure_waits_for_its_visibility_timeout() {
    let now = Instant::now();
    let mut fifo = queue(&[("1", "a"), ("2", "a")], now);
    let batch = receive(&mut fifo, now);
    fifo.settle(&batch, now + PAUSE, |_| Outcome::Untouched);
    assert_eq!(fifo.next_shown(now + PAUSE), Some(now + VISIBILITY));
    assert_eq!(ids(&receive(&mut fifo, now + VISIBILITY)), ["1", "2"]);
}

#[test]
fn dead_letters_are_taken_once() {
    let mut now = Instant::now();
    let mut fifo = queue(&[("poison", "a")], now);
    for _ in 0..MAX_RECEIVE_COUNT {
        assert_eq!(receive(&mut fifo, now).len(), 1);
        now += VISIBILITY;
    }
    let received = fifo.receive(now, QUEUE_BATCH);
    assert_eq!((received.batch.len(), received.dead.len()), (0, 1));
    let taken = fifo.take_dead();
    assert_eq!((taken.len(), taken[0].group.as_str()), (1, "a"));
    assert_eq!((fifo.take_dead().len(), fifo.dead_letters().count()), (0, 0));
}
