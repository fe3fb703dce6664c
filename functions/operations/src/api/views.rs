use super::Operations;
use super::answer::told;
use super::ask::{Asked, problem};
use super::codes::UNKNOWN_VIEW;
use crate::{Lag, Numbers, Queue};
use axum::extract::State;
use axum::response::Response;
use futures::future::{join, try_join_all};
use http_api::openapi::{ConditionalHeaders, StateRead};
use http_api::{IfNoneMatch, Problem, Query};
use jiff::Timestamp;
use projection::operations::{Overview, SubjectKind};
use serde::Serialize;
use utoipa::ToSchema;
use values::Moment;
use view_function::{NoParameters, answer_by_content};

/// The summaries of all views and reactors.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ViewList {
    /// The views and reactors, by name.
    views: Vec<ViewBody>,
}

/// The kind of a subscriber.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ViewKind {
    /// A view, which can be rebuilt.
    View,
    /// A reactor, which cannot be rebuilt, because its side effects would run again.
    Reactor,
}

/// The summary of a view or reactor.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = View)]
struct ViewBody {
    #[schema(example = "view-name")]
    name: String,
    kind: ViewKind,
    /// The generation that readers see.
    #[schema(example = 3)]
    generation: u64,
    /// Whether that generation contains all events: `false` until the worker has built a new view.
    /// Absent for a reactor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = true)]
    filled: Option<bool>,
    /// The generations that are kept up to date.
    #[schema(example = json!([3, 4]))]
    feeding: Vec<u64>,
    /// The generation that is being built, is ready, or was rolled back.
    #[schema(example = 4)]
    candidate: Option<u64>,
    /// The generation that can be rolled back to.
    previous: Option<u64>,
    /// The generations whose rows are being deleted.
    #[schema(example = json!([]))]
    clearing: Vec<u64>,
    /// The number of documents; `null` before the first sweep, round of sweeps or rebuild.
    documents: Option<DocumentCount>,
    /// The lag behind the commits; `null` if nothing was applied lately, or the metrics did not answer.
    lag: Option<LagBody>,
    /// The number of quarantined sources of documents, at most 1,000 counted of each generation.
    #[schema(example = 0)]
    quarantined: u64,
    /// The subscriber's queue; `null` if it did not answer.
    queue: Option<QueueBody>,
    /// The running sweep.
    #[schema(example = 12)]
    sweeping: Option<u64>,
}

/// A number of documents, counted by the last sweep, round of sweeps or rebuild.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DocumentCount {
    #[schema(example = 100_000)]
    count: u64,
    #[schema(value_type = Moment)]
    as_of: Timestamp,
}

/// The time from commit to application.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Lag)]
struct LagBody {
    #[schema(example = 42.0)]
    p50_milliseconds: f64,
    #[schema(example = 310.0)]
    p99_milliseconds: f64,
    /// The number of seconds over which it was measured.
    #[schema(example = 300)]
    window_seconds: u64,
}

/// The state of a queue.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Queue)]
struct QueueBody {
    /// The number of waiting messages.
    #[schema(example = 7)]
    messages: u64,
    /// The number of messages in progress.
    #[schema(example = 3)]
    in_flight: u64,
    /// The age of the oldest message; `null` if unknown.
    #[schema(example = 2)]
    oldest_seconds: Option<u64>,
    /// The number of messages in the dead-letter queue.
    #[schema(example = 0)]
    dead_letters: u64,
}

impl ViewBody {
    fn new(asked: Asked<'_>, overview: Overview, numbers: Numbers) -> Self {
        let subject = asked.0.subject();
        Self {
            name: subject.name.clone(),
            kind: match subject.kind {
                SubjectKind::View => ViewKind::View,
                SubjectKind::Reactor => ViewKind::Reactor,
            },
            generation: overview.serving,
            filled: overview.filled,
            feeding: overview.feeding.into_iter().collect(),
            candidate: overview.candidate,
            previous: overview.previous,
            clearing: overview.clearing.into_iter().collect(),
            documents: overview.documents.map(|(count, as_of)| DocumentCount {
                count,
                as_of: told(as_of),
            }),
            lag: numbers.lag.map(LagBody::from),
            quarantined: overview.quarantined,
            queue: numbers.queue.map(QueueBody::from),
            sweeping: overview.sweeping,
        }
    }
}

impl From<Lag> for LagBody {
    fn from(lag: Lag) -> Self {
        Self {
            p50_milliseconds: lag.p50_milliseconds,
            p99_milliseconds: lag.p99_milliseconds,
            window_seconds: lag.window_seconds,
        }
    }
}

impl From<Queue> for QueueBody {
    fn from(queue: Queue) -> Self {
        Self {
            messages: queue.messages,
            in_flight: queue.in_flight,
            oldest_seconds: queue.oldest_seconds,
            dead_letters: queue.dead_letters,
        }
    }
}

/// Lists the views and reactors.
///
/// Each entry has the generations, the lag, the queue and the size of the quarantine.
///
/// Costs about 5 read units per subscriber, two requests to its queues, and three CloudWatch metrics.
#[utoipa::path(
    get,
    path = "/operations/views",
    tag = "operations",
    operation_id = "listViews",
    params(ConditionalHeaders),
    responses(
        (status = 200, description = "All views and reactors.", body = ViewList),
        StateRead,
    )
)]
pub(super) async fn list_views(
    State(operations): State<Operations>,
    Query(NoParameters {}): Query<NoParameters>,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    let overviews = operations.controls.values().map(async |control| {
        let asked = Asked(control);
        let overview = control.overview().await;
        overview.map(|overview| (asked, overview))
    });
    let (overviews, mut numbers) = join(try_join_all(overviews), operations.queues.numbers()).await;
    let overviews = overviews.map_err(|error| problem(error, UNKNOWN_VIEW))?;
    let views = overviews.into_iter().map(|(asked, overview)| {
        let numbers = numbers.remove(&asked.0.subject().name).unwrap_or_default();
        ViewBody::new(asked, overview, numbers)
    });
    let views = views.collect();
    answer_by_content(&known, &ViewList { views })
}
