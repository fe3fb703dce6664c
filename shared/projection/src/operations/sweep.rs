use super::record::{Counts, Difference, Run, State};
use super::run::Total;
use jiff::Timestamp;

/// A sweep as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// Its number, from 1.
    pub number: u64,
    /// `RUNNING`, `DONE` or `FAILED`.
    pub state: State,
    /// Whether whole documents are compared, not only how far they are.
    pub deep: bool,
    /// When it was asked for.
    pub started: Timestamp,
    /// When it was through.
    pub ended: Option<Timestamp>,
    /// Segments that are through.
    pub segments_done: u64,
    /// All of them.
    pub segments: u64,
    /// What it found and did.
    pub counts: Counts,
    /// Why it failed.
    pub failure: Option<String>,
    /// Documents that are not the fold of their events: the first twenty.
    pub differences: Vec<Difference>,
}

impl Sweep {
    pub(crate) fn new(run: &Run, total: Total, places: u64) -> Self {
        Self {
            number: run.id.number,
            state: run.state,
            deep: run.deep,
            started: run.started,
            ended: run.ended,
            segments_done: total.done,
            segments: places,
            counts: total.counts,
            failure: run.failure.clone(),
            differences: total.differences,
        }
    }
}
