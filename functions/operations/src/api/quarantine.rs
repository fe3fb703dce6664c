use super::Operations;
use super::answer::told;
use super::ask::problem;
use super::codes::UNKNOWN_VIEW;
use super::names::SubscriberName;
use axum::extract::State;
use axum::response::Response;
use commit::StreamId;
use futures::future::try_join;
use http_api::openapi::{ConditionalHeaders, StateRead};
use http_api::{IfNoneMatch, PathId, Problem, Query, cursor, problems};
use jiff::Timestamp;
use projection::Quarantined;
use projection::operations::{ControlError, Skipped};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use values::Moment;
use view_function::{Limit, Paging, answer_by_content};

problems!(ViewReadProblems = StateRead, UNKNOWN_VIEW);

/// The parameters of the list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, style = Form)]
pub(super) struct QuarantineParameters {
    /// The maximum number of entries on a page.
    #[serde(default)]
    #[param(required = false, inline)]
    limit: Limit,
    /// The `nextCursor` of the previous page.
    cursor: Option<String>,
}

/// One page of the quarantine.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct QuarantinePageBody {
    /// The quarantined sources, by generation and stream.
    quarantined: Vec<QuarantinedBody>,
    /// The cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// The events that are skipped, in every generation. The same on every page, at most 1,000.
    skipped: Vec<SkippedBody>,
}

/// A quarantined source of a document.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Quarantined)]
struct QuarantinedBody {
    /// The document's key.
    #[schema(example = "0193a5b2c4d67e8f9a0b1c2d3e4f5061")]
    document: String,
    /// The stream whose events are held back.
    #[schema(example = "category#0193a5b2c4d67e8f9a0b1c2d3e4f5061")]
    stream: String,
    /// The event that cannot be applied.
    #[schema(example = 3)]
    version: u64,
    /// The generation of the document.
    #[schema(example = 3)]
    generation: u64,
    /// Why it cannot be applied.
    #[schema(example = "missing field `quantity`")]
    reason: String,
    /// The time of that event.
    #[schema(value_type = Moment)]
    since: Timestamp,
    /// The number of seconds since that time.
    #[schema(example = 3_600)]
    age_seconds: u64,
    /// The number of commits that were held back. A commit that was delivered again counts again.
    #[schema(example = 2)]
    count: u64,
}

/// An event that is skipped.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Skipped)]
pub(super) struct SkippedBody {
    /// The event's stream.
    #[schema(example = "category#0193a5b2c4d67e8f9a0b1c2d3e4f5061")]
    stream: String,
    /// The event's version.
    #[schema(example = 3)]
    version: u64,
    /// Why it is skipped.
    #[schema(example = "Written by a build that was never released.")]
    reason: String,
    /// The person who decided it.
    #[schema(example = "Ada")]
    by: Option<String>,
    /// When it was decided.
    #[schema(value_type = Moment)]
    time: Timestamp,
}

impl QuarantinedBody {
    fn new(quarantined: Quarantined, now: Timestamp) -> Self {
        let age = now.duration_since(quarantined.time).as_secs();
        Self {
            document: quarantined.stream.id().to_owned(),
            stream: quarantined.stream.to_string(),
            version: quarantined.version,
            generation: quarantined.generation,
            reason: quarantined.error,
            since: quarantined.time,
            // An event's time may be slightly in the future, because clocks differ.
            age_seconds: u64::try_from(age).unwrap_or(0),
            count: quarantined.count,
        }
    }
}

impl From<Skipped> for SkippedBody {
    fn from(skipped: Skipped) -> Self {
        Self {
            stream: skipped.skip.stream.to_string(),
            version: skipped.skip.version,
            reason: skipped.skip.reason,
            by: skipped.skip.by,
            time: told(skipped.time),
        }
    }
}

/// Lists the quarantine of a view or reactor.
///
/// A document to which an event cannot be applied is quarantined for that event's source only. Deploy a fix and redrive
/// the document, or skip the event.
///
/// Costs 1 read unit per 4 KB of the list.
#[utoipa::path(
    get,
    path = "/operations/views/{view}/quarantine",
    tag = "operations",
    operation_id = "listQuarantine",
    params(
        ("view" = String, Path, description = "The view or reactor.", min_length = 1, max_length = 64,
            pattern = "^[a-z-]+$", example = "view-name"),
        QuarantineParameters, ConditionalHeaders),
    responses(
        (status = 200, description = "The quarantined sources and the skipped events.", body = QuarantinePageBody),
        ViewReadProblems,
    )
)]
pub(super) async fn list_quarantine(
    State(operations): State<Operations>,
    PathId(view): PathId<SubscriberName>,
    Query(QuarantineParameters { limit, cursor }): Query<QuarantineParameters>,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    let asked = operations.of(&view)?;
    let paging = Paging::new("quarantined", &[view.as_str()], limit, cursor);
    let start: Option<String> = paging.start()?;
    if !start.as_deref().is_none_or(is_a_place) {
        return Err(cursor::foreign());
    }
    let page = asked.0.quarantine(start.as_deref(), paging.limit() as usize);
    let (page, skipped) = try_join(page, asked.0.skipped())
        .await
        .map_err(|error| match error {
            ControlError::NotFound(_) => cursor::foreign(),
            error => problem(error, UNKNOWN_VIEW),
        })?;
    let now = Timestamp::now();
    let body = QuarantinePageBody {
        next_cursor: paging.next(page.next.as_ref())?,
        quarantined: page
            .items
            .into_iter()
            .map(|item| QuarantinedBody::new(item, now))
            .collect(),
        skipped: skipped.into_iter().map(SkippedBody::from).collect(),
    };
    answer_by_content(&known, &body)
}

/// Returns whether a cursor's content is a valid position. The content of a cursor becomes part
/// of a table's key.
fn is_a_place(text: &str) -> bool {
    text.split_once('.').is_some_and(|(generation, stream)| {
        generation.parse::<u64>().is_ok() && stream.parse::<StreamId>().is_ok()
    })
}
