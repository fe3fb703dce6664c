use super::record::{Counts, Difference, Run, State};
use super::run::Total;
use jiff::Timestamp;

/// The current state of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// The number, from 1.
    pub number: u64,
    /// `RUNNING`, `DONE` or `FAILED`.
    pub state: State,
    /// Whether whole documents are compared, and not only their versions.
    pub deep: bool,
    /// The time of the request.
    pub started: Timestamp,
    /// When the sweep was done.
    pub ended: Option<Timestamp>,
    /// Finished segments.
    pub segments_done: u64,
    /// All segments.
    pub segments: u64,
    /// The results and the work.
    pub counts: Counts,
    /// The reason of a failure.
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
