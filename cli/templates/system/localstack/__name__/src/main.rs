//! Starts the system locally.

use embedded::program::{self, Program};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    program::run(Program {
        system: system::__crate__(),
        first_command: "/__service__ -H 'content-type: application/json' -d '{\"name\":\"first\"}'",
        demo: None,
    })
    .await
}
