//! The system in the simulator: whatever goes wrong, no money is made or lost, and no transfer is left in between.
//!
//! `SIMULATOR_SEEDS=5000 cargo test -p tests --test simulation` tries more schedules than the usual hundred.

mod bank;
mod careless;

use bank::BANK;
use simulator::{Scenario, repetitions, schedules};

const SCENARIOS: &[(u32, Scenario)] = &[(1, BANK)];

#[test]
fn many_schedules_keep_every_promise() {
    schedules(SCENARIOS, 100);
}

#[test]
fn a_seed_is_always_the_same_run() {
    repetitions(SCENARIOS, 20);
}
