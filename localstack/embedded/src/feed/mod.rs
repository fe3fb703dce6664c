//! Stream records from successful commits.
//!
//! DynamoDB writes a stream record for every item that is put into a table. The engine under the embedded stack can do
//! so too, at a price that grows with every record. A commit is always exactly one `PutItem`, so what a service's client
//! wrote to an event table *is* the record: [`Capture`] takes it from there, and one task per shard hands batches of them
//! to the relay as the event that Lambda would get.
//!
//! What a crash cuts off between the write and the record is found by the sweep at the next start, and until then by the
//! next commit of the same stream.

mod capture;
mod poller;
mod record;

pub(crate) use capture::Capture;
pub(crate) use poller::StreamHandler;

use crate::outstanding::Outstanding;
use aws_lambda_events::dynamodb::EventRecord;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, watch};

/// Shards per event table: each is relayed on its own, so one slow batch does not hold up the others.
const SHARDS: u32 = 4;
/// Records that wait in one shard at most, some 25 MB. Beyond it a record is dropped, and a sweep makes up for it when
/// there is room again: memory stays bounded and nothing is lost, because the event table is the truth.
const BACKLOG: usize = 20_000;

/// The streams of all event tables.
#[derive(Debug)]
pub(crate) struct Feed {
    tables: HashMap<String, Vec<Arc<Shard>>>,
    paused: watch::Sender<bool>,
    losing: AtomicBool,
    lost: Notify,
    outstanding: Outstanding,
}

/// One shard: records that the relay has not acknowledged yet, in order.
#[derive(Debug, Default)]
struct Shard {
    backlog: Mutex<Backlog>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Backlog {
    records: VecDeque<EventRecord>,
    written: u64,
}

impl Shard {
    fn backlog(&self) -> MutexGuard<'_, Backlog> {
        self.backlog.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Feed {
    pub(crate) fn new(
        tables: impl IntoIterator<Item = impl Into<String>>,
        outstanding: Outstanding,
    ) -> Arc<Self> {
        let shards = || (0..SHARDS).map(|_| Arc::default()).collect();
        Arc::new(Self {
            tables: tables.into_iter().map(|table| (table.into(), shards())).collect(),
            paused: watch::Sender::new(false),
            losing: AtomicBool::new(false),
            lost: Notify::new(),
            outstanding,
        })
    }

    fn is_fed_by(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    /// Takes the record of an item that was written to an event table. Items of other tables are none of its business.
    fn written(&self, table: &str, item: HashMap<String, AttributeValue>) {
        let Some((table, shards)) = self.tables.get_key_value(table) else {
            return;
        };
        if self.losing.load(Ordering::Relaxed) {
            return;
        }
        let Some(AttributeValue::S(partition)) = item.get("pk") else {
            return;
        };
        let Some(shard) = shards.get(commit::lane(partition, SHARDS) as usize) else {
            return;
        };
        let mut backlog = shard.backlog();
        if backlog.records.len() >= BACKLOG {
            drop(backlog);
            tracing::warn!(
                table,
                "the stream's backlog is full: a sweep will find what is dropped now"
            );
            self.lost.notify_one();
            return;
        }
        self.outstanding.add(1);
        backlog.written += 1;
        let record = record::insert(table, backlog.written, item);
        backlog.records.push_back(record);
        drop(backlog);
        shard.arrived.notify_one();
    }

    /// Stops handing records to the relays; they wait.
    pub(crate) fn pause(&self) {
        self.paused.send_replace(true);
    }

    /// Goes on.
    pub(crate) fn resume(&self) {
        self.paused.send_replace(false);
    }

    /// While true, records are lost, as by a crash between the write and the relay.
    pub(crate) fn lose(&self, losing: bool) {
        self.losing.store(losing, Ordering::Relaxed);
    }

    /// Returns when records were dropped: a backlog was full, or the relay refused one too often.
    pub(crate) async fn lost(&self) {
        self.lost.notified().await;
    }
}
