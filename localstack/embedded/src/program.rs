//! The program that runs a system locally. A system's `main` calls [`run`].

use crate::stack::{Stack, StackOptions};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use function::System;
use futures::future::LocalBoxFuture;
use generator::Places;
use std::io::Write;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A system, and the program's features beyond serving it.
#[derive(Clone)]
pub struct Program {
    /// The system.
    pub system: System,
    /// A first command to try, as arguments of `curl -i` after the API's address: `/consumers -d '{…}'`.
    pub first_command: &'static str,
    /// Sends traffic through the API at this address and returns the text to print; for `--demo`.
    pub demo: Option<Demo>,
}

/// Sends example traffic to the API at an address.
pub type Demo = fn(String) -> LocalBoxFuture<'static, anyhow::Result<String>>;

/// Runs the whole system locally: every service, relay, projector and query behind one HTTP address, with DynamoDB in process.
/// No other software is required.
#[derive(Debug, Parser)]
struct Arguments {
    /// A command to run instead of serving.
    #[command(subcommand)]
    command: Option<Subcommands>,
    /// TCP port of the API; 0 selects a free one.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Address to listen on. There is no authentication: any other address than this machine's own opens the system to the network.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Keep all data in this folder across restarts. Without it, data is kept in memory and lost at the end.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Send realistic traffic through the API after the start.
    #[arg(long)]
    demo: bool,
    /// Filter of the logs on standard error, as a tracing filter: `info` logs every request.
    #[arg(long, value_name = "FILTER", default_value = "warn", env = "RUST_LOG")]
    log: String,
}

const EXAMPLES: &str = "Examples, from the checkout's root:
  cargo run                                 in memory, on http://127.0.0.1:3000
  cargo run -- --data ./data --log info     kept in ./data, every request logged
  cargo run -- openapi                      print the API's description
  cargo run -- generate                     regenerate the generated files
  cargo run -- generate --check             name the generated files that are not current";

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Print the API's OpenAPI document and exit.
    Openapi,
    /// Write the generated files of the checkout (the current folder): the template, the events for `cargo lambda invoke`, the
    /// descriptions of the API and of the published events.
    Generate {
        /// Only name the files that are not current; exit with 1 if there are any.
        #[arg(long)]
        check: bool,
    },
}

/// Runs the command line for a system. Errors are printed on standard error in one line.
pub async fn run(program: Program) -> ExitCode {
    let arguments = Arguments::from_arg_matches(&command(&program).get_matches());
    let outcome = match arguments {
        Ok(arguments) => execute(program, arguments).await,
        Err(error) => error.exit(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the command line of a program. Without a demo it has no option for one.
fn command(program: &Program) -> clap::Command {
    let without_demo = program.demo.is_none();
    Arguments::command()
        .version(program.system.version)
        .after_help(EXAMPLES)
        .mut_arg("demo", |demo| demo.hide(without_demo))
}

async fn execute(program: Program, arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Some(Subcommands::Openapi) => print(generator::openapi(&program.system)?.trim_end()),
        Some(Subcommands::Generate { check }) => generate(&program.system, check),
        None => serve(program, arguments).await,
    }
}

fn generate(system: &System, check: bool) -> anyhow::Result<()> {
    let places = Places::in_checkout(".");
    if !check {
        return Ok(generator::write(system, &places)?);
    }
    let differences = generator::check(system, &places)?;
    if differences.is_empty() {
        return Ok(());
    }
    print(&differences.join("\n"))?;
    anyhow::bail!("generated files are not current; run `cargo run -- generate` to write them")
}

async fn serve(program: Program, arguments: Arguments) -> anyhow::Result<()> {
    // A failed condition is the normal way to detect a concurrent commit; the engine would log a warning for each.
    telemetry::init_local(&format!("dynoxide=error,{}", arguments.log));
    let demo = match (arguments.demo, program.demo) {
        (true, None) => anyhow::bail!("this system has no demo; start it without --demo"),
        (true, demo) => demo,
        (false, _) => None,
    };
    // Before the start, so that a signal during the start is not lost.
    let mut end = pin_signals()?;
    let options = StackOptions {
        host: arguments.host,
        port: arguments.port,
        data: arguments.data.clone(),
        ..StackOptions::default()
    };
    let stack = tokio::select! {
        stack = Stack::start(program.system.clone(), options) => stack?,
        () = end.received() => return Ok(()),
    };
    print(&ready(&program, stack.url(), arguments.data.as_deref()))?;
    let work = async {
        if let Some(demo) = demo {
            print(&demo(stack.url().to_owned()).await?)?;
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

fn ready(program: &Program, url: &str, data: Option<&Path>) -> String {
    let place = match data {
        Some(folder) => format!("data in {}", folder.display()),
        None => "in memory; --data DIR keeps it".to_owned(),
    };
    format!(
        "{} is ready at {url} ({place}). Try: curl -i {url}{}",
        program.system.title, program.first_command
    )
}

/// Prints to standard output, without a panic when the reader has gone (`| head`).
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

    fn shop() -> Program {
        Program {
            system: System::new("Shop", "Baskets of a shop."),
            first_command: "/health",
            demo: None,
        }
    }

    #[test]
    fn command_line_is_valid() {
        command(&shop()).debug_assert();
    }

    #[test]
    fn default_address_is_port_3000_on_loopback() {
        let arguments = Arguments::parse_from(["shop"]);
        assert_eq!(
            (arguments.host.to_string().as_str(), arguments.port),
            ("127.0.0.1", 3000)
        );
    }

    #[test]
    fn only_a_system_with_a_demo_offers_it() {
        let help = |program: &Program| command(program).render_help().to_string();
        assert!(!help(&shop()).contains("--demo"));
        let with_demo = Program {
            demo: Some(|_| Box::pin(async { Ok(String::new()) })),
            ..shop()
        };
        assert!(help(&with_demo).contains("--demo"));
    }
}
