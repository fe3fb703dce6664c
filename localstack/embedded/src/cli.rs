//! The command line.

use crate::demo;
use crate::stack::{Stack, StackOptions};
use clap::{Parser, Subcommand};
use function::System;
use std::io::Write;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs all of Belvedere on this machine: every service, relay, projector and query behind one HTTP address, with
/// DynamoDB in process. Nothing else has to be installed.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
pub struct Arguments {
    /// What to do instead of serving.
    #[command(subcommand)]
    command: Option<Subcommands>,
    /// TCP port of the API; 0 takes a free one.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Address to listen on. There is no authentication, so think before you leave this machine.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Keep everything in this folder across restarts. Without it, everything is in memory and gone at the end.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Drive realistic traffic through the API after the start, so that there is something to look at.
    #[arg(long)]
    demo: bool,
    /// What to log to standard error, as tracing filters: `info` shows every request.
    #[arg(long, value_name = "FILTER", default_value = "warn", env = "RUST_LOG")]
    log: String,
}

const EXAMPLES: &str = "Examples:
  belvedere-embedded                            in memory, on http://127.0.0.1:3000
  belvedere-embedded --demo                     with consumers, restaurants and orders to look at
  belvedere-embedded --data ./data --log info   kept in ./data, every request logged
  belvedere-embedded openapi                    print the API's description
  belvedere-embedded generate --check           say which generated files are not what the code says

From the checkout's root: cargo run -- --demo";

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Print the API's OpenAPI document and exit.
    Openapi,
    /// Write everything in the checkout (the current folder) that follows from what the parts say of themselves: the
    /// template, the events for `cargo lambda invoke`, the descriptions of the API and of the published events.
    Generate {
        /// Only say what differs from what is there; exit with 1 if anything does.
        #[arg(long)]
        check: bool,
    },
}

/// What the library does not know of the system that it runs.
#[derive(Debug, Clone, Copy)]
pub struct Generator {
    /// The API's description as it is committed.
    pub openapi: fn(&System) -> anyhow::Result<String>,
    /// Writes all generated files into a checkout.
    pub write: fn(&System, &Path) -> anyhow::Result<()>,
    /// What in a checkout differs from them.
    pub check: fn(&System, &Path) -> anyhow::Result<Vec<String>>,
}

/// Does what the command line says with a system; errors go to standard error in one line.
pub async fn run(system: System, generator: Generator, arguments: Arguments) -> ExitCode {
    let outcome = match arguments.command {
        Some(Subcommands::Openapi) => {
            (generator.openapi)(&system).and_then(|document| print(document.trim_end()))
        }
        Some(Subcommands::Generate { check }) => generate(&system, generator, check),
        None => serve(system, arguments).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn generate(system: &System, generator: Generator, check: bool) -> anyhow::Result<()> {
    let checkout = Path::new(".");
    if !check {
        return (generator.write)(system, checkout);
    }
    let differences = (generator.check)(system, checkout)?;
    if differences.is_empty() {
        return Ok(());
    }
    print(&differences.join("\n"))?;
    anyhow::bail!("what is generated differs; `cargo run -- generate` writes it anew")
}

async fn serve(system: System, arguments: Arguments) -> anyhow::Result<()> {
    // A condition that fails is how a commit finds out about another one; the engine would warn of each.
    telemetry::init_local(&format!("dynoxide=error,{}", arguments.log));
    // Before the start, so that a signal during it is not lost.
    let mut end = pin_signals()?;
    let options = StackOptions {
        host: arguments.host,
        port: arguments.port,
        data: arguments.data.clone(),
        ..StackOptions::default()
    };
    let stack = tokio::select! {
        stack = Stack::start(system, options) => stack?,
        () = end.received() => return Ok(()),
    };
    print(&ready(stack.url(), arguments.data.as_deref()))?;
    let work = async {
        if arguments.demo {
            print(&demo::run(stack.url()).await?)?;
        }
        std::future::pending::<anyhow::Result<()>>().await
    };
    let outcome = tokio::select! {
        outcome = work => outcome,
        () = end.received() => Ok(()),
    };
    stack.stop().await;
    outcome
}

fn ready(url: &str, data: Option<&Path>) -> String {
    let place = match data {
        Some(folder) => format!("data in {}", folder.display()),
        None => "in memory; --data DIR keeps it".to_owned(),
    };
    format!(
        "Belvedere is ready at {url} ({place}). Try: curl -i {url}/consumers -H 'content-type: application/json' -d \
         '{{\"name\":{{\"firstName\":\"Ada\",\"lastName\":\"Lovelace\"}}}}'"
    )
}

/// To standard output, without a panic when nobody reads it any more (`| head`).
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Ctrl-C, and on Unix SIGTERM.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
fn pin_signals() -> std::io::Result<Signals> {
    use tokio::signal::unix::{SignalKind, signal};
    Ok(Signals {
        terminate: signal(SignalKind::terminate())?,
        interrupt: signal(SignalKind::interrupt())?,
    })
}

#[cfg(not(unix))]
fn pin_signals() -> std::io::Result<Signals> {
    Ok(Signals {})
}

impl Signals {
    #[cfg(unix)]
    async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    async fn received(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_arguments_it_serves_on_loopback_port_3000() {
        let arguments = Arguments::parse_from(["belvedere-embedded"]);
        assert_eq!(
            (arguments.host.to_string().as_str(), arguments.port),
            ("127.0.0.1", 3000)
        );
    }
}
