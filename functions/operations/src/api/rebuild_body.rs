use super::answer::told;
use super::differences::{DifferenceBody, bodies};
use jiff::Timestamp;
use projection::operations::{Counts, Phase, Rebuild, State};
use serde::Serialize;
use utoipa::ToSchema;
use values::Moment;

/// The state of a rebuild.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(
    dead_code,
    reason = "it describes those of projection's states that a rebuild has"
)]
pub(super) enum RebuildState {
    /// The generation is being filled and checked.
    Building,
    /// The generation is complete; a flip is possible.
    Ready,
    /// Readers see the generation.
    Serving,
    /// Readers see the previous generation again; another flip is possible.
    RolledBack,
    /// The rebuild was aborted.
    Aborted,
    /// The generation could not be built; `failure` has the reason.
    Failed,
    /// A later generation replaced it.
    Retired,
}

/// The worker's phase.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(
    dead_code,
    reason = "it describes those of projection's phases that a rebuild has"
)]
pub(super) enum RebuildPhase {
    /// Waiting for processes that still use the previous registry.
    Fence,
    /// Folding the event tables into documents.
    Scan,
    /// Comparing the documents with the streams.
    Verify,
    /// All phases are complete.
    End,
}

/// The progress of a phase.
#[derive(Serialize, ToSchema)]
pub(super) struct Segments {
    #[schema(example = 5)]
    pub(super) done: u64,
    #[schema(example = 32)]
    pub(super) of: u64,
}

/// A rebuild of a view.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Rebuild)]
pub(super) struct RebuildBody {
    #[schema(example = "view-name")]
    view: String,
    /// The rebuild's number: the generation that it creates.
    #[schema(example = 4)]
    id: u64,
    #[schema(value_type = RebuildState, example = "BUILDING")]
    state: State,
    #[schema(value_type = RebuildPhase, example = "SCAN")]
    phase: Phase,
    /// Whether the worker started it to fill a new view. It then serves as soon as it is ready, and the generation that it replaces
    /// is retired.
    fills: bool,
    /// The generation that served when the rebuild began.
    #[schema(example = 3)]
    replaces: Option<u64>,
    /// Whether the finished documents are compared with those of the serving generation.
    compare: bool,
    /// The segments of the phase.
    segments: Segments,
    /// The number of commits that the scan has folded into documents.
    #[schema(example = 250_000)]
    commits: u64,
    /// The number of documents that the scan has written.
    #[schema(example = 51_000)]
    documents: u64,
    /// Commits per second.
    #[schema(example = 21_000.5)]
    rate_per_second: Option<f64>,
    /// The number of items of the first source's event table that the scan has read.
    #[schema(example = 260_000)]
    items: u64,
    /// The approximate number of items to read; `null` if unknown.
    #[schema(example = 500_000)]
    expected_items: Option<u64>,
    /// When the scan will end at this rate; `null` if no scan is running.
    #[schema(value_type = Option<Moment>)]
    estimated_end: Option<Timestamp>,
    verification: Verification,
    /// Why the rebuild failed.
    failure: Option<String>,
    /// The first twenty documents that differ from those of the serving generation.
    differences: Vec<DifferenceBody>,
    #[schema(value_type = Moment)]
    started: Timestamp,
    #[schema(value_type = Option<Moment>)]
    scan_started: Option<Timestamp>,
    #[schema(value_type = Option<Moment>)]
    scan_ended: Option<Timestamp>,
    /// When the rebuild ended.
    #[schema(value_type = Option<Moment>)]
    ended: Option<Timestamp>,
}

/// The results of the verification.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Verification {
    /// The number of streams that were checked.
    streams: u64,
    /// The number of documents that were found.
    documents: u64,
    /// The number of streams that a document was behind. They are healed.
    behind: u64,
    /// The number of quarantined sources of documents.
    quarantined: u64,
    /// The number of documents that were compared as a whole.
    compared: u64,
    /// The number of documents that differ.
    differences: u64,
}

impl From<Counts> for Verification {
    fn from(counts: Counts) -> Self {
        Self {
            streams: counts.streams,
            documents: counts.documents,
            behind: counts.behind,
            quarantined: counts.quarantined,
            compared: counts.compared,
            differences: counts.differences,
        }
    }
}

impl RebuildBody {
    pub(super) fn new(view: &str, rebuild: Rebuild, now: Timestamp) -> Self {
        Self {
            view: view.to_owned(),
            id: rebuild.generation,
            state: rebuild.state,
            phase: rebuild.phase,
            fills: rebuild.fills,
            replaces: rebuild.replaces,
            compare: rebuild.compare,
            segments: Segments {
                done: rebuild.segments_done,
                of: rebuild.segments,
            },
            commits: rebuild.scanned.applied,
            documents: rebuild.scanned.written,
            rate_per_second: rebuild.rate(now),
            items: rebuild.scanned.read,
            expected_items: rebuild.expected,
            estimated_end: rebuild.estimated_end(now).map(told),
            verification: rebuild.verified.into(),
            failure: rebuild.failure,
            differences: bodies(rebuild.differences),
            started: told(rebuild.started),
            scan_started: rebuild.scan_started.map(told),
            scan_ended: rebuild.scan_ended.map(told),
            ended: rebuild.ended.map(told),
        }
    }
}
