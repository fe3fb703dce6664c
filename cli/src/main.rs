//! Operates the views and reactors of a deployment, and creates new ones.

mod api;
mod arguments;
mod commands;
mod failure;
mod model;
mod new;
mod output;
mod progress;
mod table;

use arguments::Arguments;
use clap::Parser;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    commands::run(Arguments::parse()).await
}
