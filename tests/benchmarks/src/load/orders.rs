//! The loads.

use crate::client::{PRICE, menu};
use crate::load::measure::Orders;
use crate::load::rig::Rig;
use anyhow::ensure;
use futures::future::try_join_all;
use futures::stream::{FuturesUnordered, StreamExt};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// The largest page of the history.
const PAGE: usize = 100;

/// Measures the commands per second: each client changes the prices of its own restaurant.
pub(crate) async fn commands(rig: &Rig, clients: usize, time: Duration) -> anyhow::Result<f64> {
    let done = AtomicUsize::new(0);
    let started = Instant::now();
    let tasks = rig.restaurants.iter().take(clients).map(async |restaurant| {
        for price in ["12.35", PRICE].into_iter().cycle() {
            if started.elapsed() >= time {
                break;
            }
            rig.client.revise_menu(restaurant, &menu(price)).await?;
            done.fetch_add(1, Relaxed);
        }
        anyhow::Ok(())
    });
    try_join_all(tasks).await?;
    let rate = done.load(Relaxed) as f64 / started.elapsed().as_secs_f64();
    rig.quiet().await?;
    Ok(rate)
}

/// Places the n-th order, with consumers and restaurants in turn.
async fn one(rig: &Rig, n: usize) -> anyhow::Result<()> {
    let consumer = &rig.consumers[n % rig.consumers.len()];
    let restaurant = &rig.restaurants[n % rig.restaurants.len()];
    let order = rig.client.order(consumer, restaurant).await?;
    rig.seen.all_the_way(&order).await;
    Ok(())
}

/// Returns the writes and calls so far.
fn counts(rig: &Rig) -> (u64, u64) {
    (rig.seen.writes(), rig.seen.calls())
}

fn since(rig: &Rig, (writes, calls): (u64, u64)) -> (u64, u64) {
    (rig.seen.writes() - writes, rig.seen.calls() - calls)
}

/// Each client places an order, waits until it is complete, and places the next one.
pub(crate) async fn closed_loop(rig: &Rig, clients: usize, time: Duration) -> anyhow::Result<Orders> {
    rig.seen.take_lags();
    let before = counts(rig);
    let (done, started) = (AtomicUsize::new(0), Instant::now());
    let placed = AtomicUsize::new(0);
    let tasks = (0..clients).map(|_| {
        let (placed, done) = (&placed, &done);
        async move {
            while started.elapsed() < time {
                one(rig, placed.fetch_add(1, Relaxed)).await?;
                done.fetch_add(1, Relaxed);
            }
            anyhow::Ok(())
        }
    });
    try_join_all(tasks).await?;
    let elapsed = started.elapsed();
    let orders = Orders::new(
        done.load(Relaxed),
        since(rig, before),
        elapsed,
        rig.seen.take_lags(),
    );
    check_listed(rig, placed.load(Relaxed)).await?;
    Ok(orders)
}

/// Places orders at a fixed rate, whether or not earlier ones are complete.
pub(crate) async fn open_loop(rig: &Rig, per_second: f64, time: Duration) -> anyhow::Result<Orders> {
    rig.seen.take_lags();
    let (before, started) = (counts(rig), Instant::now());
    let mut pace = tokio::time::interval(Duration::from_secs_f64(1.0 / per_second.max(1.0)));
    let mut under_way = FuturesUnordered::new();
    let mut done = 0;
    let mut n = 0;
    while started.elapsed() < time {
        tokio::select! {
            _ = pace.tick() => {
                under_way.push(one(rig, n));
                n += 1;
            }
            Some(outcome) = under_way.next() => {
                outcome?;
                done += 1;
            }
        }
    }
    while let Some(outcome) = under_way.next().await {
        outcome?;
        done += 1;
    }
    Ok(Orders::new(
        done,
        since(rig, before),
        started.elapsed(),
        rig.seen.take_lags(),
    ))
}

/// Checks the interceptor's result from a client's view: the history lists for each consumer as many orders as were placed, or
/// a full page.
async fn check_listed(rig: &Rig, placed: usize) -> anyhow::Result<()> {
    let consumers = rig.consumers.len();
    for (n, consumer) in rig.consumers.iter().enumerate() {
        let page = rig
            .client
            .get(&format!("/orders?consumerId={consumer}&limit={PAGE}"))
            .await?;
        let orders = page["orders"].as_array().cloned().unwrap_or_default();
        let theirs = placed / consumers + usize::from(n < placed % consumers);
        ensure!(
            orders.len() == theirs.min(PAGE),
            "{theirs} orders were placed for {consumer}: {page}"
        );
        ensure!(
            orders.iter().all(|order| order["status"] == "APPROVED"),
            "not all approved: {page}"
        );
    }
    Ok(())
}
