use super::Operations;
use super::answer::{accepted, told};
use super::ask::{Asked, problem, sentence};
use super::codes::{REACTOR_NOT_SWEPT_DEEP, SWEEP_UNDER_WAY, UNKNOWN_SWEEP, UNKNOWN_VIEW};
use super::differences::{DifferenceBody, bodies};
use super::names::{Number, SubscriberName};
use super::rebuild_body::Segments;
use axum::extract::State;
use axum::response::Response;
use http_api::openapi::{CommandHeaders, CommandProblems, ConditionalHeaders, StateRead};
use http_api::{Command, IfNoneMatch, PathId, PathIds, Problem, Query, problems};
use jiff::Timestamp;
use projection::operations::{ControlError, State as RunState, SubjectKind, Sweep};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::Moment;
use view_function::{NoParameters, answer_by_content};

problems!(
    StartProblems = CommandProblems,
    UNKNOWN_VIEW,
    SWEEP_UNDER_WAY,
    REACTOR_NOT_SWEPT_DEEP
);
problems!(GetProblems = StateRead, UNKNOWN_VIEW, UNKNOWN_SWEEP);

/// A request to sweep a subscriber.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StartSweep {
    /// Whether whole documents are compared with the fold of their events, and not only their versions. Views only.
    #[serde(default)]
    deep: bool,
}

/// The state of a sweep.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(
    dead_code,
    reason = "it describes those of projection's states that a sweep has"
)]
enum SweepState {
    Running,
    Done,
    Failed,
}

/// A comparison of all documents with their events.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Sweep)]
struct SweepBody {
    #[schema(example = "view-name")]
    view: String,
    #[schema(example = 12)]
    id: u64,
    #[schema(value_type = SweepState, example = "DONE")]
    state: RunState,
    /// Whether whole documents are compared.
    deep: bool,
    segments: Segments,
    counts: SweepCounts,
    /// Why the sweep failed.
    failure: Option<String>,
    /// The first twenty documents that differ from the fold of their events.
    differences: Vec<DifferenceBody>,
    #[schema(value_type = Moment)]
    started: Timestamp,
    /// When the sweep ended.
    #[schema(value_type = Option<Moment>)]
    ended: Option<Timestamp>,
}

/// The results of a sweep.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SweepCounts {
    /// The number of commits that were read.
    #[schema(example = 500_000)]
    commits: u64,
    /// The number of streams that were checked.
    #[schema(example = 101_000)]
    streams: u64,
    /// The number of documents that were found.
    #[schema(example = 100_998)]
    documents: u64,
    /// The number of streams that a document was behind: healed, or for a reactor sent as messages.
    #[schema(example = 2)]
    behind: u64,
    /// The number of quarantined sources of documents.
    #[schema(example = 0)]
    quarantined: u64,
    /// The number of documents that were compared as a whole.
    #[schema(example = 0)]
    compared: u64,
    /// The number of documents that differ.
    #[schema(example = 0)]
    differences: u64,
}

impl SweepBody {
    fn new(view: &str, sweep: Sweep) -> Self {
        Self {
            view: view.to_owned(),
            id: sweep.number,
            state: sweep.state,
            deep: sweep.deep,
            segments: Segments {
                done: sweep.segments_done,
                of: sweep.segments,
            },
            counts: SweepCounts {
                commits: sweep.counts.commits,
                streams: sweep.counts.streams,
                documents: sweep.counts.documents,
                behind: sweep.counts.behind,
                quarantined: sweep.counts.quarantined,
                compared: sweep.counts.compared,
                differences: sweep.counts.differences,
            },
            failure: sweep.failure,
            differences: bodies(sweep.differences),
            started: told(sweep.started),
            ended: sweep.ended.map(told),
        }
    }
}

/// Sweeps a view or a reactor.
///
/// Compares every document with the streams that it comes from, and heals those that are behind, including gaps that no
/// later event would reveal.
///
/// Costs one transaction; the worker then reads every commit of the sources (1 read unit per 4 KB) and every document.
#[utoipa::path(
    post,
    path = "/operations/views/{view}/sweeps",
    tag = "operations",
    operation_id = "startSweep",
    params(
        ("view" = String, Path, description = "The view or reactor.", min_length = 1, max_length = 64,
            pattern = "^[a-z-]+$", example = "view-name"),
        CommandHeaders,
    ),
    request_body = StartSweep,
    responses(
        (status = 202, description = "The sweep that was started. A repeated `Idempotency-Key` returns the same sweep.",
            body = SweepBody, headers(("Location" = String, description = "The path of the sweep."),
                ("Cache-Control" = String, description = "`no-store`."))),
        StartProblems,
    )
)]
pub(super) async fn start_sweep(
    State(operations): State<Operations>,
    PathId(view): PathId<SubscriberName>,
    command: Command<StartSweep>,
) -> Result<Response, Problem> {
    let asked = operations.of(&view)?;
    let deep = command.body.deep;
    // Derived from the client's key and this path; random without one.
    let key = command.context.command_id.to_string();
    let sweep = match asked.0.start_sweep(deep, Some(&key)).await {
        Ok(sweep) => sweep,
        Err(ControlError::Refused(reason)) => return Err(refused(asked, deep, &reason)),
        Err(error) => return Err(problem(error, UNKNOWN_SWEEP)),
    };
    if sweep.deep != deep {
        return Err(Problem::key_reused());
    }
    let location = format!("/operations/views/{view}/sweeps/{}", sweep.number);
    accepted(&location, &body(asked, sweep))
}

fn refused(asked: Asked<'_>, deep: bool, reason: &str) -> Problem {
    if deep && asked.0.subject().kind == SubjectKind::Reactor {
        REACTOR_NOT_SWEPT_DEEP.problem(sentence(reason)).field("deep")
    } else {
        SWEEP_UNDER_WAY
            .problem(sentence(reason))
            .with("currentStatus", "RUNNING")
    }
}

/// Shows a sweep.
///
/// The last twenty are kept. Costs about 2 read units.
#[utoipa::path(
    get,
    path = "/operations/views/{view}/sweeps/{id}",
    tag = "operations",
    operation_id = "getSweep",
    params(
        ("view" = String, Path, description = "The view or reactor.", min_length = 1, max_length = 64,
            pattern = "^[a-z-]+$", example = "view-name"),
        ("id" = u64, Path, description = "The sweep's number.", minimum = 1, maximum = 9_999_999_999_i64, example = 12), ConditionalHeaders),
    responses(
        (status = 200, description = "The state and results of the sweep.", body = SweepBody),
        GetProblems,
    )
)]
pub(super) async fn get_sweep(
    State(operations): State<Operations>,
    PathIds(view, Number(id)): PathIds<SubscriberName, Number>,
    Query(NoParameters {}): Query<NoParameters>,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    let asked = operations.of(&view)?;
    let sweep = asked.0.sweep(id).await;
    let sweep = sweep
        .map_err(|error| problem(error, UNKNOWN_SWEEP))?
        .ok_or_else(|| {
            let detail = format_args!("{view} has no sweep {id}; the last twenty are kept.");
            UNKNOWN_SWEEP.problem(detail).field("id")
        })?;
    answer_by_content(&known, &body(asked, sweep))
}

fn body(asked: Asked<'_>, sweep: Sweep) -> SweepBody {
    SweepBody::new(&asked.0.subject().name, sweep)
}
