//! What views cost: units per event that a view projects, and the view's answer beside the one that is composed.
//!
//! `cargo run --release -p benchmarks -- costs` prints two tables. Units and calls are DynamoDB's own counts;
//! times are those of one process on this machine, in which the composition asks its services without a network between.

mod marketplace;
mod projections;
mod reads;
mod spent;

use marketplace::Marketplace;

/// Prints the tables. Wants one thread, because metrics are captured by the thread that emits them.
pub(crate) async fn run() -> anyhow::Result<()> {
    let captured = telemetry::capture();
    let marketplace = Marketplace::open().await?;
    let orders = marketplace.deliver().await?;
    println!(
        "{}",
        projections::table(&captured.named("ProjectionBatch"), orders.len())
    );
    println!("{}", reads::table(&marketplace, &orders).await?);
    marketplace.stop().await
}
