//! Starts the marketplace locally.

mod demo;

use embedded::program::{self, Program};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    program::run(Program {
        system: system::belvedere(),
        first_command: "/consumers -H 'content-type: application/json' -d \
                        '{\"name\":{\"firstName\":\"Ada\",\"lastName\":\"Lovelace\"}}'",
        demo: Some(|url| Box::pin(demo::run(url))),
    })
    .await
}
