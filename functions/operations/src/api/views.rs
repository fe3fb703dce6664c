use super::Operations;
use super::answer::{answer, told};
use super::ask::{Asked, problem};
use super::codes::UNKNOWN_VIEW;
use crate::{Lag, Numbers, Queue};
use axum::extract::State;
use axum::response::Response;
use futures::future::{join, try_join_all};
use http::StatusCode;
use http_api::openapi::ReadProblems;
use http_api::{Problem, Query};
use jiff::Timestamp;
use projection::operations::{Overview, SubjectKind};
use serde::Serialize;
use utoipa::ToSchema;
use values::Moment;
use view_function::NoParameters;

/// Every view and reactor at a glance.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ViewList {
    /// By name.
    views: Vec<ViewBody>,
}

/// What a subscriber is.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ViewKind {
    /// It can be rebuilt.
    View,
    /// It cannot: its side effects would run again.
    Reactor,
}

/// A view or reactor at a glance.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = View)]
struct ViewBody {
    #[schema(example = "order-history")]
    name: String,
    kind: ViewKind,
    /// The generation that readers see.
    #[schema(example = 3)]
    generation: u64,
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
    /// How many documents there are; `null` before the first sweep or rebuild.
    documents: Option<DocumentCount>,
    /// How far it is behind; `null` when nothing was applied lately, or the numbers did not answer.
    lag: Option<LagBody>,
    /// How many sources of documents stand still, at most 1,000 of each generation counted.
    #[schema(example = 0)]
    quarantined: u64,
    /// What waits for it; `null` when its queue did not answer.
    queue: Option<QueueBody>,
    /// The sweep that is under way.
    #[schema(example = 12)]
    sweeping: Option<u64>,
}

/// Documents, counted by the last sweep or rebuild.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DocumentCount {
    #[schema(example = 100_000)]
    count: u64,
    #[schema(value_type = Moment)]
    as_of: Timestamp,
}

/// From commit to view.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Lag)]
struct LagBody {
    #[schema(example = 42.0)]
    p50_milliseconds: f64,
    #[schema(example = 310.0)]
    p99_milliseconds: f64,
    /// Over how many seconds it was measured.
    #[schema(example = 300)]
    window_seconds: u64,
}

/// What is in a queue.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Queue)]
struct QueueBody {
    /// Messages that wait.
    #[schema(example = 7)]
    messages: u64,
    /// Messages that are being worked on.
    #[schema(example = 3)]
    in_flight: u64,
    /// The age of the oldest one; `null` when that is not known.
    #[schema(example = 2)]
    oldest_seconds: Option<u64>,
    /// Messages that were given up on.
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

/// The views and reactors
///
/// With their generations, how far they are behind, what waits for them and what stands still.
///
/// Costs some 5 read units per subscriber, two requests to its queues, and three CloudWatch metrics.
#[utoipa::path(
    get,
    path = "/operations/views",
    tag = "operations",
    operation_id = "listViews",
    responses(
        (status = 200, description = "All of them.", body = ViewList),
        ReadProblems,
    )
)]
pub(super) async fn list_views(
    State(operations): State<Operations>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let overviews = operations.controls.values().map(async |control| {
        let asked = Asked(control);
        let overview = asked.within(control.overview()).await;
        overview.map(|overview| (asked, overview))
    });
    let (overviews, mut numbers) = join(try_join_all(overviews), operations.queues.numbers()).await;
    let overviews = overviews.map_err(|error| problem(error, UNKNOWN_VIEW))?;
    let views = overviews.into_iter().map(|(asked, overview)| {
        let numbers = numbers.remove(&asked.0.subject().name).unwrap_or_default();
        ViewBody::new(asked, overview, numbers)
    });
    let views = views.collect();
    answer(StatusCode::OK, &ViewList { views })
}
