//! Starts the whole system on this machine.

use clap::Parser;
use embedded::cli::{self, Arguments, Generator};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let generator = Generator {
        openapi: |system| Ok(system::generate::openapi(system)?),
        write: |system, checkout| Ok(system::generate::write(system, &system::places(checkout))?),
        check: |system, checkout| Ok(system::generate::check(system, &system::places(checkout))?),
    };
    cli::run(system::belvedere(), generator, Arguments::parse()).await
}
