//! SQS FIFO queues in memory. The crate `fifo` has the rules; this module adds capacity, waiting and lags.

mod consumer;
mod lags;

pub use fifo::DeadLetter;
pub(crate) use fifo::Envelope;

use crate::outstanding::Outstanding;
use fifo::{Delivery, Fifo, Outcome, Received};
use function::settings::{MAX_RECEIVE_COUNT, QUEUE_BATCH};
use jiff::Timestamp;
use lags::Lags;
use operations::Numbers;
use projection::pause;
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

/// The most messages of a queue; further senders wait. About 1 GB in the worst case of 256 KB per message, the relay's limit;
/// about 10 MB with typical messages of a few commits.
const CAPACITY: usize = 4_096;

/// One subscriber's queue.
#[derive(Debug)]
pub(crate) struct Queue {
    name: &'static str,
    fifo: Mutex<Fifo>,
    lags: Mutex<Lags>,
    changed: Notify,
    /// The dead letters that the worker has not taken yet.
    untaken: Mutex<VecDeque<DeadLetter>>,
    died: Notify,
    room: Semaphore,
    outstanding: Outstanding,
}

impl Queue {
    /// Creates an empty queue that hides a message for `visibility` after it was received.
    pub(crate) fn new(name: &'static str, visibility: Duration, outstanding: Outstanding) -> Arc<Self> {
        Arc::new(Self {
            name,
            fifo: Mutex::new(Fifo::new(visibility)),
            lags: Mutex::default(),
            changed: Notify::new(),
            untaken: Mutex::default(),
            died: Notify::new(),
            room: Semaphore::new(CAPACITY),
            outstanding,
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    fn fifo(&self) -> MutexGuard<'_, Fifo> {
        // No state that a panic could leave inconsistent is worth stopping for.
        self.fifo.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lags(&self) -> MutexGuard<'_, Lags> {
        self.lags.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Accepts a message as soon as there is room: a slow subscriber slows its relays down instead of filling the memory. A
    /// repeated deduplication id is accepted and dropped.
    pub(crate) async fn send(&self, message: Envelope) {
        if let Ok(room) = self.room.acquire().await {
            room.forget();
        }
        self.outstanding.add(1);
        if self.fifo().send(message, Instant::now()) {
            self.changed.notify_one();
        } else {
            self.left(1);
        }
    }

    /// Waits for the next dead letter. Only one task may wait at a time.
    pub(crate) async fn next_dead_letter(&self) -> DeadLetter {
        loop {
            let next = self
                .untaken
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop_front();
            match next {
                Some(letter) => return letter,
                None => self.died.notified().await,
            }
        }
    }

    fn left(&self, count: usize) {
        self.room.add_permits(count);
        self.outstanding.done(count);
    }

    /// Waits for the next batch, without polling. Only one task may wait at a time.
    async fn receive(&self) -> Vec<Delivery> {
        loop {
            let now = Instant::now();
            let Received { batch, dead, .. } = self.fifo().receive(now, QUEUE_BATCH);
            self.report(&dead);
            if !batch.is_empty() {
                return batch;
            }
            let wake = self.fifo().next_shown(now);
            match wake {
                Some(wake) => tokio::select! {
                    () = self.changed.notified() => {}
                    () = tokio::time::sleep_until(wake) => {}
                },
                None => self.changed.notified().await,
            }
        }
    }

    fn report(&self, dead: &[DeadLetter]) {
        for letter in dead {
            tracing::error!(
                queue = self.name,
                message = letter.id,
                group = letter.group,
                "a message was received too often and became a dead letter"
            );
        }
        if !dead.is_empty() {
            let mut untaken = self.untaken.lock().unwrap_or_else(PoisonError::into_inner);
            untaken.extend(dead.iter().cloned());
            // Without a worker nobody takes them.
            let surplus = untaken.len().saturating_sub(CAPACITY);
            untaken.drain(..surplus);
            self.died.notify_one();
        }
        self.left(dead.len());
    }

    fn settle(&self, batch: &[Delivery], failed: &HashSet<String>) {
        let outcome = |delivery: &Delivery| match failed.contains(&delivery.id) {
            false => Outcome::Deleted,
            // It only has to become a dead letter, for which its group need not wait.
            true if delivery.receive_count >= MAX_RECEIVE_COUNT => Outcome::ShownAfter(Duration::ZERO),
            true => Outcome::ShownAfter(pause(&delivery.message())),
        };
        let deleted = self.fifo().settle(batch, Instant::now(), outcome);
        let (time, now) = (Timestamp::now(), Instant::now());
        for delivery in batch.iter().filter(|delivery| !failed.contains(&delivery.id)) {
            self.lags().note(&delivery.body, time, now);
        }
        self.left(deleted);
        self.changed.notify_one();
    }

    /// Returns the numbers that SQS and CloudWatch report for a queue. Dead letters are counted since the start of the process.
    pub(crate) fn numbers(&self) -> Numbers {
        let now = Instant::now();
        let depth = self.fifo().depth();
        let queue = operations::Queue {
            messages: (depth.messages - depth.in_flight) as u64,
            in_flight: depth.in_flight as u64,
            oldest_seconds: depth
                .oldest
                .map(|sent| now.saturating_duration_since(sent).as_secs()),
            dead_letters: self.dead_total(),
        };
        Numbers {
            queue: Some(queue),
            lag: self.lags().lately(now),
        }
    }

    pub(crate) fn dead_total(&self) -> u64 {
        self.fifo().dead_total()
    }

    pub(crate) fn dead_letters(&self) -> Vec<DeadLetter> {
        self.fifo().dead_letters().cloned().collect()
    }
}
