//! The environment of a run: the tables, the clock, the random numbers, the faults and the trace.

use crate::dynamo::{
    Answer, CONDITION, CONFLICT, Engine, Item, Key, Look, Operation, Refusal, Written, reason,
};
use crate::faults::{Counts, Fault, Rates};
use crate::lambda::Invocation;
use crate::stream::Streams;
use crate::trace::Trace;
use commit::StreamId;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Arguments, Debug};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tables::TableDefinition;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard, oneshot};
use tokio::time::Instant;

/// The start of the virtual time, in milliseconds of Unix time.
pub(crate) const EPOCH: i64 = 1_763_985_600_000;

/// How long a transaction holds its items at most when others are to overlap with it, in milliseconds.
const LONGEST_TRANSACTION: u64 = 3_000;

/// The environment of one run.
pub(crate) struct World {
    started: Instant,
    /// Everything that writes to the tables holds it for reading, and a restore for writing.
    traffic: RwLock<()>,
    inner: Mutex<Inner>,
}

struct Inner {
    engine: Engine,
    /// The items of the transactions in flight.
    in_flight: BTreeSet<(String, Key)>,
    streams: Streams,
    random: fastrand::Rng,
    rates: Rates,
    counts: Counts,
    trace: Trace,
    calls: u64,
    numbers: u64,
    /// Pages end after this many items.
    page: usize,
    /// The usual upper limit of a call's duration, in milliseconds.
    latency: u64,
    /// The usual upper limit of a client's pause between commands, in milliseconds.
    rest: u64,
    /// The prefix of the functions whose next write is delayed, and the receiver of the notification.
    stall: Option<(String, oneshot::Sender<()>)>,
    /// The tables that refuse every write, and until when.
    outages: BTreeMap<String, u64>,
    /// The queues that refuse everything, with the time when they accept again.
    refusing: BTreeMap<String, u64>,
    /// The operation that the simulator does not support. The run has then failed, even if the panic was caught.
    unable: Option<&'static str>,
    /// The tables that were put back to an earlier time.
    put_back: BTreeSet<String>,
}

/// A deadline that is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deadline {
    /// When it passes, in milliseconds of the run.
    pub(crate) time: u64,
    /// The key of its document.
    pub(crate) document: String,
}

/// A call without a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    TimedOut,
    Reset,
}

/// The outcome of one call.
struct Fate {
    kill_before: bool,
    throttled: bool,
    conflict: Option<usize>,
    request_lost: bool,
    twice: bool,
    reply_lost: bool,
    kill_after: bool,
    before: u64,
    /// How long a transaction holds its items, if others are to overlap with it.
    during: Option<u64>,
    after: u64,
}

impl Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

impl World {
    /// Creates a world in a runtime whose clock is paused.
    pub(crate) fn new(seed: u64, readable: bool) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let rates = Rates::draw(&mut random);
        let page = [2, 3, 5, 25, 1_000][random.usize(..5)];
        let latency = [1, 5, 20, 100][random.usize(..4)];
        let rest = [500, 3_000, 30_000][random.usize(..3)];
        Self {
            started: Instant::now(),
            traffic: RwLock::new(()),
            inner: Mutex::new(Inner {
                engine: Engine::default(),
                in_flight: BTreeSet::new(),
                streams: Streams::default(),
                random,
                rates,
                counts: Counts::default(),
                trace: Trace::new(readable),
                calls: 0,
                numbers: 0,
                page,
                latency,
                rest,
                stall: None,
                outages: BTreeMap::new(),
                refusing: BTreeMap::new(),
                unable: None,
                put_back: BTreeSet::new(),
            }),
        }
    }

    /// Creates a world without faults and without delays.
    pub(crate) fn quiet() -> Self {
        let world = Self::new(0, false);
        {
            let mut inner = world.inner();
            (inner.rates, inner.latency, inner.page) = (Rates::calm(), 0, usize::MAX);
        }
        world
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the virtual time since the start, in milliseconds.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Draws from the random numbers.
    pub(crate) fn draw<T>(&self, draw: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        draw(&mut self.inner().random)
    }

    /// Returns whether this fault happens now, and counts it.
    pub(crate) fn happens(&self, fault: Fault) -> bool {
        self.inner().happens(fault)
    }

    /// Increases the rate of this fault from now on.
    pub(crate) fn favor(&self, fault: Fault) {
        self.inner().rates.favor(fault);
    }

    pub(crate) fn count(&self, fault: Fault) {
        self.inner().counts.add(fault, 1);
    }

    pub(crate) fn note(&self, event: Arguments<'_>) {
        let now = self.now();
        self.inner().trace.note(now, event);
    }

    /// Lets a table refuse every write for this many milliseconds.
    pub(crate) fn break_down(&self, table: &str, time: u64) {
        let until = self.now() + time;
        self.note(format_args!("{table} refuses writes until {until}"));
        self.inner().outages.insert(table.to_owned(), until);
    }

    /// Returns the marks that wait for their time in a subscriber's table: each stream, and the kind of its mark.
    pub(crate) fn due(&self, table: &str) -> Vec<(StreamId, String)> {
        let entries = self.partition(table, "due").into_iter().filter_map(|item| {
            let (_, place) = item.get("sk")?.as_s().ok()?.split_once('#')?;
            let (_, stream) = place.strip_prefix('g')?.split_once('#')?;
            Some((stream.parse().ok()?, item.get("kind")?.as_s().ok()?.clone()))
        });
        entries.collect()
    }

    /// Returns the deadlines in a reactor's table that are to be answered, unless a source of their document stands still.
    pub(crate) fn deadlines(&self, table: &str) -> Vec<Deadline> {
        let entries = self.partition(table, "deadlines").into_iter().filter_map(|item| {
            let (time, place) = item.get("sk")?.as_s().ok()?.split_once('#')?;
            let (_, document) = place.split_once('#')?;
            let deadline = Deadline {
                time: u64::try_from(time.parse::<i64>().ok()? - EPOCH).unwrap_or_default(),
                document: document.to_owned(),
            };
            (item.get("kind")?.as_s().ok()? == "deadline").then_some(deadline)
        });
        entries
            .filter(|deadline| {
                let document = self.partition(table, &format!("g1#{}", deadline.document));
                !document.iter().any(|item| item.contains_key("q"))
            })
            .collect()
    }

    /// Returns whether an entry of any kind is due now in a subscriber's table.
    pub(crate) fn anything_due(&self, table: &str) -> bool {
        let now = EPOCH + i64::try_from(self.now()).unwrap_or(i64::MAX - EPOCH);
        let is_due = |item: &Item| {
            let time = item.get("sk").and_then(|sk| sk.as_s().ok()?.split_once('#'));
            time.is_some_and(|(time, _)| time.parse::<i64>().is_ok_and(|time| time <= now))
        };
        let partitions = ["due", "deadlines"].into_iter();
        partitions
            .flat_map(|partition| self.partition(table, partition))
            .any(|item| is_due(&item))
    }

    /// Returns whether a queue refuses everything now: its permission, its key or the queue itself is missing for a while.
    pub(crate) fn refuses(&self, queue: &str) -> bool {
        let now = self.now();
        let mut inner = self.inner();
        if inner.refusing.get(queue).is_some_and(|until| now < *until) {
            return true;
        }
        let begins = inner.happens(Fault::QueueRefuses);
        if begins {
            let minutes = [1, 10, 120][inner.random.usize(..3)];
            inner.refusing.insert(queue.to_owned(), now + minutes * 60_000);
        }
        begins
    }

    /// Stops all faults. Pages of a few items are over as well: the checks read whole tables.
    pub(crate) fn calm(&self) {
        {
            let mut inner = self.inner();
            inner.rates = Rates::calm();
            inner.page = usize::MAX;
            inner.outages.clear();
            inner.refusing.clear();
        }
        self.note(format_args!("faults stop"));
    }

    pub(crate) fn create(&self, table: TableDefinition) {
        let mut inner = self.inner();
        if table.stream {
            let split = inner.happens(Fault::ShardSplit);
            inner.streams.open(&table.name, split);
        }
        inner.engine.create(table);
    }

    pub(crate) fn contents(&self, table: &str) -> Vec<Item> {
        self.inner().engine.contents(table)
    }

    /// Waits until writers are admitted. While the guard exists, nothing is put back.
    pub(crate) async fn admitted(&self) -> RwLockReadGuard<'_, ()> {
        self.traffic.read().await
    }

    /// Waits until nobody writes. While the guard exists, nobody does.
    pub(crate) async fn stopped(&self) -> RwLockWriteGuard<'_, ()> {
        self.traffic.write().await
    }

    /// Replaces all items of a table, as a restore does. Nothing of it is in the table's stream.
    pub(crate) fn put_back(&self, table: &str, items: Vec<Item>) {
        let mut inner = self.inner();
        inner.engine.put_back(table, items);
        inner.put_back.insert(table.to_owned());
    }

    /// Returns whether this table was put back.
    pub(crate) fn was_put_back(&self, table: &str) -> bool {
        self.inner().put_back.contains(table)
    }

    /// Returns the items of one partition.
    pub(crate) fn partition(&self, table: &str, partition: &str) -> Vec<Item> {
        self.inner().engine.partition(table, partition)
    }

    pub(crate) fn streams<T>(&self, look: impl FnOnce(&mut Streams) -> T) -> T {
        look(&mut self.inner().streams)
    }

    pub(crate) fn counts(&self) -> Counts {
        self.inner().counts.clone()
    }

    /// Returns the hash of the trace, the number of its events, the number of calls, and the text if requested.
    pub(crate) fn trace(&self) -> (u64, u64, u64, Option<String>) {
        let inner = self.inner();
        let text = inner.trace.text().map(str::to_owned);
        (inner.trace.hash(), inner.trace.events(), inner.calls, text)
    }

    pub(crate) fn unable(&self) -> Option<&'static str> {
        self.inner().unable
    }

    /// Returns a new number.
    pub(crate) fn number(&self) -> u64 {
        let mut inner = self.inner();
        inner.numbers += 1;
        inner.numbers
    }

    /// Pauses between two steps of a client or an operator.
    pub(crate) async fn rest(&self) {
        let most = self.inner().rest;
        self.pause(most).await;
    }

    /// Pauses for at most this many milliseconds.
    pub(crate) async fn pause(&self, most: u64) {
        let pause = self.draw(|random| random.u64(..=most));
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }

    /// Delays the next write of a subscriber's function for some seconds, and returns when it is delayed: the function then
    /// acts on a registry that the caller can change. Gives up after half a minute without a write.
    pub(crate) async fn stall(&self, subscriber: &str) {
        let (told, stalled) = oneshot::channel();
        self.inner().stall = Some((format!("{subscriber}/"), told));
        let _ = tokio::time::timeout(Duration::from_secs(30), stalled).await;
        self.inner().stall = None;
    }

    /// Executes one call to DynamoDB. At this point other tasks may run, and faults may happen.
    pub(crate) async fn call(&self, operation: Operation) -> Result<Answer, Broken> {
        let invocation = Invocation::current();
        let who = invocation.as_ref().map_or("-", |invocation| invocation.name());
        let now = self.now();
        let fate = self.inner().fate(&operation, invocation.as_deref(), now);
        if fate.kill_before
            && let Some(invocation) = &invocation
        {
            invocation.kill().await;
        }
        if fate.before > 0 {
            tokio::time::sleep(Duration::from_millis(fate.before)).await;
        }
        if fate.request_lost {
            self.note(format_args!("{who} {} is lost", operation.name()));
            return Err(Broken::TimedOut);
        }
        if fate.throttled {
            self.note(format_args!("{who} {} is throttled", operation.name()));
            let refusal = Refusal::new("ProvisionedThroughputExceededException");
            return Ok(Err(operation.refuse(refusal)));
        }
        if let Some(place) = fate.conflict {
            self.note(format_args!("{who} {} meets a transaction", operation.name()));
            return Ok(Err(operation.refuse(conflict(&operation, place))));
        }
        let held = match self.enter(&operation, &fate) {
            Ok(held) => held,
            Err(place) => {
                self.note(format_args!(
                    "{who} {} overlaps with a transaction",
                    operation.name()
                ));
                return Ok(Err(operation.refuse(conflict(&operation, place))));
            }
        };
        if let Some(during) = fate.during.filter(|_| held.is_some()) {
            tokio::time::sleep(Duration::from_millis(during)).await;
        }
        let mut answer = self.perform(who, &operation, &fate);
        drop(held);
        if fate.twice {
            answer = self.perform(who, &operation, &fate);
        }
        if fate.kill_after
            && let Some(invocation) = &invocation
        {
            invocation.kill().await;
        }
        if fate.after > 0 {
            tokio::time::sleep(Duration::from_millis(fate.after)).await;
        }
        if fate.reply_lost {
            return Err(Broken::Reset);
        }
        Ok(answer)
    }

    /// Lets an operation in, unless it overlaps with a transaction in flight; then returns the place of the item at which it
    /// does. A transaction holds its items until the returned value is dropped.
    fn enter(&self, operation: &Operation, fate: &Fate) -> Result<Option<InFlight<'_>>, usize> {
        let mut inner = self.inner();
        if fate.during.is_none() && inner.in_flight.is_empty() {
            return Ok(None);
        }
        let places = operation.places(&inner.engine);
        if let Some(place) = places.iter().position(|place| inner.in_flight.contains(place)) {
            inner.counts.add(Fault::Overlap, 1);
            return Err(place);
        }
        if fate.during.is_none() {
            return Ok(None);
        }
        inner.in_flight.extend(places.iter().cloned());
        Ok(Some(InFlight { world: self, places }))
    }

    fn perform(&self, who: &str, operation: &Operation, fate: &Fate) -> Answer {
        let now = self.now();
        let mut inner = self.inner();
        let inner = &mut *inner;
        // A panic from here on is the simulator's own and must not be handled by a subscriber.
        inner.unable = Some(operation.name());
        inner.calls += 1;
        inner.engine.now = now;
        let mut look = Look {
            behind: 0,
            page: inner.page,
        };
        if !operation.writes() && !operation.is_transaction() {
            let recent = inner.engine.recent(operation.table());
            if recent > 0 && inner.rates.happens(Fault::StaleRead, &mut inner.random) {
                look.behind = inner.random.usize(..=recent);
            }
        }
        let part = inner.rates.happens(Fault::PartBatch, &mut inner.random);
        let from = inner.random.usize(..=operation.items());
        let mut left = 0;
        let mut written = Written::new();
        let place = operation.place(&inner.engine);
        let answer = operation.perform(&mut inner.engine, look, &mut written, &mut |place| {
            let processed = !part || place < from;
            left += u64::from(!processed);
            processed
        });
        inner.counts.add(Fault::PartBatch, u64::from(left > 0));
        inner.counts.add(Fault::StaleRead, u64::from(look.behind > 0));
        if let Err(refused) = &answer
            && refused.code == CONDITION
            && inner.engine.streams(operation.table())
        {
            inner.counts.add(Fault::Raced, 1);
        }
        let outcome = answer.as_ref().map_or_else(|refused| refused.code, |_| "ok");
        let lost = if fate.reply_lost { ", reply lost" } else { "" };
        let (name, table) = (operation.name(), operation.table());
        match place {
            Some(place) => inner
                .trace
                .note(now, format_args!("{who} {name} {table} {place}: {outcome}{lost}")),
            None => inner
                .trace
                .note(now, format_args!("{who} {name} {table}: {outcome}{lost}")),
        }
        for (table, key, item) in written {
            if inner.engine.streams(&table)
                && let Some(item) = item
            {
                let overtakes = inner.rates.happens(Fault::RecordOvertook, &mut inner.random);
                let back = if overtakes { inner.random.usize(1..4) } else { 0 };
                let overtook = inner.streams.write(&table, &key, item, back, now);
                inner.counts.add(Fault::RecordOvertook, u64::from(overtook));
            }
        }
        inner.unable = None;
        answer
    }
}

/// The items of a transaction in flight, until this is dropped: also when its caller was killed.
struct InFlight<'a> {
    world: &'a World,
    places: Vec<(String, Key)>,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let mut inner = self.world.inner();
        for place in &self.places {
            inner.in_flight.remove(place);
        }
    }
}

impl Inner {
    fn happens(&mut self, fault: Fault) -> bool {
        let happens = self.rates.happens(fault, &mut self.random);
        self.counts.add(fault, u64::from(happens));
        happens
    }

    fn fate(&mut self, operation: &Operation, invocation: Option<&Invocation>, now: u64) -> Fate {
        let invoked = invocation.is_some();
        let can_conflict = operation.is_transaction() || operation.writes();
        let kill_before = invoked && self.happens(Fault::KilledBefore);
        let slow = self.happens(Fault::SlowCall);
        let until = self.outages.get(operation.table());
        let outage = operation.writes() && until.is_some_and(|until| now < *until);
        self.counts.add(Fault::Outage, u64::from(outage));
        let throttled = outage || self.happens(Fault::Throttled);
        let conflict = can_conflict && !throttled && self.happens(Fault::Conflict);
        let done = !throttled && !conflict;
        let request_lost = done && self.happens(Fault::RequestLost);
        let done = done && !request_lost;
        let twice = done && self.happens(Fault::SentTwice);
        let kill_after = done && invoked && self.happens(Fault::KilledAfter);
        let reply_lost = done && self.happens(Fault::ReplyLost);
        let latency = self.latency;
        let before = if self.stalls(operation, invocation) {
            self.random.u64(5_000..25_000)
        } else if slow {
            self.random.u64(5_000..40_000)
        } else if is_sweeping(operation, invocation) && self.happens(Fault::HeldRead) {
            self.random.u64(1_000..15_000)
        } else {
            self.random.u64(..=latency)
        };
        let after = if self.random.u8(..4) == 0 {
            self.random.u64(..=latency)
        } else {
            0
        };
        let items = operation.items().max(1);
        let holds = matches!(operation, Operation::TransactWrite(_))
            && self.rates.happens(Fault::Overlap, &mut self.random);
        let during = holds.then(|| self.random.u64(1..=LONGEST_TRANSACTION));
        Fate {
            kill_before,
            throttled,
            conflict: conflict.then(|| self.random.usize(..items)),
            request_lost,
            twice,
            reply_lost,
            kill_after,
            before,
            during,
            after,
        }
    }

    /// Returns whether this is the write to be delayed.
    fn stalls(&mut self, operation: &Operation, invocation: Option<&Invocation>) -> bool {
        let Some(writer) = invocation.filter(|_| operation.writes()) else {
            return false;
        };
        let Some((_, told)) = self
            .stall
            .take_if(|(names, _)| writer.name().starts_with(names.as_str()))
        else {
            return false;
        };
        let stalls = told.send(()).is_ok();
        self.counts.add(Fault::Stalled, u64::from(stalls));
        stalls
    }
}

/// Returns whether a worker reads documents, to compare them.
fn is_sweeping(operation: &Operation, invocation: Option<&Invocation>) -> bool {
    matches!(operation, Operation::BatchGet(_))
        && invocation.is_some_and(|by| by.name().starts_with("worker/"))
}

/// Returns the error of a write that conflicted with a transaction, or of a transaction that conflicted with another one at
/// this item.
fn conflict(operation: &Operation, place: usize) -> Refusal {
    if !operation.is_transaction() {
        return Refusal::new(CONFLICT);
    }
    let reasons = (0..operation.items()).map(|item| match item == place {
        true => reason("TransactionConflict", None),
        false => reason("None", None),
    });
    Refusal::cancelled(reasons.collect())
}
