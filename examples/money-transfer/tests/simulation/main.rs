//! The system in the simulator: whatever goes wrong, no money is made or lost, and no transfer is left in between.
//!
//! `SIMULATOR_SEEDS=5000 cargo test -p tests --test simulation` tries more schedules than the usual hundred.

mod bank;
mod careless;
mod law;

use bank::BANK;
use law::ENDS;
use simulator::{Fault, Scenario, repetitions, schedules};
use std::sync::atomic::Ordering;

const SCENARIOS: &[(u32, Scenario)] = &[(1, BANK)];

#[test]
fn many_schedules_keep_every_promise() {
    let summary = schedules(SCENARIOS, 100);
    let ends = ENDS.each_ref().map(|end| end.load(Ordering::Relaxed));
    println!("{} schedules, {} calls of DynamoDB", summary.runs, summary.calls);
    println!("completed, rejected and refunded transfers: {ends:?}");
    for fault in Fault::ALL {
        println!("{:>10} {fault}", summary.counts.of(*fault));
    }
    // A law about ends that do not come about says nothing.
    assert!(summary.runs < 100 || ends.iter().all(|end| *end > 0), "{ends:?}");
}

#[test]
fn a_seed_is_always_the_same_run() {
    repetitions(SCENARIOS, 20);
}
