//! Measures a rebuild of the order history: its rate compared with the queue, and what readers see under load.
//!
//! `cargo run --release -p benchmarks -- rebuild [ORDERS]`, with 100,000 orders by default. It prints a table, and exits with
//! an error if anything was lost, a read failed, or a read was older than an earlier one.

mod feed;
mod history;
mod load;
mod market;
mod operate;

use anyhow::{Context, ensure};
use market::Market;
use operate::Numbers;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The default number of orders.
pub(crate) const ORDERS: usize = 100_000;
/// This many of them go through the queue, which is enough to measure a rate.
const FED: usize = 10_000;
/// Commands per second during the rebuild.
const COMMANDS: f64 = 200.0;
/// How long the load runs before the rebuild begins, and after its end.
const BESIDE: Duration = Duration::from_secs(10);

/// Prints the table.
pub(crate) async fn run(orders: usize) -> anyhow::Result<()> {
    telemetry::init_local("dynoxide=error,warn");
    let market = Arc::new(Market::open().await?);
    let history = Arc::new(market.history(orders).await?);
    println!(
        "{} cores, in memory, clients in the same process: {orders} delivered orders of {} commits each\n",
        std::thread::available_parallelism()?,
        history.commits_per_order()
    );
    let began = Instant::now();
    let next = |what: &str| println!("{:>5} s: {what}", began.elapsed().as_secs());
    next("writing the history into the event tables");
    history.store(&market.stack.dynamodb()).await?;

    next("sending a part of it through the queue");
    let fed = feed::through_the_queue(&market, &history, FED.min(orders)).await?;
    next("rebuilding without load");
    let alone = operate::rebuild(&market, 2).await?;
    next("clearing the previous generation");
    market.control()?.flip(2).await?;
    market.control()?.retire(2).await?;
    operate::cleared(&market, 1).await?;

    next("rebuilding under commands and reads");
    let load = load::Load::start(&market, &history, COMMANDS);
    tokio::time::sleep(BESIDE).await;
    let beside = operate::rebuild(&market, 3).await?;
    next("flip, rollback, flip");
    let flip = operate::visible(&market, &history, market.control()?.flip(3)).await?;
    let rollback = operate::visible(&market, &history, market.control()?.rollback(3)).await?;
    let again = operate::visible(&market, &history, market.control()?.flip(3)).await?;
    tokio::time::sleep(BESIDE).await;
    next("checking every acknowledged order");
    let loaded = load.end().await?;
    market.quiet().await?;
    println!("\n| | commits/s | documents | writes/document | write units/document | read units/document |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    print("through the queue", &fed);
    print("rebuild, nothing else going on", &alone);
    print(&format!("rebuild beside {COMMANDS:.0} commands/s"), &beside);
    println!(
        "\nThe rebuild is {:.1} times as fast as the queue. Flip visible after {} ms, rollback after {} ms, second flip after {} ms.",
        alone.commits_per_second / fed.commits_per_second,
        flip.as_millis(),
        rollback.as_millis(),
        again.as_millis()
    );
    println!("{loaded}\n");
    next("a deep sweep");
    let sweep = operate::sweep(&market).await?;
    println!(
        "\nDeep sweep at the end: {} documents compared with the fold of their events, {} differ, {} streams behind.",
        sweep.counts.compared, sweep.counts.differences, sweep.counts.behind
    );
    ensure!(
        sweep.counts.differences == 0 && sweep.counts.behind == 0,
        "something was lost: {sweep:?}"
    );
    for visible in [flip, rollback, again] {
        ensure!(
            visible < Duration::from_secs(2),
            "a flip became visible after {visible:?}"
        );
    }
    let market = Arc::into_inner(market).context("the load has ended")?;
    market.stop().await
}

fn print(what: &str, numbers: &Numbers) {
    println!(
        "| {what} | {:.0} | {} | {:.2} | {:.2} | {:.2} |",
        numbers.commits_per_second,
        numbers.documents,
        numbers.writes_per_document,
        numbers.write_units_per_document,
        numbers.read_units_per_document
    );
}
