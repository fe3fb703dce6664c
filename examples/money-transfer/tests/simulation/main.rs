//! The system in the simulator: under every fault, no money is made or lost, and every transfer completes or fails.
//!
//! `SIMULATOR_SEEDS=5000 cargo test -p tests --test simulation` runs more schedules than the default hundred.

mod bank;
mod careless;
mod invariant;

use bank::BANK;
use invariant::ENDS;
use simulator::{Fault, Scenario, repetitions, schedules};
use std::sync::atomic::Ordering;

const SCENARIOS: &[(u32, Scenario)] = &[(1, BANK)];

#[test]
fn many_schedules_violate_no_invariant() {
    let summary = schedules(SCENARIOS, 100);
    let ends = ENDS.each_ref().map(|end| end.load(Ordering::Relaxed));
    println!("{} schedules, {} calls of DynamoDB", summary.runs, summary.calls);
    println!("completed, rejected and refunded transfers: {ends:?}");
    for fault in Fault::ALL {
        println!("{:>10} {fault}", summary.counts.of(*fault));
    }
    // The invariant proves nothing about outcomes that do not occur.
    assert!(summary.runs < 100 || ends.iter().all(|end| *end > 0), "{ends:?}");
}

#[test]
fn a_seed_is_always_the_same_run() {
    repetitions(SCENARIOS, 20);
}
