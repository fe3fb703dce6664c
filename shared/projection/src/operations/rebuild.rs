use super::record::{Counts, Difference, Phase, Run, State};
use super::run::Total;
use jiff::Timestamp;

/// How a generation is to be built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RebuildOptions {
    /// Segments of each event table: that many workers may be at it at once. None: as the deployment has it.
    pub segments: Option<u32>,
    /// Whether the finished documents are compared with those of the generation that serves: for a view whose code has
    /// not changed, where every difference means that one of the two is wrong.
    pub compare: bool,
    /// The same key again is the same rebuild.
    pub idempotency_key: Option<String>,
}

/// A rebuild as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Rebuild {
    /// The generation that it makes; the rebuild's id.
    pub generation: u64,
    /// Where it stands.
    pub state: State,
    /// What the worker is at.
    pub phase: Phase,
    /// Whether a worker began it to fill a view that was never built: then it serves as soon as it is ready, and what it
    /// replaces is retired.
    pub fills: bool,
    /// The generation that served when it began.
    pub replaces: Option<u64>,
    /// Whether documents are compared with the generation that serves.
    pub compare: bool,
    /// When it was asked for.
    pub started: Timestamp,
    /// When the scan began; none before.
    pub scan_started: Option<Timestamp>,
    /// When the scan ended; none before.
    pub scan_ended: Option<Timestamp>,
    /// When the worker had nothing more to do for it.
    pub ended: Option<Timestamp>,
    /// Segments of the phase that are through.
    pub segments_done: u64,
    /// Segments of the phase.
    pub segments: u64,
    /// What the scan has done.
    pub scanned: Counts,
    /// What the verification has found.
    pub verified: Counts,
    /// About how many items the scan has to read, when that is known: [`Counts::read`] goes there.
    pub expected: Option<u64>,
    /// Why it failed.
    pub failure: Option<String>,
    /// Documents that differ from those of the generation that serves: the first twenty.
    pub differences: Vec<Difference>,
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
        }
    }

    /// Commits per second that the scan has folded into documents so far; none before it began.
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

    /// When the scan will end at this rate; none when it is not under way or nothing is known about its length.
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
