//! The functions for a system's own tests.

use crate::{Campaign, Report, Scenario, Summary, run};
use std::env;

/// Runs the number of schedules in the environment variable `SIMULATOR_SEEDS`, or `few` without it, which detects common errors
/// within seconds. With `SIMULATOR_SEED` it runs only this seed, and prints its trace.
///
/// # Panics
/// When a seed fails; the message has the violated invariant and the command that repeats the seed.
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
            "seed {seed} fails: {failure}\nTo print its trace: {}",
            again(*seed)
        );
    }
    summary
}

/// Runs `few` seeds twice, or a fifth of `SIMULATOR_SEEDS` up to 200, and compares the runs call by call. A seed is useless as
/// a bug report if its runs differ.
///
/// # Panics
/// When two runs of a seed differ.
pub fn repetitions(scenarios: &[(u32, Scenario)], few: u64) {
    let seeds = number("SIMULATOR_SEEDS").map_or(few, |seeds| (seeds / 5).min(200));
    for seed in 0..seeds {
        let done = |report: &Report| (report.hash, report.counts.clone());
        assert_eq!(
            done(&run(scenarios, seed, false)),
            done(&run(scenarios, seed, false)),
            "two runs of seed {seed} differ. Take every random value and the time from the client, and let no unordered \
             collection, such as a HashMap, determine the order of calls"
        );
    }
}

fn number(variable: &str) -> Option<u64> {
    let value = env::var(variable).ok()?;
    match value.parse() {
        Ok(number) => Some(number),
        Err(_) => panic!("{variable} must be a number, but is {value:?}"),
    }
}

/// Returns the command that runs one seed in the test that calls this. Cargo sets the test's package; the thread has its name.
fn again(seed: u64) -> String {
    let program = match (env::var("CARGO_PKG_NAME"), env::current_exe()) {
        (Ok(package), _) => format!("cargo test -p {package} --"),
        (Err(_), Ok(program)) => program.display().to_string(),
        (Err(_), Err(_)) => "cargo test --".to_owned(),
    };
    let thread = std::thread::current();
    // When tests run one at a time, they run in the program's main thread.
    let test = thread.name().filter(|name| *name != "main").unwrap_or_default();
    format!("SIMULATOR_SEED={seed} {program} --nocapture {test}")
}
