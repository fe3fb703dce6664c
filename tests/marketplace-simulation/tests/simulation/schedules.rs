//! Runs many schedules, and checks that each can be repeated. `SIMULATOR_SEEDS` sets the number; CI runs ten thousand.

use marketplace_simulation::{MARKETPLACE, SCENARIOS};
use simulator::{Fault, SHELVES, repetitions, run, run_outage, schedules};

#[test]
fn many_schedules_violate_no_invariant() {
    let summary = schedules(SCENARIOS, 100);
    // The rarest kind happens about once in three thousand schedules.
    if summary.runs >= 10_000 {
        let missing = Fault::ALL.iter().filter(|fault| summary.counts.of(**fault) == 0);
        let missing: Vec<&Fault> = missing.collect();
        assert!(missing.is_empty(), "never happened: {missing:?}");
    }
}

/// DynamoDB refuses every write of a service and of a subscriber for twelve minutes.
#[test]
fn f10_outage_of_twelve_minutes_needs_no_person() {
    let scenarios = [(1, MARKETPLACE), (1, SHELVES)];
    let (mut refused, mut parked) = (0, 0);
    for seed in 0..40 {
        let report = run_outage(&scenarios, seed, false);
        assert_eq!(report.failure, None, "seed {seed}");
        refused += report.counts.of(Fault::Outage);
        parked += report.counts.of(Fault::Parked);
    }
    println!("{refused} writes refused, {parked} sources tried again");
    assert!(refused > 100 && parked > 10, "{refused} refused, {parked} parked");
}

/// A kitchen that never answers is one of the faults: its orders are cancelled, and their payments released.
#[test]
fn f12_no_order_waits_for_a_kitchen_that_never_answers() {
    let (mut silent, mut passed) = (0, 0);
    for seed in 0..30 {
        let report = run(&[(1, MARKETPLACE)], seed, false);
        assert_eq!(report.failure, None, "seed {seed}");
        silent += report.counts.of(Fault::NoAnswer);
        passed += report.counts.of(Fault::Deadline);
    }
    println!("{silent} steps never came, {passed} deadlines passed");
    assert!(silent > 5 && passed > 10, "{silent} never came, {passed} passed");
}

#[test]
fn f6_transactions_that_overlap_are_cancelled() {
    let cancelled = |seed| run(SCENARIOS, seed, false).counts.of(Fault::Overlap) > 0;
    assert!((0..1_000).any(cancelled));
}

#[test]
fn a_seed_is_always_the_same_run() {
    repetitions(SCENARIOS, 20);
}

#[test]
fn different_seeds_are_different_runs() {
    assert_ne!(run(SCENARIOS, 1, false).hash, run(SCENARIOS, 2, false).hash);
}
