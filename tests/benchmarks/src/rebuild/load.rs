//! Continuous commands and reads.

use crate::rebuild::history::History;
use crate::rebuild::market::{Market, Read};
use anyhow::{Context, ensure};
use futures::stream::{FuturesUnordered, StreamExt};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// The number of consumers that place orders at a time. Newer consumers replace them, because an account's commands cost more with
/// each open authorization.
const CONSUMERS: usize = 200;
/// The number of most recently created consumers that place no orders, because they may not have an account yet.
const SETTLING: usize = 1_000;
const READERS: usize = 2;
/// Commands in flight. A machine that is too slow falls behind the rate, which the measured rate shows, instead of running out
/// of connections.
const UNDER_WAY: usize = 256;
/// One in this many commands places an order, which takes seventeen writes until it is approved.
const PER_ORDER: usize = 20;
/// The pause between two reads of a reader.
const PAUSE: Duration = Duration::from_millis(5);

pub(crate) struct Load {
    shared: Arc<Shared>,
    tasks: JoinSet<anyhow::Result<()>>,
    started: Instant,
}

struct Shared {
    market: Arc<Market>,
    history: Arc<History>,
    ended: AtomicBool,
    commands: AtomicU64,
    reads: AtomicU64,
    consumers: Mutex<Vec<String>>,
    /// The acknowledged orders.
    orders: Mutex<Vec<String>>,
    seen: Mutex<HashMap<String, Read>>,
    latencies: Mutex<Vec<Duration>>,
    read_latencies: Mutex<Vec<Duration>>,
}

impl Load {
    pub(crate) fn start(market: &Arc<Market>, history: &Arc<History>, per_second: f64) -> Self {
        let shared = Arc::new(Shared {
            market: market.clone(),
            history: history.clone(),
            ended: AtomicBool::new(false),
            commands: AtomicU64::new(0),
            reads: AtomicU64::new(0),
            consumers: Mutex::default(),
            orders: Mutex::default(),
            seen: Mutex::default(),
            latencies: Mutex::default(),
            read_latencies: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(shared.clone().commands(per_second));
        for reader in 0..READERS {
            tasks.spawn(shared.clone().reads(reader));
        }
        Self {
            shared,
            tasks,
            started: Instant::now(),
        }
    }

    /// Ends the load and checks that every acknowledged order is found. A failed command or read is an error.
    pub(crate) async fn end(mut self) -> anyhow::Result<String> {
        self.shared.ended.store(true, Relaxed);
        let seconds = self.started.elapsed().as_secs_f64();
        while let Some(ended) = self.tasks.join_next().await {
            ended??;
        }
        self.shared.market.quiet().await?;
        let orders = lock(&self.shared.orders).clone();
        for order in &orders {
            let story = self.shared.market.client.get(&format!("/orders/{order}")).await?;
            ensure!(story["status"] == "APPROVED", "an acknowledged order: {story}");
        }
        let (commands, reads) = (&self.shared.commands, &self.shared.reads);
        Ok(format!(
            "Beside it: {:.0} commands/s ({} orders among {}, all of them in the history and APPROVED), p50 {}, p99 {}; \
             {:.0} reads/s, p50 {}, p99 {}; none failed, and no document was older than in an earlier read.",
            commands.load(Relaxed) as f64 / seconds,
            orders.len(),
            commands.load(Relaxed),
            percentile(&self.shared.latencies, 50),
            percentile(&self.shared.latencies, 99),
            reads.load(Relaxed) as f64 / seconds,
            percentile(&self.shared.read_latencies, 50),
            percentile(&self.shared.read_latencies, 99),
        ))
    }
}

impl Shared {
    /// Sends commands at a fixed rate, whether or not the earlier ones have replies, up to a limit in flight.
    async fn commands(self: Arc<Self>, per_second: f64) -> anyhow::Result<()> {
        for n in 0..CONSUMERS {
            self.consumer(&format!("No {n}")).await?;
        }
        let mut pace = tokio::time::interval(Duration::from_secs_f64(1.0 / per_second));
        let mut under_way = FuturesUnordered::new();
        let mut n = 0;
        while !self.ended.load(Relaxed) {
            tokio::select! {
                _ = pace.tick(), if under_way.len() < UNDER_WAY => {
                    under_way.push(self.command(n));
                    n += 1;
                }
                Some(outcome) = under_way.next() => outcome?,
            }
        }
        while let Some(outcome) = under_way.next().await {
            outcome?;
        }
        Ok(())
    }

    /// Of twenty commands, one places an order, one creates a consumer, who gets an account, three revise a menu, and fifteen
    /// send an unchanged menu, which is decided but stores no event. With more writes, a machine with two slow cores has no
    /// capacity left for the rebuild, and the reactors' queues grow without limit.
    async fn command(&self, n: usize) -> anyhow::Result<()> {
        let asked = Instant::now();
        match n % PER_ORDER {
            0 => {
                let n = n / PER_ORDER;
                let consumer = self.ordering_consumer(n);
                let order = self.market.order(&consumer, n).await?;
                lock(&self.orders).push(order);
            }
            1 => self.consumer("Bob").await?,
            2..=4 => self.market.revise_menu(n).await?,
            _ => self.market.repeat_menu(n).await?,
        }
        lock(&self.latencies).push(asked.elapsed());
        self.commands.fetch_add(1, Relaxed);
        Ok(())
    }

    async fn consumer(&self, name: &str) -> anyhow::Result<()> {
        let consumer = self.market.client.consumer(name).await?;
        lock(&self.consumers).push(consumer);
        Ok(())
    }

    /// Returns one of the most recently created consumers that have an account.
    fn ordering_consumer(&self, n: usize) -> String {
        let consumers = lock(&self.consumers);
        let settled = consumers.len().saturating_sub(SETTLING).max(CONSUMERS);
        consumers[settled - CONSUMERS + n % CONSUMERS].clone()
    }

    async fn reads(self: Arc<Self>, reader: usize) -> anyhow::Result<()> {
        let mut chance = fastrand::Rng::with_seed(reader as u64);
        while !self.ended.load(Relaxed) {
            let asked = Instant::now();
            match chance.usize(0..3) {
                0 => {
                    self.read(&self.history.order(chance.usize(0..self.history.orders)))
                        .await?
                }
                1 => {
                    let orders = lock(&self.orders).clone();
                    if let Some(order) = orders.get(orders.len().saturating_sub(1 + chance.usize(0..50))) {
                        self.read(order).await?;
                    }
                }
                _ => {
                    let consumer = self.history.consumer(chance.usize(0..self.history.orders));
                    let page = self
                        .market
                        .client
                        .get(&format!("/orders?consumerId={consumer}"))
                        .await?;
                    let orders = page["orders"].as_array().context("a page has orders")?;
                    ensure!(!orders.is_empty(), "an empty page: {page}");
                }
            }
            lock(&self.read_latencies).push(asked.elapsed());
            self.reads.fetch_add(1, Relaxed);
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Reads an order with the token of its last read, and fails if the result is older.
    async fn read(&self, order: &str) -> anyhow::Result<()> {
        let known = lock(&self.seen).get(order).cloned();
        let token = known.as_ref().map(|known| known.token.as_str());
        let read = self.market.read(&format!("/orders/{order}"), token).await?;
        let mut seen = lock(&self.seen);
        for (source, before) in known.iter().flat_map(|known| &known.versions) {
            let now = read.versions.get(source);
            ensure!(
                now >= Some(before),
                "{order} is older than in an earlier read: {source} was {before} and is {now:?}"
            );
        }
        seen.insert(order.to_owned(), read);
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn percentile(latencies: &Mutex<Vec<Duration>>, percent: usize) -> String {
    let mut sorted = lock(latencies).clone();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    let latency = sorted.get(rank - 1).copied().unwrap_or_default();
    format!("{:.1} ms", latency.as_secs_f64() * 1_000.0)
}
