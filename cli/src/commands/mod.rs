mod quarantine;
mod rebuild;
mod steps;
mod sweep;
mod views;

use crate::api::Api;
use crate::arguments::{Arguments, Command};
use crate::failure::Failure;
use crate::model::Difference;
use crate::output::{Output, note};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The pause between two requests for the state of running work.
const PAUSE: Duration = Duration::from_millis(500);

/// What every command needs.
struct Context {
    api: Api,
    output: Output,
    timeout: Duration,
    started: Instant,
}

/// Executes the command of the command line.
pub(crate) async fn run(arguments: Arguments) -> ExitCode {
    match carry_out(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            note(&format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(Arguments { global, command }: Arguments) -> Result<(), Failure> {
    let context = Context {
        api: Api::new(&global.url)?,
        output: Output { json: global.json },
        timeout: global.timeout,
        started: Instant::now(),
    };
    match command {
        Command::Views => views::views(&context).await,
        Command::Rebuild(rebuild) => rebuild::rebuild(&context, &rebuild).await,
        Command::Rebuilds(of) => rebuild::rebuilds(&context, &of.view).await,
        Command::Flip(step) => steps::step(&context, "flip", step).await,
        Command::Rollback(step) => steps::step(&context, "rollback", step).await,
        Command::Abort(step) => steps::step(&context, "abort", step).await,
        Command::Retire(step) => steps::step(&context, "retire", step).await,
        Command::Sweep(sweep) => sweep::sweep(&context, &sweep).await,
        Command::Quarantine(of) => quarantine::quarantine(&context, &of.view).await,
        Command::Redrive(redrive) => quarantine::redrive(&context, &redrive).await,
        Command::Skip(skip) => quarantine::skip(&context, &skip).await,
    }
}

impl Context {
    /// Sleeps until the next request for the state; fails when the time is over.
    async fn pause(&self, what: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.started.elapsed() + PAUSE > self.timeout {
            return Err(Failure::TimedOut {
                what: what(),
                after: self.timeout,
            });
        }
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }
}

/// Formats both versions of documents that differ.
fn differences(differences: &[Difference]) -> String {
    let texts = differences.iter().map(|difference| {
        let Difference {
            document,
            stored,
            expected,
        } = difference;
        format!("\n{document} differs\n  stored    {stored}\n  expected  {expected}")
    });
    texts.collect()
}
