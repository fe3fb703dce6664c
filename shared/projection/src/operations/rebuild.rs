use super::record::{Counts, Difference, Phase, Run, State};
use super::run::Total;
use jiff::Timestamp;

/// The options of a rebuild.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RebuildOptions {
    /// The number of segments of each event table, which is the number of workers that can work on it at once. `None`:
    /// the deployment's default.
    pub segments: Option<u32>,
    /// Whether the finished documents are compared with those of the serving generation: for a view whose code has not
    /// changed, where every difference means that one of the two is wrong.
    pub compare: bool,
    /// A request with the same key returns the same rebuild.
    pub idempotency_key: Option<String>,
}

/// The current state of a rebuild.
#[derive(Debug, Clone, PartialEq)]
pub struct Rebuild {
    /// The generation that it builds; the rebuild's id.
    pub generation: u64,
    /// The state.
    pub state: State,
    /// The worker's current phase.
    pub phase: Phase,
    /// Whether a worker started it to fill a view that was never built. It then serves as soon as it is ready, and the
    /// generation that it replaces is retired.
    pub fills: bool,
    /// The generation that served when the rebuild began.
    pub replaces: Option<u64>,
    /// Whether documents are compared with the serving generation.
    pub compare: bool,
    /// The time of the request.
    pub started: Timestamp,
    /// When the scan began; `None` before.
    pub scan_started: Option<Timestamp>,
    /// When the scan ended; `None` before.
    pub scan_ended: Option<Timestamp>,
    /// When the worker had finished it.
    pub ended: Option<Timestamp>,
    /// Finished segments of the phase.
    pub segments_done: u64,
    /// Segments of the phase.
    pub segments: u64,
    /// The work of the scan.
    pub scanned: Counts,
    /// The results of the verification.
    pub verified: Counts,
    /// The approximate number of items that the scan has to read, when it is known. [`Counts::read`] approaches it.
    pub expected: Option<u64>,
    /// The reason of a failure.
    pub failure: Option<String>,
    /// Documents that differ from those of the serving generation: the first twenty.
    pub differences: Vec<Difference>,
    /// Whether the request had been answered before, under the same idempotency key, and this is the state of that time.
    pub replayed: bool,
}

impl Rebuild {
    pub(crate) fn new(run: &Run, scan: Total, verify: Total, places: u64) -> Self {
        let segments_done = match run.phase {
            Phase::Scan => scan.done,
            Phase::Verify => verify.done,
            _ => 0,
        };
        Self {
            generation: run.id.number,
            state: run.state,
            phase: run.phase,
            fills: run.fill.is_some(),
            replaces: run.replaces,
            compare: run.deep,
            started: run.started,
            scan_started: run.scan_since,
            scan_ended: run.scan_ended,
            ended: run.ended,
            segments_done,
            segments: places,
            scanned: scan.counts,
            verified: verify.counts,
            expected: run.expected,
            failure: run.failure.clone(),
            differences: verify.differences,
            replayed: false,
        }
    }

    /// Returns the commits per second that the scan has folded into documents so far; `None` before it began.
    #[must_use]
    pub fn rate(&self, now: Timestamp) -> Option<f64> {
        let elapsed = self
            .scan_ended
            .or(self.ended)
            .unwrap_or(now)
            .duration_since(self.scan_started?)
            .as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
        let commits = self.scanned.applied as f64;
        (elapsed > 0.0).then(|| commits / elapsed)
    }

    /// Returns when the scan will end at this rate; `None` when it is not in progress or its length is unknown.
    #[must_use]
    pub fn estimated_end(&self, now: Timestamp) -> Option<Timestamp> {
        if self.phase != Phase::Scan {
            return None;
        }
        let elapsed = now.duration_since(self.scan_started?).as_secs_f64();
        let left = self.expected?.saturating_sub(self.scanned.read);
        if self.scanned.read == 0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let seconds = elapsed * left as f64 / self.scanned.read as f64;
        now.checked_add(std::time::Duration::try_from_secs_f64(seconds).ok()?)
            .ok()
    }
}
