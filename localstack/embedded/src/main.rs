//! Starts the whole system on this machine.

use belvedere_embedded::cli::{self, Arguments};
use clap::Parser;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run(system::belvedere(), Arguments::parse()).await
}
