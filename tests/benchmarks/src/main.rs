//! Measures the system locally: `cargo run --release -p benchmarks -- --help`.
//!
//! docs/measurements.md publishes what the subcommands print.

mod client;
mod costs;
mod counters;
mod endure;
mod load;
mod rebuild;
mod store;

use clap::Parser;
use std::time::Duration;
use tokio::runtime::Builder;

#[derive(Debug, Parser)]
enum Arguments {
    /// Prints the cost of views, compared with the composition.
    Costs,
    /// Prints what it costs that many documents are counted by one counter at once.
    Counters,
    /// Kills the program under load repeatedly, and checks that every acknowledged command was stored.
    Kill {
        /// How often.
        times: u32,
    },
    /// Prints the throughput of one machine: puts, commands, and complete orders.
    Load,
    /// Rebuilds a view under commands and reads.
    Rebuild {
        /// The number of orders.
        #[arg(default_value_t = rebuild::ORDERS)]
        orders: usize,
    },
    /// Runs the program at half of its maximum rate.
    Soak {
        /// For how many seconds.
        seconds: u64,
    },
    /// Prints the cost of commands on the event store.
    Store,
}

fn main() -> anyhow::Result<()> {
    let one_thread = || Builder::new_current_thread().enable_all().build();
    let threads = || Builder::new_multi_thread().enable_all().build();
    match Arguments::parse() {
        Arguments::Costs => one_thread()?.block_on(costs::run()),
        Arguments::Counters => threads()?.block_on(counters::run()),
        Arguments::Kill { times } => threads()?.block_on(endure::kill::run(times)),
        Arguments::Load => threads()?.block_on(load::run()),
        Arguments::Rebuild { orders } => threads()?.block_on(rebuild::run(orders)),
        Arguments::Soak { seconds } => threads()?.block_on(endure::soak::run(Duration::from_secs(seconds))),
        Arguments::Store => threads()?.block_on(store::run()),
    }
}
