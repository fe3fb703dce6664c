//! What a system's own tests call.

use crate::{Campaign, Report, Scenario, Summary, run};
use std::env;

/// Runs as many schedules as the environment's `SIMULATOR_SEEDS` says, or `few` without it: enough to notice what breaks at
/// once, in seconds. With `SIMULATOR_SEED` it runs this one alone, and prints what happened.
///
/// # Panics
/// When a seed fails, with what does not hold and the command that runs the seed again.
pub fn schedules(scenarios: &[(u32, Scenario)], few: u64) -> Summary {
    let seeds = match number("SIMULATOR_SEED") {
        Some(seed) => {
            let trace = run(scenarios, seed, true).trace;
            println!("{}", trace.unwrap_or_default());
            seed..seed + 1
        }
        None => 0..number("SIMULATOR_SEEDS").unwrap_or(few),
    };
    let campaign = Campaign {
        scenarios,
        seeds,
        threads: 2,
        most_failures: 1,
    };
    let summary = campaign.run(|_| {});
    if let Some((seed, failure)) = summary.failures.first() {
        panic!(
            "seed {seed} fails: {failure}\nWhat happened in it: {}",
            again(*seed)
        );
    }
    summary
}

/// Runs `few` seeds twice, or a fifth of `SIMULATOR_SEEDS` up to 200, and compares the runs call by call: a seed is worth
/// nothing as a bug report when it is another run the next time.
///
/// # Panics
/// When a seed was two runs.
pub fn repetitions(scenarios: &[(u32, Scenario)], few: u64) {
    let seeds = number("SIMULATOR_SEEDS").map_or(few, |seeds| (seeds / 5).min(200));
    for seed in 0..seeds {
        let done = |report: &Report| (report.hash, report.counts.clone());
        assert_eq!(
            done(&run(scenarios, seed, false)),
            done(&run(scenarios, seed, false)),
            "seed {seed} is another run the second time. Take every draw and the time from the client, and keep what has no \
             order, such as a HashMap, from deciding what is called when"
        );
    }
}

fn number(variable: &str) -> Option<u64> {
    let value = env::var(variable).ok()?;
    match value.parse() {
        Ok(number) => Some(number),
        Err(_) => panic!("{variable} has to be a number, and is {value:?}"),
    }
}

/// How the test that calls this runs one seed. Cargo tells a test which package it is of; the thread has the test's name.
fn again(seed: u64) -> String {
    let program = match (env::var("CARGO_PKG_NAME"), env::current_exe()) {
        (Ok(package), _) => format!("cargo test -p {package} --"),
        (Err(_), Ok(program)) => program.display().to_string(),
        (Err(_), Err(_)) => "cargo test --".to_owned(),
    };
    let thread = std::thread::current();
    // A program that runs one test at a time runs it in its main thread.
    let test = thread.name().filter(|name| *name != "main").unwrap_or_default();
    format!("SIMULATOR_SEED={seed} {program} --nocapture {test}")
}
