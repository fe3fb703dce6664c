//! The engine without one of its safeguards: the simulator must detect it, or it proves nothing.
//!
//! `cargo test --workspace --features marketplace-simulation/mutations --test simulation mutations -- --nocapture` prints the
//! first failing seeds.

use marketplace_simulation::{MARKETPLACE, SCENARIOS};
use projection::mutation::{Safeguard, remove};
use simulator::{SHELVES, Scenario, run};

/// The number of seeds within which every mutation must be detected.
const SEEDS: u64 = 1_000;

/// Returns the first seed that fails without the safeguard.
fn found(scenarios: &[(u32, Scenario)], safeguard: Safeguard) -> Option<u64> {
    remove(Some(safeguard));
    let found = (0..SEEDS).find(|seed| run(scenarios, *seed, false).failure.is_some());
    remove(None);
    found
}

fn is_missed(safeguard: Safeguard) {
    is_missed_in(SCENARIOS, safeguard);
}

fn is_missed_in(scenarios: &[(u32, Scenario)], safeguard: Safeguard) {
    let seed = found(scenarios, safeguard).expect("a missing safeguard is detected");
    println!("without {safeguard:?} seed {seed} fails");
    assert_eq!(
        run(scenarios, seed, false).failure,
        None,
        "with {safeguard:?} seed {seed} passes"
    );
}

#[test]
fn engine_without_gate_fails() {
    is_missed(Safeguard::Gate);
}

#[test]
fn engine_without_heal_fails() {
    is_missed(Safeguard::Heal);
}

#[test]
fn engine_without_fence_fails() {
    is_missed(Safeguard::Fence);
}

/// Effects fail in an outage, and the shelves have no reactor.
#[test]
fn f10_engine_that_parks_nothing_fails() {
    is_missed_in(&[(1, MARKETPLACE)], Safeguard::Parked);
}

#[test]
fn f1_engine_that_skips_events_of_newer_code_fails() {
    is_missed(Safeguard::Newer);
}

#[test]
fn engine_without_tally_differences_fails() {
    is_missed(Safeguard::TallyDifference);
}

#[test]
fn f2_engine_without_chain_fails() {
    is_missed(Safeguard::Chain);
}

#[test]
fn f6_engine_without_the_sums_of_combined_tallies_fails() {
    is_missed(Safeguard::CombinedTallies);
}

#[test]
fn f6_engine_that_reads_one_shard_of_a_tally_fails() {
    is_missed(Safeguard::TallyShards);
}

#[test]
fn f12_worker_that_rings_no_deadline_fails() {
    is_missed(Safeguard::Deadlines);
}

#[test]
fn f3_worker_that_heals_nothing_fails() {
    // A relay puts commits aside while another queue accepts, so a table needs two subscribers.
    is_missed_in(&[(1, MARKETPLACE), (1, SHELVES)], Safeguard::PutAside);
}

#[test]
fn f8_deep_sweep_that_does_not_read_again_fails() {
    is_missed(Safeguard::ReadAgain);
}

#[test]
fn f9_worker_whose_rounds_compare_nothing_fails() {
    is_missed(Safeguard::Rounds);
}
