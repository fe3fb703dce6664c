use super::Operations;
use super::answer::{accepted, answer};
use super::ask::{Asked, problem, sentence};
use super::codes::{
    PREVIOUS_NOT_RETIRED, REACTOR_NOT_REBUILT, REBUILD_UNDER_WAY, UNKNOWN_REBUILD, UNKNOWN_VIEW,
};
use super::names::{MAX_NUMBER, Number, SubscriberName};
use super::rebuild_body::RebuildBody;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use http_api::codes::INVALID_STATE_TRANSITION;
use http_api::openapi::{CommandHeaders, CommandProblems, ConditionalHeaders, StateRead};
use http_api::{Code, Command, IfNoneMatch, NoBody, PathId, PathIds, Problem, Query, marked, problems};
use jiff::Timestamp;
use projection::operations::{Control, ControlError, MOST_SEGMENTS, Rebuild, RebuildOptions, SubjectKind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use view_function::{NoParameters, answer_by_content};

/// A request to rebuild a view.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StartRebuild {
    /// The number of segments of each event table, which is the maximum number of concurrent workers; the deployment's
    /// setting if absent.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 256, example = 8)]
    segments: Option<Segments>,
    /// Whether the finished documents are compared with those of the serving generation; use it for a view whose code has
    /// not changed.
    #[serde(default)]
    compare: bool,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "u32")]
struct Segments(u32);

impl TryFrom<u32> for Segments {
    type Error = String;
    fn try_from(segments: u32) -> Result<Self, String> {
        if (1..=MOST_SEGMENTS).contains(&segments) {
            Ok(Self(segments))
        } else {
            Err(format!("a table has 1 to {MOST_SEGMENTS} segments"))
        }
    }
}

/// The latest rebuilds of a view.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RebuildList {
    /// The rebuilds, newest first, at most twenty.
    rebuilds: Vec<RebuildBody>,
}

/// The rebuild in the path.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it describes what PathIds reads")]
pub(super) struct RebuildPath {
    /// The view.
    #[param(min_length = 1, max_length = 64, pattern = "^[a-z-]+$", example = "view-name")]
    view: String,
    /// The rebuild's number: the generation that it creates.
    #[param(minimum = 1, maximum = 9_999_999_999_i64, example = 4)]
    id: u64,
}

problems!(
    StartProblems = CommandProblems,
    UNKNOWN_VIEW,
    REBUILD_UNDER_WAY,
    PREVIOUS_NOT_RETIRED,
    REACTOR_NOT_REBUILT
);
problems!(
    StepProblems = CommandProblems,
    UNKNOWN_VIEW,
    UNKNOWN_REBUILD,
    INVALID_STATE_TRANSITION
);
problems!(ListProblems = StateRead, UNKNOWN_VIEW);
problems!(GetProblems = StateRead, UNKNOWN_VIEW, UNKNOWN_REBUILD);

/// Rebuilds a view.
///
/// Starts a new generation beside the serving one. A worker fills it; poll the rebuild until its state is `READY`, then
/// flip to it. Reads, commands and projections continue meanwhile.
///
/// Costs one transaction of two items; the worker then reads every commit of the view's sources once (1 read unit per
/// 4 KB) and writes every document once.
#[utoipa::path(
    post,
    path = "/operations/views/{view}/rebuilds",
    tag = "operations",
    operation_id = "startRebuild",
    params(
        ("view" = String, Path, description = "The view.", min_length = 1, max_length = 64, pattern = "^[a-z-]+$",
            example = "view-name"),
        CommandHeaders,
    ),
    request_body = StartRebuild,
    responses(
        (status = 202, description = "The rebuild that was started. A repeated `Idempotency-Key` returns the same rebuild.",
            body = RebuildBody, headers(("Location" = String, description = "The path of the rebuild."),
                ("Cache-Control" = String, description = "`no-store`."))),
        StartProblems,
    )
)]
pub(super) async fn start_rebuild(
    State(operations): State<Operations>,
    PathId(view): PathId<SubscriberName>,
    command: Command<StartRebuild>,
) -> Result<Response, Problem> {
    let asked = operations.of(&view)?;
    let options = RebuildOptions {
        segments: command.body.segments.map(|Segments(segments)| segments),
        compare: command.body.compare,
        idempotency_key: command.repeatable_id(),
    };
    let rebuild = match asked.0.start_rebuild(&options).await {
        Ok(rebuild) => rebuild,
        Err(ControlError::Refused(reason)) => return Err(not_now(asked, &reason).await),
        Err(error) => return Err(problem(error, UNKNOWN_REBUILD)),
    };
    if rebuild.compare != options.compare {
        return Err(Problem::key_reused());
    }
    let location = format!("/operations/views/{view}/rebuilds/{}", rebuild.generation);
    let replayed = rebuild.replayed;
    Ok(marked(replayed, accepted(&location, &body(asked, rebuild))?))
}

/// Returns why no rebuild can be started.
async fn not_now(asked: Asked<'_>, reason: &str) -> Problem {
    let refused = |code: Code| code.problem(sentence(reason));
    if asked.0.subject().kind == SubjectKind::Reactor {
        return refused(REACTOR_NOT_REBUILT);
    }
    let candidate = match asked.0.overview().await {
        Ok(overview) => overview.candidate,
        Err(error) => return problem(error, UNKNOWN_REBUILD),
    };
    match candidate {
        None => refused(PREVIOUS_NOT_RETIRED),
        Some(candidate) => match asked.rebuild(candidate).await {
            Ok(rebuild) => refused(REBUILD_UNDER_WAY).with("currentStatus", status(&rebuild)),
            Err(problem) => problem,
        },
    }
}

/// Lists the latest rebuilds of a view.
///
/// Costs about 3 read units per rebuild.
#[utoipa::path(
    get,
    path = "/operations/views/{view}/rebuilds",
    tag = "operations",
    operation_id = "listRebuilds",
    params(("view" = String, Path, description = "The view.", min_length = 1, max_length = 64, pattern = "^[a-z-]+$",
        example = "view-name"), ConditionalHeaders),
    responses(
        (status = 200, description = "The latest twenty rebuilds, newest first.", body = RebuildList),
        ListProblems,
    )
)]
pub(super) async fn list_rebuilds(
    State(operations): State<Operations>,
    PathId(view): PathId<SubscriberName>,
    Query(NoParameters {}): Query<NoParameters>,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    let asked = operations.of(&view)?;
    let rebuilds = asked.0.rebuilds().await;
    let rebuilds = rebuilds.map_err(|error| problem(error, UNKNOWN_REBUILD))?;
    let rebuilds = rebuilds.into_iter().map(|rebuild| body(asked, rebuild)).collect();
    answer_by_content(&known, &RebuildList { rebuilds })
}

/// Shows a rebuild.
///
/// Costs about 3 read units.
#[utoipa::path(
    get,
    path = "/operations/views/{view}/rebuilds/{id}",
    tag = "operations",
    operation_id = "getRebuild",
    params(RebuildPath, ConditionalHeaders),
    responses(
        (status = 200, description = "The state and progress of the rebuild.", body = RebuildBody),
        GetProblems,
    )
)]
pub(super) async fn get_rebuild(
    State(operations): State<Operations>,
    PathIds(view, Number(id)): PathIds<SubscriberName, Number>,
    Query(NoParameters {}): Query<NoParameters>,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    let asked = operations.of(&view)?;
    let rebuild = asked.rebuild(id).await?;
    answer_by_content(&known, &body(asked, rebuild))
}

/// Flips readers to the generation of a rebuild.
///
/// All readers see it within a second. Allowed in `READY` and `ROLLED_BACK`; repeated in `SERVING`, the request succeeds
/// and changes nothing. The previous generation is kept up to date, so that a rollback takes effect at once.
#[utoipa::path(
    post,
    path = "/operations/views/{view}/rebuilds/{id}/flip",
    tag = "operations",
    operation_id = "flipRebuild",
    params(RebuildPath, CommandHeaders),
    request_body = NoBody,
    responses(
        (status = 200, description = "The rebuild after the change.", body = RebuildBody,
            headers(("Cache-Control" = String, description = "`no-store`."))),
        StepProblems,
    )
)]
pub(super) async fn flip_rebuild(
    State(operations): State<Operations>,
    PathIds(view, id): PathIds<SubscriberName, Number>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    step(&operations, &view, id, &command, Control::flip).await
}

/// Rolls readers back to the previous generation.
///
/// All readers see it within a second. Allowed in `SERVING` until the previous generation is retired; repeated in
/// `ROLLED_BACK`, the request succeeds and changes nothing.
#[utoipa::path(
    post,
    path = "/operations/views/{view}/rebuilds/{id}/rollback",
    tag = "operations",
    operation_id = "rollBackRebuild",
    params(RebuildPath, CommandHeaders),
    request_body = NoBody,
    responses(
        (status = 200, description = "The rebuild after the change.", body = RebuildBody,
            headers(("Cache-Control" = String, description = "`no-store`."))),
        StepProblems,
    )
)]
pub(super) async fn roll_back_rebuild(
    State(operations): State<Operations>,
    PathIds(view, id): PathIds<SubscriberName, Number>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    step(&operations, &view, id, &command, Control::rollback).await
}

/// Aborts a rebuild.
///
/// Allowed in `BUILDING`, `READY` and `ROLLED_BACK`; repeated in `ABORTED`, the request succeeds and changes nothing. The
/// generation's rows are deleted.
#[utoipa::path(
    post,
    path = "/operations/views/{view}/rebuilds/{id}/abort",
    tag = "operations",
    operation_id = "abortRebuild",
    params(RebuildPath, CommandHeaders),
    request_body = NoBody,
    responses(
        (status = 200, description = "The rebuild after the change.", body = RebuildBody,
            headers(("Cache-Control" = String, description = "`no-store`."))),
        StepProblems,
    )
)]
pub(super) async fn abort_rebuild(
    State(operations): State<Operations>,
    PathIds(view, id): PathIds<SubscriberName, Number>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    step(&operations, &view, id, &command, Control::abort).await
}

/// Retires the generation that a rebuild replaced.
///
/// Allowed in `SERVING`, and may be repeated. From then on a rollback is not possible, and the rows of the previous
/// generation are deleted.
#[utoipa::path(
    post,
    path = "/operations/views/{view}/rebuilds/{id}/retire",
    tag = "operations",
    operation_id = "retirePrevious",
    params(RebuildPath, CommandHeaders),
    request_body = NoBody,
    responses(
        (status = 200, description = "The rebuild after the change.", body = RebuildBody,
            headers(("Cache-Control" = String, description = "`no-store`."))),
        StepProblems,
    )
)]
pub(super) async fn retire_rebuild(
    State(operations): State<Operations>,
    PathIds(view, id): PathIds<SubscriberName, Number>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    step(&operations, &view, id, &command, Control::retire).await
}

async fn step(
    operations: &Operations,
    view: &SubscriberName,
    Number(id): Number,
    command: &Command<NoBody>,
    step: impl AsyncFn(&Control, u64) -> Result<Rebuild, ControlError>,
) -> Result<Response, Problem> {
    let asked = operations.of(view)?;
    match step(&asked.0.under(command.repeatable_id()), id).await {
        Ok(rebuild) => {
            let replayed = rebuild.replayed;
            Ok(marked(replayed, answer(StatusCode::OK, &body(asked, rebuild))?))
        }
        Err(error @ ControlError::Refused(_)) => {
            let current = asked.rebuild(id).await?;
            Err(problem(error, UNKNOWN_REBUILD).with("currentStatus", status(&current)))
        }
        Err(error) => Err(problem(error, UNKNOWN_REBUILD)),
    }
}

fn body(asked: Asked<'_>, rebuild: Rebuild) -> RebuildBody {
    RebuildBody::new(&asked.0.subject().name, rebuild, Timestamp::now())
}

fn status(rebuild: &Rebuild) -> serde_json::Value {
    serde_json::to_value(rebuild.state).unwrap_or_default()
}

// The limits in the description of the path.
const _: () = assert!(MAX_NUMBER == 9_999_999_999 && MOST_SEGMENTS == 256);
