//! Measures what views cost: units per event that a view projects, a read of the view compared with the composition, and
//! sweeps.
//!
//! `cargo run --release -p benchmarks -- costs` prints three tables. Units and calls are DynamoDB's own counts. Times are of one
//! local process, in which the composition calls its services without a network.

mod marketplace;
mod projections;
mod reads;
mod spent;
mod sweeps;

use marketplace::Marketplace;

/// Prints the tables. Requires a single thread, because metrics are captured on the thread that emits them.
pub(crate) async fn run() -> anyhow::Result<()> {
    let captured = telemetry::capture();
    let marketplace = Marketplace::open().await?;
    let orders = marketplace.deliver().await?;
    println!(
        "{}",
        projections::table(&captured.named("ProjectionBatch"), orders.len())
    );
    println!("{}", reads::table(&marketplace, &orders).await?);
    println!("{}", sweeps::table(&marketplace).await?);
    marketplace.stop().await
}
