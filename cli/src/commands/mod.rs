mod quarantine;
mod rebuild;
mod steps;
mod sweep;
mod views;

use crate::api::Api;
use crate::arguments::{Arguments, Command, Operate};
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
    let operation = match command {
        Command::New(new) => return crate::new::new(new),
        Command::Operate(operation) => operation,
    };
    let context = Context {
        api: Api::new(&global.url)?,
        output: Output { json: global.json },
        timeout: global.timeout,
        started: Instant::now(),
    };
    match operation {
        Operate::Views => views::views(&context).await,
        Operate::Rebuild(rebuild) => rebuild::rebuild(&context, &rebuild).await,
        Operate::Rebuilds(of) => rebuild::rebuilds(&context, &of.view).await,
        Operate::Flip(step) => steps::step(&context, "flip", step).await,
        Operate::Rollback(step) => steps::step(&context, "rollback", step).await,
        Operate::Abort(step) => steps::step(&context, "abort", step).await,
        Operate::Retire(step) => steps::step(&context, "retire", step).await,
        Operate::Sweep(sweep) => sweep::sweep(&context, &sweep).await,
        Operate::Quarantine(of) => quarantine::quarantine(&context, &of.view).await,
        Operate::Redrive(redrive) => quarantine::redrive(&context, &redrive).await,
        Operate::Skip(skip) => quarantine::skip(&context, &skip).await,
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
