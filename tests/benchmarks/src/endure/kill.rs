//! Repeats `kill -9` at a random moment under load.

use crate::client::{Client, PATIENCE, PRICE, menu};
use crate::endure::program::Program;
use anyhow::{Context, ensure};
use indicatif::ProgressBar;
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const CLIENTS: usize = 4;
/// How long the program runs after it is ready.
const LIFE_MILLISECONDS: std::ops::Range<u64> = 200..1_500;
/// The number of rounds from one rebuild to the next.
const REBUILD_EVERY: u32 = 5;
const VIEW: &str = "/operations/views/order-history/rebuilds";

#[derive(Default)]
struct Acknowledged {
    orders: Vec<String>,
    consumers: Vec<String>,
}

pub(crate) async fn run(times: u32) -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let acknowledged = Arc::new(Mutex::new(Acknowledged::default()));
    let mut chance = fastrand::Rng::with_seed(9);
    let (mut compared, mut slowest, mut interrupted, mut finished) = (0, Duration::ZERO, 0, 0);
    let progress = ProgressBar::new(times.into());
    for round in 0..times {
        let program = Program::start(data.path()).await?;
        let client = Client::new(&program.url)?;
        let rebuilding = round % REBUILD_EVERY == 0;
        if rebuilding {
            client.post(VIEW, &json!({})).await.context("a rebuild")?;
        }
        let before = lock(&acknowledged).orders.len();
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            clients.spawn(load(client.clone(), acknowledged.clone()));
        }
        tokio::time::sleep(Duration::from_millis(chance.u64(LIFE_MILLISECONDS))).await;
        program.kill().await?;
        clients.join_all().await;

        // From here on the program is only restarted.
        let restarted = Instant::now();
        let program = Program::start(data.path()).await?;
        slowest = slowest.max(restarted.elapsed());
        let client = Client::new(&program.url)?;
        check(&client, &acknowledged, before).await?;
        compared += client.swept(PATIENCE).await?;
        if rebuilding {
            let (went_on, done) = rebuilt(&client).await?;
            interrupted += u32::from(went_on);
            finished += u32::from(done);
        }
        program.kill().await?;
        progress.inc(1);
    }
    progress.finish_and_clear();

    let program = Program::start(data.path()).await?;
    let client = Client::new(&program.url)?;
    check(&client, &acknowledged, 0).await?;
    program.kill().await?;
    let acknowledged = lock(&acknowledged);
    println!(
        "Killed {} times: {times} under load, {times} at rest. {} orders and {} consumers were acknowledged, and all of them were found; \
         {compared} comparisons of a document with the fold of its events, no difference; {interrupted} rebuilds were killed, {finished} \
         of them became READY without intervention; the program was ready again after at most {} ms.",
        times * 2,
        acknowledged.orders.len(),
        acknowledged.consumers.len(),
        slowest.as_millis(),
    );
    Ok(())
}

/// Sends commands until there is no reply, and records the acknowledged ones.
async fn load(client: Client, acknowledged: Arc<Mutex<Acknowledged>>) {
    let Ok(restaurant) = client.restaurant(&menu(PRICE)).await else {
        return;
    };
    loop {
        let Ok(consumer) = client.consumer("Ada").await else {
            return;
        };
        lock(&acknowledged).consumers.push(consumer.clone());
        for _ in 0..5 {
            let Ok(order) = client.order(&consumer, &restaurant).await else {
                return;
            };
            lock(&acknowledged).orders.push(order);
        }
    }
}

/// Checks that every acknowledged command was stored and has its effects.
async fn check(client: &Client, acknowledged: &Mutex<Acknowledged>, from: usize) -> anyhow::Result<()> {
    let (orders, consumers) = {
        let acknowledged = lock(acknowledged);
        let consumers = acknowledged.consumers.clone();
        (acknowledged.orders[from..].to_vec(), consumers)
    };
    for order in &orders {
        client.approved(order).await?;
    }
    for consumer in consumers.iter().rev().take(CLIENTS * 10) {
        client.get(&format!("/consumers/{consumer}")).await?;
    }
    client.quiet().await?;
    let (_, dead) = client.queued().await?;
    ensure!(dead == 0, "{dead} dead letters");
    Ok(())
}

/// Returns whether the last rebuild was interrupted by the kill, and whether it became ready without intervention. Then flips
/// to it and retires the previous generation.
async fn rebuilt(client: &Client) -> anyhow::Result<(bool, bool)> {
    let deadline = Instant::now() + PATIENCE;
    let list = client.get(VIEW).await?;
    let id = list["rebuilds"][0]["id"].as_u64().context("the last rebuild")?;
    let mut went_on = false;
    loop {
        let rebuild = client.get(&format!("{VIEW}/{id}")).await?;
        match rebuild["state"].as_str() {
            Some("BUILDING") => went_on = true,
            Some("READY") => break,
            _ => anyhow::bail!("the rebuild did not continue: {rebuild:#}"),
        }
        ensure!(
            Instant::now() < deadline,
            "the rebuild takes too long: {rebuild:#}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for step in ["flip", "retire"] {
        client.post(&format!("{VIEW}/{id}/{step}"), &json!({})).await?;
    }
    Ok((went_on, true))
}

fn lock(acknowledged: &Mutex<Acknowledged>) -> std::sync::MutexGuard<'_, Acknowledged> {
    acknowledged.lock().unwrap_or_else(PoisonError::into_inner)
}
