//! Stream records from successful commits.
//!
//! DynamoDB writes a stream record for every item that is put into a table. The engine under the embedded stack can do so too,
//! but at a cost that grows with every record. A commit is always exactly one `PutItem`, so the item that a service's client
//! wrote to an event table is also the record's content: [`Capture`] takes it from there, and one task per shard passes batches
//! of records to the relay in the form of the event that Lambda would receive.
//!
//! After a crash between the write and the record, the sweep at the next start finds the commit, or before that the next commit
//! of the same stream.

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

/// The number of shards per event table. Each is relayed separately, so one slow batch does not delay the others.
const SHARDS: u32 = 4;
/// The most records that wait in one shard, about 25 MB. Further records are dropped, which bounds the memory. A sweep finds
/// their commits in the authoritative event table when there is room again.
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

/// One shard: the records that the relay has not acknowledged yet, in order.
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

    /// Adds the record of an item that was written to an event table. Items of other tables are ignored.
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
                "the stream's backlog is full; records are dropped until a sweep finds their commits"
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

    /// Stops passing records to the relays; the records wait.
    pub(crate) fn pause(&self) {
        self.paused.send_replace(true);
    }

    /// Resumes.
    pub(crate) fn resume(&self) {
        self.paused.send_replace(false);
    }

    /// While `losing` is true, records are lost, like in a crash between the write and the relay.
    pub(crate) fn lose(&self, losing: bool) {
        self.losing.store(losing, Ordering::Relaxed);
    }

    /// Waits until records were dropped: a backlog was full, or the relay refused one too often.
    pub(crate) async fn lost(&self) {
        self.lost.notified().await;
    }
}
