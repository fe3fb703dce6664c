//! The engine without one of its safeguards: the simulator has to notice, or it proves nothing.
//!
//! `cargo test --workspace --features marketplace-simulation/mutations --test simulation mutations -- --nocapture` says at which seed it did.

use marketplace_simulation::SCENARIOS;
use projection::mutation::{Safeguard, remove};
use simulator::run;

/// The seeds within which every mutation has to be found.
const SEEDS: u64 = 1_000;

/// The first seed that fails without the safeguard.
fn found(safeguard: Safeguard) -> Option<u64> {
    remove(Some(safeguard));
    let found = (0..SEEDS).find(|seed| run(SCENARIOS, *seed, false).failure.is_some());
    remove(None);
    found
}

fn is_missed(safeguard: Safeguard) {
    let seed = found(safeguard).expect("a missing safeguard is noticed");
    println!("without {safeguard:?} seed {seed} fails");
    assert_eq!(
        run(SCENARIOS, seed, false).failure,
        None,
        "with {safeguard:?} seed {seed} holds"
    );
}

#[test]
fn the_gate_would_be_missed() {
    is_missed(Safeguard::Gate);
}

#[test]
fn the_heal_would_be_missed() {
    is_missed(Safeguard::Heal);
}

#[test]
fn the_fence_would_be_missed() {
    is_missed(Safeguard::Fence);
}

#[test]
fn the_difference_of_tallies_would_be_missed() {
    is_missed(Safeguard::TallyDifference);
}
