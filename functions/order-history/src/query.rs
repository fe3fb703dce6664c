use crate::events;
use crate::list::{List, ListParameters};
use crate::story::{OrderStory, OrderSummary};
use crate::unknown_order::{UNKNOWN_ORDER, unknown_order};
use crate::view::OrderHistory;
use axum::extract::State;
use axum::response::Response;
use commit::StreamId;
use contracts::access::{BY_CONSUMER_OR_BACK_OFFICE, CONSUMER};
use contracts::{OrderId, order};
use function::Wiring;
use http_api::openapi::{PageRead, ReadHeaders, ResourceRead};
use http_api::{Consistency, Guarded, IfNoneMatch, PathId, Permission, Problem, Query, problems};
use jiff::Timestamp;
use projection::{Fresh, ReadError, ReadYourWrites, ViewReader};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view_function::{NoParameters, answer_by_content, answer_document, problem, read_your_writes};

type Reader = Arc<ViewReader<OrderHistory>>;

/// Returns the read-only endpoints: `GET /orders` and `GET /orders/{id}`, from the view, and `GET /orders/{id}/events`,
/// from the event tables of [`OrderHistory::SOURCES`].
///
/// [`OrderHistory::SOURCES`]: projection::View::SOURCES
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_orders).allow(BY_CONSUMER_OR_BACK_OFFICE))
        .routes(routes!(get_order).allow(BY_CONSUMER_OR_BACK_OFFICE))
        .with_state(Arc::new(wiring.reader::<OrderHistory>()))
        .merge(events::router(wiring.clone()))
}

problems!(GetProblems = ResourceRead, UNKNOWN_ORDER);

/// One page of a consumer's orders.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrderPage {
    /// The orders. A page may be short or empty without being the last one, because one request reads a bounded amount of
    /// data.
    #[schema(value_type = Vec<OrderSummary>)]
    orders: Vec<Value>,
    /// The cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// One order, and the freshness of the answer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrderAnswer {
    #[serde(flatten)]
    story: OrderStory,
    /// The version of each source that the answer contains.
    versions: BTreeMap<String, u64>,
    /// The time of the last event that the answer contains.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<contracts::Moment>)]
    last_event_at: Option<Timestamp>,
}

/// Lists a consumer's orders.
///
/// An unknown consumer has an empty list.
///
/// Costs at most two Queries on the index, half a read unit per 4 KB that they read (at most 1 MB each), and one or two
/// more per order that a `Consistency-Token` names.
#[utoipa::path(
    get,
    path = "/orders",
    tag = "order history",
    operation_id = "listOrders",
    params(ListParameters, ReadHeaders),
    responses(
        (status = 200, description = "The orders, newest first by default.", body = OrderPage),
        PageRead,
    )
)]
async fn list_orders(
    State(reader): State<Reader>,
    permission: Permission,
    Query(parameters): Query<ListParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let list = List::parse(parameters)?;
    let (orders, next_cursor) = if permission.covers(CONSUMER, list.consumer()) {
        list.read(&reader, consistency).await?
    } else {
        Default::default()
    };
    answer_by_content(&asked, &OrderPage { orders, next_cursor })
}

/// Shows an order with its ticket, payment and delivery.
///
/// An order is reported as unknown only after checking the event tables, so an order that was just placed is always found.
///
/// Costs 1 read unit per 4 KB of the document, and one Query on an event table for each `Consistency-Token` position that
/// the document has not reached.
#[utoipa::path(
    get,
    path = "/orders/{id}",
    tag = "order history",
    operation_id = "getOrder",
    params(("id" = OrderId, Path, description = "The order."), ReadHeaders),
    responses(
        (status = 200, description = "The order.", body = OrderAnswer),
        GetProblems,
    )
)]
async fn get_order(
    State(reader): State<Reader>,
    permission: Permission,
    PathId(id): PathId<OrderId>,
    Query(NoParameters {}): Query<NoParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let (fresh, story) = read_order(&reader, id, read_your_writes(consistency)).await?;
    if !permission.covers(CONSUMER, story.consumer_id) {
        return Err(unknown_order(id));
    }
    let body = OrderAnswer {
        story,
        versions: fresh.versions.clone(),
        last_event_at: fresh.time,
    };
    answer_document(&id.to_string(), &fresh, &asked, &body)
}

type Document = <OrderHistory as projection::View>::Document;

async fn read_order(
    reader: &ViewReader<OrderHistory>,
    id: OrderId,
    mut read: ReadYourWrites,
) -> Result<(Fresh<Document>, OrderStory), Problem> {
    let unknown = || unknown_order(id);
    let key = id.to_string();
    let fresh = reader
        .get(&key, &read)
        .await
        .map_err(problem)?
        .ok_or_else(unknown)?;
    if let Some(story) = fresh.document.story() {
        return Ok((fresh, story));
    }
    // A ticket or payment arrived before the order: request its creation explicitly. One more Query, in this case only.
    let creation = StreamId::new(order::CATEGORY, &key).map_err(Problem::internal)?;
    read.positions.push((creation, 1));
    match reader.get(&key, &read).await {
        Ok(fresh) => {
            let fresh = fresh.ok_or_else(unknown)?;
            let story = fresh.document.story().ok_or_else(unknown)?;
            Ok((fresh, story))
        }
        // The client's own positions were valid just before, so the missing one is the creation.
        Err(ReadError::ForeignToken { .. }) => Err(unknown()),
        Err(error) => Err(problem(error)),
    }
}
