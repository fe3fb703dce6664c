//! SQS FIFO queues in memory, with the rules that subscribers rely on: order within a message group, one batch of a group
//! at a time, batches of at most ten, a deduplication window, redelivery with `ApproximateReceiveCount`, dead letters.

mod consumer;
mod fifo;
mod lags;
mod recent;

pub use fifo::DeadLetter;
pub(crate) use fifo::Envelope;

use crate::outstanding::Outstanding;
use fifo::{Delivery, Fifo};
use jiff::Timestamp;
use lags::Lags;
use operations::Numbers;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

/// Messages that a queue holds before senders wait. With the relay's 256 KB per message as the worst case, about 1 GB;
/// with the usual message of a few commits, some 10 MB.
const CAPACITY: usize = 4_096;

/// One subscriber's queue.
#[derive(Debug)]
pub(crate) struct Queue {
    name: &'static str,
    fifo: Mutex<Fifo>,
    lags: Mutex<Lags>,
    changed: Notify,
    room: Semaphore,
    outstanding: Outstanding,
}

impl Queue {
    pub(crate) fn new(name: &'static str, outstanding: Outstanding) -> Arc<Self> {
        Arc::new(Self {
            name,
            fifo: Mutex::default(),
            lags: Mutex::default(),
            changed: Notify::new(),
            room: Semaphore::new(CAPACITY),
            outstanding,
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    fn fifo(&self) -> MutexGuard<'_, Fifo> {
        // Nothing in there can be left half done by a panic that would matter more than going on.
        self.fifo.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lags(&self) -> MutexGuard<'_, Lags> {
        self.lags.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a message in, as soon as there is room: a slow subscriber slows its relays down instead of filling the
    /// memory. A repeated deduplication id is accepted and dropped.
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

    fn left(&self, count: usize) {
        self.room.add_permits(count);
        self.outstanding.done(count);
    }

    /// The next batch, when there is one. It waits without polling; only one task may wait at a time.
    async fn receive(&self) -> Vec<Delivery> {
        loop {
            let wake = {
                let mut fifo = self.fifo();
                let batch = fifo.receive(Instant::now());
                if !batch.is_empty() {
                    return batch;
                }
                fifo.next_wake()
            };
            match wake {
                Some(wake) => tokio::select! {
                    () = self.changed.notified() => {}
                    () = tokio::time::sleep_until(wake) => {}
                },
                None => self.changed.notified().await,
            }
        }
    }

    fn settle(&self, batch: &[Delivery], failed: &HashSet<String>) {
        let settled = self.fifo().settle(batch, failed, Instant::now());
        for letter in &settled.dead {
            tracing::error!(
                queue = self.name,
                message = letter.id,
                group = letter.group,
                "a message was received too often and is now a dead letter"
            );
        }
        let (time, now) = (Timestamp::now(), Instant::now());
        for delivery in batch.iter().filter(|delivery| !failed.contains(&delivery.id)) {
            self.lags().note(&delivery.body, time, now);
        }
        self.left(settled.left);
        self.changed.notify_one();
    }

    /// As SQS and CloudWatch tell them of a queue. Its dead letters are those since the start of the process.
    pub(crate) fn numbers(&self) -> Numbers {
        let now = Instant::now();
        let (messages, in_flight, oldest) = self.fifo().depth();
        let queue = operations::Queue {
            messages: (messages - in_flight) as u64,
            in_flight: in_flight as u64,
            oldest_seconds: oldest.map(|sent| now.saturating_duration_since(sent).as_secs()),
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
        self.fifo().dead_letters()
    }
}
