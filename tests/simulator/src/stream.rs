//! The streams of the event tables, and their event source mappings.

use crate::dynamo::{Item, Key, hash};
use crate::faults::Fault;
use crate::lambda::invoke;
use crate::queue::{QueueSink, Queues};
use crate::workshop::Workshop;
use crate::world::World;
use aws_lambda_events::dynamodb::{Event, EventRecord, StreamRecord};
use relay::Relay;
use settings::RELAY_TIMEOUT;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// All streams, by table.
#[derive(Default)]
pub(crate) struct Streams {
    tables: BTreeMap<String, Stream>,
    sequence: u64,
}

struct Stream {
    /// The first shard, and the two that it may be split into.
    shards: Vec<Shard>,
    /// The first shard is split after this many records.
    split_after: Option<usize>,
    arrived: Arc<Notify>,
}

#[derive(Default)]
struct Shard {
    /// The records, with the times when they were written.
    records: VecDeque<(u64, EventRecord)>,
    /// How many records from the front were read already; their order is fixed.
    read: usize,
    closed: bool,
}

impl Streams {
    pub(crate) fn open(&mut self, table: &str, split: bool) {
        let stream = Stream {
            shards: vec![Shard::default()],
            split_after: split.then_some(3),
            arrived: Arc::default(),
        };
        self.tables.insert(table.to_owned(), stream);
    }

    /// Adds the record of an item that was written now. Returns whether it overtook others.
    pub(crate) fn write(&mut self, table: &str, key: &Key, item: Item, back: usize, now: u64) -> bool {
        self.sequence += 1;
        let record = record(self.sequence, item);
        let Some(stream) = self.tables.get_mut(table) else {
            return false;
        };
        if let Some(left) = &mut stream.split_after {
            *left -= 1;
            if *left == 0 {
                stream.split_after = None;
                stream.shards[0].closed = true;
                stream.shards.extend([Shard::default(), Shard::default()]);
            }
        }
        let child = 1 + usize::from(hash(&key.partition) >> 31 == 1);
        let shard = if stream.shards[0].closed { child } else { 0 };
        let Shard { records, read, .. } = &mut stream.shards[shard];
        let place = records.len() - back.min(records.len() - *read);
        let overtook = place < records.len();
        records.insert(place, (now, record));
        stream.arrived.notify_waiters();
        overtook
    }

    /// Returns the number of records that no relay has sent.
    pub(crate) fn outstanding(&self) -> usize {
        let shards = self.tables.values().flat_map(|stream| &stream.shards);
        shards.map(|shard| shard.records.len()).sum()
    }

    fn shard(&mut self, table: &str, shard: usize) -> Option<&mut Shard> {
        let stream = self.tables.get_mut(table)?;
        // A child shard starts after its parent was read to the end.
        if shard > 0 && !(stream.shards[0].closed && stream.shards[0].records.is_empty()) {
            return None;
        }
        stream.shards.get_mut(shard)
    }

    fn arrived(&self, table: &str) -> Arc<Notify> {
        Arc::clone(&self.tables[table].arrived)
    }
}

fn record(sequence: u64, item: Item) -> EventRecord {
    let mut change = StreamRecord::default();
    change.new_image = serde_dynamo::Item::from(item);
    change.sequence_number = Some(format!("{sequence:021}"));
    let mut record = EventRecord::default();
    record.event_name = "INSERT".to_owned();
    record.change = change;
    record
}

/// The mapping between one shard and the relay.
pub(crate) struct Mapping {
    pub(crate) world: Arc<World>,
    pub(crate) table: String,
    pub(crate) shard: usize,
    pub(crate) batch: usize,
    /// The longest batching window, in milliseconds.
    pub(crate) window: u64,
    /// The maximum age of a record, in milliseconds.
    pub(crate) most_age: u64,
    pub(crate) relay: Arc<Relay<QueueSink>>,
    pub(crate) queues: Arc<Queues>,
    /// The consumer of the on-failure destination.
    pub(crate) workshop: Arc<Workshop>,
}

impl Mapping {
    /// Relays until it is dropped.
    pub(crate) async fn run(self) {
        let arrived = self.world.streams(|streams| streams.arrived(&self.table));
        let (mut size, mut attempt) = (self.batch, 0_u32);
        loop {
            let waiting = arrived.notified();
            let records = self.next(size);
            if records.is_empty() {
                waiting.await;
                // The batching window.
                self.world.pause(self.window).await;
                continue;
            }
            let taken = records.len();
            let done = self.relay(records).await;
            if done == taken && self.world.happens(Fault::CheckpointLost) {
                self.note(format_args!("forgets {taken} records"));
                continue;
            }
            self.acknowledge(done);
            if done == taken {
                (size, attempt) = (self.batch, 0);
                continue;
            }
            attempt = if done == 0 { attempt + 1 } else { 1 };
            let old = self.too_old().min(taken - done);
            if old > 0 {
                self.give_up(old);
                (size, attempt) = (self.batch, 0);
                continue;
            }
            if size > 1 {
                self.world.count(Fault::Bisected);
                size = size.min(taken).div_ceil(2);
            }
            self.world.pause(200 << attempt.min(9)).await;
        }
    }

    fn note(&self, what: std::fmt::Arguments<'_>) {
        self.world
            .note(format_args!("stream {}/{} {what}", self.table, self.shard));
    }

    fn next(&self, size: usize) -> Vec<EventRecord> {
        self.world.streams(|streams| {
            let Some(shard) = streams.shard(&self.table, self.shard) else {
                return Vec::new();
            };
            let records: Vec<EventRecord> = shard
                .records
                .iter()
                .take(size)
                .map(|(_, record)| record.clone())
                .collect();
            shard.read = shard.read.max(records.len());
            records
        })
    }

    /// Returns how many records from the front are older than the mapping allows.
    fn too_old(&self) -> usize {
        let now = self.world.now();
        self.world.streams(|streams| {
            let shard = streams.shard(&self.table, self.shard);
            let records = shard.iter().flat_map(|shard| &shard.records);
            records
                .take_while(|(written, _)| now - written > self.most_age)
                .count()
        })
    }

    /// Gives records from the front up. Their report goes to the on-failure destination.
    fn give_up(&self, count: usize) {
        self.acknowledge(count);
        (0..count).for_each(|_| self.world.count(Fault::GivenUp));
        self.note(format_args!("gives up {count} records"));
        self.workshop.lost_records(&self.table);
    }

    /// Removes records from the front.
    fn acknowledge(&self, count: usize) {
        self.world.streams(|streams| {
            let Some(shard) = streams.shard(&self.table, self.shard) else {
                return;
            };
            let count = count.min(shard.records.len());
            shard.records.drain(..count);
            shard.read -= count;
            if let Some(stream) = streams.tables.get(&self.table) {
                stream.arrived.notify_waiters();
            }
        });
    }

    /// Relays a batch and returns how many records from its front are done.
    async fn relay(&self, records: Vec<EventRecord>) -> usize {
        let sequences: Vec<Option<String>> = records
            .iter()
            .map(|record| record.change.sequence_number.clone())
            .collect();
        let name = format!("relay {}/{}", self.table, self.shard);
        self.note(format_args!("hands over {} records", sequences.len()));
        let mut event = Event::default();
        event.records = records;
        let deadline = tokio::time::Instant::now() + RELAY_TIMEOUT - Duration::from_secs(2);
        let handled = invoke(
            &self.world,
            name,
            RELAY_TIMEOUT,
            self.relay.handle(event, deadline),
        )
        .await;
        self.queues.wake();
        let Some(Ok(response)) = handled else {
            self.note(format_args!("the relay failed"));
            return 0;
        };
        let failed = response.batch_item_failures.first();
        failed.map_or(sequences.len(), |failure| {
            let failed = &failure.item_identifier;
            sequences
                .iter()
                .position(|sequence| sequence == failed)
                .unwrap_or(0)
        })
    }
}
