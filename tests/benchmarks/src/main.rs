//! Measures the system on this machine: `cargo run --release -p benchmarks -- --help`.
//!
//! Each subcommand prints what the README publishes.

mod client;
mod costs;
mod endure;
mod load;
mod rebuild;
mod store;

use clap::Parser;
use std::time::Duration;
use tokio::runtime::Builder;

#[derive(Debug, Parser)]
enum Arguments {
    /// Prints what views cost, beside the same answer by composition.
    Costs,
    /// Kills the program under load, again and again, and looks for what was acknowledged.
    Kill {
        /// How often.
        times: u32,
    },
    /// Prints what one machine does: puts, commands, and orders taken all the way.
    Load,
    /// Rebuilds a view beside commands and reads.
    Rebuild {
        /// How many orders there are.
        #[arg(default_value_t = rebuild::ORDERS)]
        orders: usize,
    },
    /// Lets the program serve at half of what it can do.
    Soak {
        /// For how long.
        seconds: u64,
    },
    /// Prints what commands on the event store cost.
    Store,
}

fn main() -> anyhow::Result<()> {
    let one_thread = || Builder::new_current_thread().enable_all().build();
    let threads = || Builder::new_multi_thread().enable_all().build();
    match Arguments::parse() {
        Arguments::Costs => one_thread()?.block_on(costs::run()),
        Arguments::Kill { times } => threads()?.block_on(endure::kill::run(times)),
        Arguments::Load => threads()?.block_on(load::run()),
        Arguments::Rebuild { orders } => threads()?.block_on(rebuild::run(orders)),
        Arguments::Soak { seconds } => threads()?.block_on(endure::soak::run(Duration::from_secs(seconds))),
        Arguments::Store => threads()?.block_on(store::run()),
    }
}
