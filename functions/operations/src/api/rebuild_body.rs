use super::answer::told;
use super::differences::{DifferenceBody, bodies};
use jiff::Timestamp;
use projection::operations::{Counts, Phase, Rebuild, State};
use serde::Serialize;
use utoipa::ToSchema;
use values::Moment;

/// Where a rebuild stands.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(
    dead_code,
    reason = "it describes those of projection's states that a rebuild has"
)]
pub(super) enum RebuildState {
    /// The generation is being filled and checked.
    Building,
    /// It is complete, and may be flipped to.
    Ready,
    /// Readers see it.
    Serving,
    /// Readers see the one before again; it may be flipped to once more.
    RolledBack,
    /// It was given up.
    Aborted,
    /// It could not be built; `failure` says why.
    Failed,
    /// Another one took its place.
    Retired,
}

/// What the worker is at.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(
    dead_code,
    reason = "it describes those of projection's phases that a rebuild has"
)]
pub(super) enum RebuildPhase {
    /// Waiting for whoever still works by the registry as it was before.
    Fence,
    /// Folding the event tables into documents.
    Scan,
    /// Comparing the documents with the streams.
    Verify,
    /// Nothing is left to do.
    End,
}

/// How much of a phase is through.
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
    #[schema(example = "order-history")]
    view: String,
    /// The rebuild's number: the generation that it makes.
    #[schema(example = 4)]
    id: u64,
    #[schema(value_type = RebuildState, example = "BUILDING")]
    state: State,
    #[schema(value_type = RebuildPhase, example = "SCAN")]
    phase: Phase,
    /// The generation that served when it began.
    #[schema(example = 3)]
    replaces: Option<u64>,
    /// Whether the finished documents are compared with those of the generation that serves.
    compare: bool,
    /// Of the phase.
    segments: Segments,
    /// Commits that the scan has folded into documents.
    #[schema(example = 250_000)]
    commits: u64,
    /// Documents that the scan has written.
    #[schema(example = 51_000)]
    documents: u64,
    /// Commits per second.
    #[schema(example = 21_000.5)]
    rate_per_second: Option<f64>,
    /// Items of the first source's event table that the scan has read.
    #[schema(example = 260_000)]
    items: u64,
    /// About how many items it has to read; `null` when that is not known.
    #[schema(example = 500_000)]
    expected_items: Option<u64>,
    /// When the scan will end at this rate; `null` when it is not under way.
    #[schema(value_type = Option<Moment>)]
    estimated_end: Option<Timestamp>,
    verification: Verification,
    /// Why it failed.
    failure: Option<String>,
    /// Documents that differ from those of the generation that serves: the first twenty.
    differences: Vec<DifferenceBody>,
    #[schema(value_type = Moment)]
    started: Timestamp,
    #[schema(value_type = Option<Moment>)]
    scan_started: Option<Timestamp>,
    #[schema(value_type = Option<Moment>)]
    scan_ended: Option<Timestamp>,
    /// When nothing was left to do.
    #[schema(value_type = Option<Moment>)]
    ended: Option<Timestamp>,
}

/// What the verification has found.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Verification {
    /// Streams that were looked at.
    streams: u64,
    /// Documents that were there.
    documents: u64,
    /// Streams that a document was behind of. They are healed.
    behind: u64,
    /// Sources of documents that stand still.
    quarantined: u64,
    /// Documents that were compared as a whole.
    compared: u64,
    /// Those that differ.
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
