use crate::faults::Counts;
use crate::run::{Report, run};
use crate::scenario::Scenario;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Many seeds, over some threads.
#[derive(Debug, Clone)]
pub struct Campaign<'a> {
    /// What runs, each as often as its weight says.
    pub scenarios: &'a [(u32, Scenario)],
    /// The seeds.
    pub seeds: Range<u64>,
    /// How many run at once.
    pub threads: usize,
    /// After so many failures it ends early.
    pub most_failures: usize,
}

/// What a campaign came to.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Seeds that ran.
    pub runs: u64,
    /// The faults of all of them.
    pub counts: Counts,
    /// DynamoDB calls of all of them.
    pub calls: u64,
    /// Virtual time of all of them, in milliseconds.
    pub elapsed: u64,
    /// The first failures, by seed.
    pub failures: Vec<(u64, String)>,
}

impl Campaign<'_> {
    /// Runs it. `done` is told of every seed that ran.
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
