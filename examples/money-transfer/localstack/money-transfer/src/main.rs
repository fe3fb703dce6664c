//! Starts the system on this machine.

use embedded::program::{self, Program};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    program::run(Program {
        system: system::money_transfer(),
        first_command: "/accounts -H 'content-type: application/json' -d '{\"owner\":\"Ada\",\"initialBalance\":\"100.00\"}'",
        demo: None,
    })
    .await
}
