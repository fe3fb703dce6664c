use crate::unknown_order::{UNKNOWN_ORDER, unknown_order};
use crate::view::OrderHistory;
use axum::extract::State;
use axum::response::Response;
use commit::{Commit, CommitId, EventData, StreamId};
use contracts::access::BY_BACK_OFFICE;
use contracts::{Moment, OrderId, order};
use event_store::CommitReader;
use function::Wiring;
use http_api::openapi::{ReadHeaders, ResourceRead};
use http_api::{Consistency, ConsistencyToken, Guarded, IfNoneMatch, PathId, Problem, Query, problems};
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
use view_function::{Limit, Paging, answer_with_token};

/// Returns the endpoint `GET /orders/{id}/events`.
pub(crate) fn router(wiring: Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_events).allow(BY_BACK_OFFICE))
        .with_state(wiring)
}

problems!(ListProblems = ResourceRead, UNKNOWN_ORDER);

/// The parameters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, style = Form)]
struct EventParameters {
    /// The stream of the order.
    #[serde(default)]
    #[param(required = false, inline)]
    stream: Source,
    /// The maximum number of commits on a page. All events of a command are one commit, and a page never splits them.
    #[serde(default)]
    #[param(required = false, inline)]
    limit: Limit,
    /// The `nextCursor` of the previous page. It is valid only for this stream of this order.
    cursor: Option<String>,
}

/// A category that the view consumes: every order has one stream of each, under its own id.
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
            D::Error::custom(format_args!("The streams of an order are: {all}."))
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
    /// The cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// One event as it was published.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PublishedEvent {
    /// The version in the stream, from 1, without gaps.
    version: u64,
    /// The type of the event.
    #[schema(example = "OrderCreated")]
    r#type: String,
    /// The version of the type's schema, from 1.
    schema: u32,
    /// The data, as the schema of this type and version describes it.
    #[schema(value_type = Object)]
    data: Value,
    /// The commit time: when the service began to handle the command.
    #[schema(value_type = Moment)]
    time: Timestamp,
    /// The id of the commit, which all events of one command share.
    #[schema(value_type = String)]
    commit_id: CommitId,
    /// The commit that a reactor handled when it sent this command.
    #[serde(skip_serializing_if = "Option::is_none")]
    causation_id: Option<String>,
    /// The id that everything caused by one request shares.
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<String>,
    /// The caller or the reactor that sent the command.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    /// The caller whose request the reactor responded to in the end; absent if a caller sent the command
    /// itself, or if a deadline had passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<String>,
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
            on_behalf_of: metadata.on_behalf_of.clone(),
        };
        (first..).zip(events).map(event)
    }
}

/// Lists an order's events.
///
/// The events of one of the order's streams as they were published, in order. They are read from the event table of the
/// service that owns them, so no `Consistency-Token` is needed.
///
/// `limit` counts commits, of one to a few events each. A page ends early, with a `nextCursor`, before it has read more
/// than 1 MB. A stream without events is empty.
///
/// Costs one consistent Query, 1 read unit per 4 KB; an empty page costs one more Query, for the order itself.
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
    // The event table is authoritative and never behind, but a damaged token is refused here as everywhere.
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
    // Events of an order's other streams follow its creation, so a page with events needs no second Query.
    if commits.is_empty() && !was_placed(&wiring, &key).await? {
        return Err(unknown_order(id));
    }
    let last = commits.last();
    let token = last.and_then(|last| ConsistencyToken::of(&last.stream, last.last()));
    let page = EventPage {
        events: commits.into_iter().flat_map(PublishedEvent::of).collect(),
        next_cursor: paging.next(next.as_ref())?,
    };
    answer_with_token(&asked, ConsistencyToken::header(&token), &page)
}

/// Returns up to `limit` commits after this version, and the version after which the next page begins.
async fn page(
    wiring: &Wiring,
    source: Source,
    key: &str,
    after: u64,
    limit: u32,
) -> Result<(Vec<Commit>, Option<u64>), Problem> {
    let (reader, stream) = stream(wiring, source, key)?;
    // One more than requested, so that a cursor is returned only if another page has commits.
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
