//! Runs at half of the maximum rate for a long time.

use crate::client::{Client, PRICE, menu};
use crate::endure::program::Program;
use anyhow::ensure;
use futures::stream::{FuturesUnordered, StreamExt};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const MEASURE: Duration = Duration::from_secs(30);
/// The timeout of one view's sweep, which reads everything that was written, document by document.
const SWEEP: Duration = Duration::from_secs(3_600);
const CLIENTS: usize = 16;
/// Orders of one consumer.
const ORDERS: usize = 20;
/// Rows of the table.
const ROWS: u32 = 12;
/// One in this many orders is followed to its end, which measures the lag that a client sees.
const FOLLOWED: usize = 10;
/// The limit for the growth of memory and lag from the second row to the last.
const GROWTH: f64 = 1.2;

struct Row {
    orders: f64,
    memory: f64,
    p50: Duration,
    p99: Duration,
    queued: u64,
}

pub(crate) async fn run(time: Duration) -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let program = Program::start(data.path()).await?;
    let client = Client::new(&program.url)?;
    let most = most(&client).await?;
    client.quiet().await?;
    println!(
        "Maximum: {most:.0} orders/s all the way, with the data in a folder. Half of it from here on.\n"
    );
    println!("| minutes | orders/s | resident memory | lag p50 | lag p99 | queued |");
    println!("| ---: | ---: | ---: | ---: | ---: | ---: |");
    let rows = half(&client, &program, most / 2.0, time).await?;
    client.quiet().await?;
    let (queued, dead) = client.queued().await?;
    println!("\nAt the end: {queued} messages, {dead} dead letters.");
    ensure!(queued == 0 && dead == 0, "the queues are not empty");
    if let (Some(second), Some(last)) = (rows.get(1), rows.last()) {
        ensure!(last.memory < second.memory * GROWTH, "memory grows");
        ensure!(
            last.p50 < second.p50.mul_f64(GROWTH) + Duration::from_millis(5),
            "lag grows"
        );
    }
    let compared = client.swept(SWEEP).await?;
    println!("{compared} documents compared with the fold of their events, no difference.");
    program.kill().await
}

/// Measures the orders per second when each client waits for its own order.
async fn most(client: &Client) -> anyhow::Result<f64> {
    let done = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (client, done) = (client.clone(), done.clone());
        clients.spawn(async move {
            let restaurant = client.restaurant(&menu(PRICE)).await?;
            while started.elapsed() < MEASURE {
                let consumer = client.consumer("Ada").await?;
                for _ in 0..ORDERS {
                    let order = client.order(&consumer, &restaurant).await?;
                    client.approved(&order).await?;
                    done.fetch_add(1, Relaxed);
                }
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = clients.join_next().await {
        ended??;
    }
    Ok(done.load(Relaxed) as f64 / started.elapsed().as_secs_f64())
}

/// Sends the same load at this rate: as many consumers at a time, each with as many orders.
async fn half(
    client: &Client,
    program: &Program,
    per_second: f64,
    time: Duration,
) -> anyhow::Result<Vec<Row>> {
    let mut consumers = vec![String::new(); CLIENTS];
    let mut restaurants = Vec::with_capacity(CLIENTS);
    for _ in 0..CLIENTS {
        restaurants.push(client.restaurant(&menu(PRICE)).await?);
    }
    let lags = Mutex::new(Vec::new());
    let done = AtomicUsize::new(0);
    let mut pace = tokio::time::interval(Duration::from_secs_f64(1.0 / per_second.max(1.0)));
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut under_way = FuturesUnordered::new();
    let (mut rows, mut n) = (Vec::new(), 0_usize);
    let row = time / ROWS;
    for number in 1..=ROWS {
        let started = Instant::now();
        let before = done.load(Relaxed);
        while started.elapsed() < row {
            tokio::select! {
                _ = pace.tick() => {
                    let party = n % CLIENTS;
                    if (n / CLIENTS).is_multiple_of(ORDERS) {
                        consumers[party] = client.consumer("Ada").await?;
                    }
                    let consumer = consumers[party].clone();
                    let followed = n.is_multiple_of(FOLLOWED);
                    under_way.push(one(client, consumer, &restaurants[party], followed, &lags, &done));
                    n += 1;
                }
                Some(outcome) = under_way.next() => outcome?,
            }
        }
        let (queued, _) = client.queued().await?;
        let mut here = std::mem::take(&mut *lock(&lags));
        here.sort_unstable();
        let at = |percent: usize| {
            let rank = (here.len() * percent).div_ceil(100).max(1);
            here.get(rank - 1).copied().unwrap_or_default()
        };
        let row = Row {
            orders: (done.load(Relaxed) - before) as f64 / started.elapsed().as_secs_f64(),
            memory: program.memory()?,
            p50: at(50),
            p99: at(99),
            queued,
        };
        println!(
            "| {:.0} | {:.1} | {:.0} MB | {:.1} ms | {:.1} ms | {} |",
            (time / ROWS * number).as_secs_f64() / 60.0,
            row.orders,
            row.memory,
            row.p50.as_secs_f64() * 1_000.0,
            row.p99.as_secs_f64() * 1_000.0,
            row.queued
        );
        rows.push(row);
    }
    while let Some(outcome) = under_way.next().await {
        outcome?;
    }
    Ok(rows)
}

async fn one(
    client: &Client,
    consumer: String,
    restaurant: &str,
    followed: bool,
    lags: &Mutex<Vec<Duration>>,
    done: &AtomicUsize,
) -> anyhow::Result<()> {
    let order = client.order(&consumer, restaurant).await?;
    let placed = Instant::now();
    if followed {
        client.approved(&order).await?;
        lock(lags).push(placed.elapsed());
    }
    done.fetch_add(1, Relaxed);
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
