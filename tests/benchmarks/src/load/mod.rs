//! Measures the throughput of one machine: bare puts, single commands, and complete orders.
//!
//! `cargo run --release -p benchmarks -- load`, less than three minutes. It prints a markdown table. Clients,
//! services and database share the machine's cores, as they do in the embedded stack.

mod bare;
mod measure;
mod orders;
mod rig;
mod watch;

use rig::Rig;
use std::time::Duration;

const CLIENTS: [usize; 3] = [1, 8, 32];
const BARE: Duration = Duration::from_secs(4);
const COMMANDS: Duration = Duration::from_secs(4);
const ORDERS: Duration = Duration::from_secs(12);

/// Prints the table.
pub(crate) async fn run() -> anyhow::Result<()> {
    let cores = std::thread::available_parallelism()?;
    println!("{cores} cores, in memory, clients in the same process\n");

    let mut puts = vec![];
    for clients in CLIENTS {
        puts.push(bare::puts(clients, BARE).await?);
    }

    let mut rows = vec![];
    for (clients, bare) in CLIENTS.into_iter().zip(&puts) {
        // A new engine for each row, so that every row starts with the same, empty tables.
        let rig = Rig::start(clients).await?;
        let commands = orders::commands(&rig, clients, COMMANDS).await?;
        let orders = orders::closed_loop(&rig, clients, ORDERS).await?;
        rows.push((clients, *bare, commands, orders));
        rig.stop().await?;
    }

    println!(
        "| clients | bare puts/s | commands/s | orders/s all the way | pipeline writes/s | writes/bare puts | pipeline calls/s | calls/bare puts | lag p50 | lag p99 |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (clients, bare, commands, orders) in &rows {
        println!(
            "| {clients} | {bare:.0} | {commands:.0} | {:.0} | {:.0} | {:.2} | {:.0} | {:.2} | {} | {} |",
            orders.per_second,
            orders.writes_per_second,
            orders.writes_per_second / bare,
            orders.calls_per_second,
            orders.calls_per_second / bare,
            measure::milliseconds(orders.lag(50)),
            measure::milliseconds(orders.lag(99)),
        );
    }

    let most = rows
        .iter()
        .map(|(_, _, _, orders)| orders.per_second)
        .fold(0.0, f64::max);
    let rig = Rig::start(8).await?;
    let half = orders::open_loop(&rig, most / 2.0, ORDERS).await?;
    rig.stop().await?;
    println!(
        "\nAt half of the maximum ({:.0} orders/s offered, {:.0} completed): {:.0} writes/s, lag p50 {}, p99 {}.",
        most / 2.0,
        half.per_second,
        half.writes_per_second,
        measure::milliseconds(half.lag(50)),
        measure::milliseconds(half.lag(99)),
    );
    println!(
        "\nbare puts: conditional PutItem of a commit-sized item, same engine, same SDK, as many tasks. commands: PUT \
         /restaurants/{{id}}/menu answered. all the way: placed, ticket created and confirmed, payment authorized, APPROVED, \
         all of it in the order history. lag: from a commit's PutItem to that of the order-history document with it."
    );
    Ok(())
}
