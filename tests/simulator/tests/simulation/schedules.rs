//! Many schedules, and that each of them can be had again. `SIMULATOR_SEEDS` says how many; CI runs ten thousand.

use simulator::{Campaign, Fault, run};

/// As many run where nothing is said: enough to notice what breaks at once, in seconds.
const FEW: u64 = 100;

fn seeds() -> u64 {
    std::env::var("SIMULATOR_SEEDS").map_or(FEW, |seeds| seeds.parse().unwrap())
}

#[test]
fn many_schedules_keep_every_promise() {
    let seeds = seeds();
    let campaign = Campaign {
        seeds: 0..seeds,
        threads: 2,
        most_failures: 1,
    };
    let summary = campaign.run(|_| {});
    if let Some((seed, failure)) = summary.failures.first() {
        panic!(
            "of {seeds} schedules (SIMULATOR_SEEDS says how many) seed {seed} fails: \
             cargo run -p simulator -- --seed {seed} --trace\n{failure}"
        );
    }
    // The rarest kind comes about once in three thousand schedules.
    if seeds >= 10_000 {
        let missing = Fault::ALL.iter().filter(|fault| summary.counts.of(**fault) == 0);
        let missing: Vec<&Fault> = missing.collect();
        assert!(missing.is_empty(), "never happened: {missing:?}");
    }
}

#[test]
fn a_seed_is_always_the_same_run() {
    for seed in 0..(seeds() / 5).min(200) {
        let (first, second) = (run(seed, false), run(seed, false));
        assert_eq!(first.hash, second.hash, "seed {seed}");
        assert_eq!(first.counts, second.counts, "seed {seed}");
    }
}

#[test]
fn seeds_are_different_runs() {
    assert_ne!(run(1, false).hash, run(2, false).hash);
}
