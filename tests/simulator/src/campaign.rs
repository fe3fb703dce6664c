use crate::faults::Counts;
use crate::run::{Report, run};
use crate::scenario::Scenario;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A range of seeds, run on several threads.
#[derive(Debug, Clone)]
pub struct Campaign<'a> {
    /// The scenarios, each drawn in proportion to its weight.
    pub scenarios: &'a [(u32, Scenario)],
    /// The seeds.
    pub seeds: Range<u64>,
    /// The number of threads.
    pub threads: usize,
    /// The campaign ends early after this many failures.
    pub most_failures: usize,
}

/// The result of a campaign.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// The number of seeds that ran.
    pub runs: u64,
    /// The faults of all runs.
    pub counts: Counts,
    /// The DynamoDB calls of all runs.
    pub calls: u64,
    /// The virtual time of all runs, in milliseconds.
    pub elapsed: u64,
    /// The first failures, by seed.
    pub failures: Vec<(u64, String)>,
}

impl Campaign<'_> {
    /// Runs the campaign. `done` is called for every seed that ran.
    pub fn run(&self, done: impl Fn(&Report) + Sync) -> Summary {
        let next = AtomicU64::new(self.seeds.start);
        let summary = Mutex::new(Summary::default());
        let work = || {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= self.seeds.end {
                    return;
                }
                let report = run(self.scenarios, seed, false);
                done(&report);
                let mut summary = summary.lock().expect("no thread panics while it adds up");
                summary.add(report);
                if summary.failures.len() >= self.most_failures.max(1) {
                    return next.store(self.seeds.end, Ordering::Relaxed);
                }
            }
        };
        std::thread::scope(|scope| {
            (0..self.threads.max(1)).for_each(|_| drop(scope.spawn(work)));
        });
        let mut summary = summary.into_inner().expect("no thread panics while it adds up");
        summary.failures.sort();
        summary
    }
}

impl Summary {
    fn add(&mut self, report: Report) {
        self.runs += 1;
        self.counts.merge(&report.counts);
        self.calls += report.calls;
        self.elapsed += report.elapsed;
        self.failures
            .extend(report.failure.map(|failure| (report.seed, failure)));
    }
}
