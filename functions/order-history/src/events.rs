use crate::unknown_order::{UNKNOWN_ORDER, unknown_order};
use crate::view::OrderHistory;
use axum::extract::State;
use axum::response::Response;
use commit::{Commit, CommitId, EventData, StreamId};
use contracts::{Moment, OrderId, order};
use event_store::CommitReader;
use function::Wiring;
use http_api::openapi::{PageRead, ReadHeaders};
use http_api::{Consistency, IfNoneMatch, PathId, Problem, Query, problems};
use jiff::Timestamp;
use projection::View;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view_function::{Limit, Paging, answer_by_content};

/// `GET /orders/{id}/events`.
pub(crate) fn router(wiring: Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_events))
        .with_state(wiring)
}

problems!(ListProblems = PageRead, UNKNOWN_ORDER);

/// Which events to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, style = Form)]
struct EventParameters {
    /// Which of the order's streams.
    #[serde(default)]
    #[param(required = false, inline)]
    stream: Source,
    /// How many commits a page has at most. All events of a command are one commit, and a page never parts them.
    #[serde(default)]
    #[param(required = false, inline)]
    limit: Limit,
    /// The `nextCursor` of the page before. It belongs to this stream of this order.
    cursor: Option<String>,
}

/// A category that feeds the view: every order has one stream of each, under its own id.
#[derive(Debug, Clone, Copy)]
struct Source(&'static str);

impl Default for Source {
    fn default() -> Self {
        Self(order::CATEGORY)
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = OrderHistory::SOURCES.iter().find(|source| **source == text);
        known.map(|source| Self(source)).ok_or_else(|| {
            let all = OrderHistory::SOURCES.join(", ");
            D::Error::custom(format_args!("An order has these streams: {all}."))
        })
    }
}

impl PartialSchema for Source {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(OrderHistory::SOURCES.iter().copied()))
            .default(Some(order::CATEGORY.into()))
            .into()
    }
}

impl ToSchema for Source {}

/// One page of the events of one stream.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EventPage {
    /// The events, in the order of their versions.
    events: Vec<PublishedEvent>,
    /// Where the next page begins; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// One event as it was published.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PublishedEvent {
    /// Its place in its stream, from 1, without gaps.
    version: u64,
    /// What happened.
    #[schema(example = "OrderCreated")]
    r#type: String,
    /// The version of the type's schema, from 1.
    schema: u32,
    /// What the schema of this type and version says.
    #[schema(value_type = Object)]
    data: Value,
    /// When the command that caused it was taken up.
    #[schema(value_type = Moment)]
    time: Timestamp,
    /// What it was committed with: the same for all events of one command.
    #[schema(value_type = String)]
    commit_id: CommitId,
    /// The commit that a reactor answered with this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    causation_id: Option<String>,
    /// Shared by everything that one request set in motion.
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<String>,
    /// The caller, or the reactor.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
}

impl PublishedEvent {
    fn of(commit: Commit) -> impl Iterator<Item = Self> {
        let Commit {
            first,
            id,
            time,
            metadata,
            events,
            ..
        } = commit;
        let event = move |(version, event): (u64, EventData)| Self {
            version,
            r#type: event.kind,
            schema: event.schema,
            data: event.data,
            time,
            commit_id: id,
            causation_id: metadata.causation_id.clone(),
            correlation_id: metadata.correlation_id.clone(),
            actor: metadata.actor.clone(),
        };
        (first..).zip(events).map(event)
    }
}

/// One order's events
///
/// The events of one of its streams as they were published, from the event table of the service that owns it, in order.
/// They are read where they were written, so no `Consistency-Token` is needed, and nothing is waited for.
///
/// `limit` counts commits: one to a few events each, never parted. A page ends earlier, with a `nextCursor`, before it has
/// read more than 1 MB. A stream to which nothing happened yet is empty.
///
/// Costs one consistent Query, 1 read unit per 4 KB; an empty page one more, for the order itself.
#[utoipa::path(
    get,
    path = "/orders/{id}/events",
    tag = "order history",
    operation_id = "listOrderEvents",
    params(("id" = OrderId, Path, description = "The order."), EventParameters, ReadHeaders),
    responses(
        (status = 200, description = "The events, oldest first.", body = EventPage),
        ListProblems,
    )
)]
async fn list_events(
    State(wiring): State<Wiring>,
    PathId(id): PathId<OrderId>,
    Query(parameters): Query<EventParameters>,
    // The truth is never behind, but a token that is none is refused as everywhere.
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let EventParameters {
        stream: source,
        limit,
        cursor,
    } = parameters;
    let key = id.to_string();
    let paging = Paging::new("commits", &[&key, source.0], limit, cursor);
    let after = paging.start()?.unwrap_or(0);
    let (commits, next) = page(&wiring, source, &key, after, paging.limit()).await?;
    // What an order's other streams say came after its creation, so a page with something in it needs no second look.
    if commits.is_empty() && !was_placed(&wiring, &key).await? {
        return Err(unknown_order(id));
    }
    let page = EventPage {
        events: commits.into_iter().flat_map(PublishedEvent::of).collect(),
        next_cursor: paging.next(next.as_ref())?,
    };
    answer_by_content(&asked, &page)
}

/// Up to `limit` commits after this version, and the version after which the next page begins.
async fn page(
    wiring: &Wiring,
    source: Source,
    key: &str,
    after: u64,
    limit: u32,
) -> Result<(Vec<Commit>, Option<u64>), Problem> {
    let (reader, stream) = stream(wiring, source, key)?;
    // One more than asked for, so that a cursor is only given when it leads to something.
    let found = reader.page(&stream, after, limit + 1).await?;
    let (mut commits, mut next) = (found.commits, found.next);
    if commits.len() > limit as usize {
        commits.truncate(limit as usize);
        next = commits.last().map(Commit::last);
    }
    Ok((commits, next))
}

async fn was_placed(wiring: &Wiring, key: &str) -> Result<bool, Problem> {
    let (reader, stream) = stream(wiring, Source::default(), key)?;
    Ok(reader.head(&stream).await?.is_some())
}

fn stream(wiring: &Wiring, Source(category): Source, key: &str) -> Result<(CommitReader, StreamId), Problem> {
    let stream = StreamId::new(category, key).map_err(Problem::internal)?;
    Ok((wiring.commits(category), stream))
}
