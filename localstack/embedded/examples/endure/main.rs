//! What the program withstands, in a process of its own with its data in a folder.
//!
//! ```sh
//! cargo build --release -p belvedere-embedded --bins --example endure
//! target/release/examples/endure kill 100     # killed a hundred times under load, with rebuilds under way
//! target/release/examples/endure soak 3600    # an hour at half of what it can do
//! ```
//!
//! Each prints what it saw, and ends with an error when a promise was broken.

mod client;
mod kill;
mod program;
mod soak;

use anyhow::{Context, bail};
use std::time::Duration;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [what, times] if what == "kill" => kill::run(times.parse().context("how often?")?).await,
        [what, seconds] if what == "soak" => {
            soak::run(Duration::from_secs(
                seconds.parse().context("for how many seconds?")?,
            ))
            .await
        }
        _ => bail!("endure kill TIMES, or endure soak SECONDS"),
    }
}
