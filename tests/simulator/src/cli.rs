//! A command line that runs many seeds or replays one. A system's own program passes its scenarios.
//!
//! ```no_run
//! fn main() -> anyhow::Result<()> {
//!     simulator::cli::main(&[(1, simulator::SHELVES)])
//! }
//! ```

use crate::{Campaign, Fault, Scenario, Summary, run};
use anyhow::{Context, bail};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use std::ops::Range;
use std::time::{Duration, Instant};

/// Runs a system through schedules and faults that are derived from seeds.
#[derive(Debug, Parser)]
struct Arguments {
    /// The seeds to run, for example 0..1000000.
    #[arg(long, value_parser = range, conflicts_with = "seed")]
    seeds: Option<Range<u64>>,
    /// The number of threads.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Runs only this seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Prints the events of the run; requires `--seed`.
    #[arg(long, requires = "seed")]
    trace: bool,
}

fn range(text: &str) -> Result<Range<u64>, String> {
    let (start, end) = text
        .split_once("..")
        .ok_or("expected two numbers with .. between them")?;
    let number = |text: &str| text.parse::<u64>().map_err(|error| error.to_string());
    Ok(number(start)?..number(end)?)
}

/// Runs the program's command line; `--help` describes it.
///
/// # Errors
/// When a seed fails; the error says how to replay it.
pub fn main(scenarios: &[(u32, Scenario)]) -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match arguments.seed {
        Some(seed) => replay(scenarios, seed, arguments.trace),
        None => explore(scenarios, arguments.seeds.unwrap_or(0..10_000), arguments.threads),
    }
}

fn replay(scenarios: &[(u32, Scenario)], seed: u64, trace: bool) -> anyhow::Result<()> {
    let report = run(scenarios, seed, trace);
    if let Some(trace) = &report.trace {
        println!("{trace}");
    }
    println!(
        "seed {seed}: {} events, {} DynamoDB calls, {} of virtual time, trace {:016x}",
        report.events,
        report.calls,
        indicatif::HumanDuration(Duration::from_millis(report.elapsed)),
        report.hash
    );
    match report.failure {
        Some(failure) => bail!("seed {seed} fails: {failure}"),
        None => Ok(()),
    }
}

fn explore(scenarios: &[(u32, Scenario)], seeds: Range<u64>, threads: usize) -> anyhow::Result<()> {
    let bar = ProgressBar::new(seeds.end.saturating_sub(seeds.start));
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} {per_sec} {eta} left {msg}")
        .context("the bar's template")?;
    bar.set_style(style);
    let campaign = Campaign {
        scenarios,
        seeds,
        threads,
        most_failures: 10,
    };
    let began = Instant::now();
    let summary = campaign.run(|report| {
        bar.inc(1);
        if let Some(failure) = &report.failure {
            bar.suspend(|| println!("seed {} fails: {failure}", report.seed));
        }
    });
    bar.finish_and_clear();
    print(&summary, began.elapsed());
    let Some((seed, _)) = summary.failures.first() else {
        return Ok(());
    };
    bail!(
        "{} of {} seeds failed; replay the first one with\n  {} --seed {seed} --trace",
        summary.failures.len(),
        summary.runs,
        std::env::current_exe()?.display()
    )
}

fn print(summary: &Summary, took: Duration) {
    for fault in Fault::ALL {
        println!(
            "{:>12}  {fault}",
            indicatif::HumanCount(summary.counts.of(*fault)).to_string()
        );
    }
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    let (runs, calls) = (summary.runs.max(1) as f64, summary.calls as f64);
    println!(
        "{} schedules in {:.1} s ({:.0} per second), {:.0} DynamoDB calls each, {} of virtual time",
        indicatif::HumanCount(summary.runs),
        took.as_secs_f64(),
        runs / took.as_secs_f64(),
        calls / runs,
        indicatif::HumanDuration(Duration::from_millis(summary.elapsed))
    );
}
