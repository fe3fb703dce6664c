use crate::view::{ALL, __Name__, __Name__Entry};
use axum::extract::State;
use axum::response::Response;
use contracts::__Id__;
use function::Wiring;
use http_api::openapi::{PageRead, ReadHeaders, ResourceRead};
use http_api::{Access, Code, Consistency, Grant, Guarded, IfNoneMatch, PathId, Problem, Query, problems};
use projection::{Filter, IndexQuery, ViewReader};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view_function::{Limit, NoParameters, Paging, answer_by_content, answer_document, problem, read_your_writes};

/// Who may use these endpoints: callers with the role `staff`.
const BY_STAFF: Access = Access::to(&[Grant::all("staff")]);

/// Returns the read-only endpoints: `GET /__name__` and `GET /__name__/{id}`.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_entries).allow(BY_STAFF))
        .routes(routes!(get_entry).allow(BY_STAFF))
        .with_state(wiring.reader::<__Name__>())
}

const UNKNOWN___SOURCE__: Code = Code::not_found("UNKNOWN___SOURCE__", "no event has this id");

problems!(GetProblems = ResourceRead, UNKNOWN___SOURCE__);

/// The parameters of the list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, style = Form)]
struct ListParameters {
    /// The maximum number of entries on a page.
    #[serde(default)]
    #[param(required = false, inline)]
    limit: Limit,
    /// The `nextCursor` of the previous page. It is valid only with the same parameters, except `limit`.
    cursor: Option<String>,
}

/// One page of the list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct __Name__Page {
    /// The entries. A page may be short or empty without being the last one.
    #[schema(value_type = Vec<__Name__Entry>)]
    entries: Vec<Value>,
    /// The cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Lists the entries.
///
/// Entries are sorted by id.
///
/// Costs at most two Queries on the index, half a read unit per 4 KB that they read, and one or two more per entry
/// that a `Consistency-Token` names.
#[utoipa::path(
    get,
    path = "/__name__",
    tag = "__words__",
    operation_id = "list__Name__",
    params(ListParameters, ReadHeaders),
    responses(
        (status = 200, description = "The entries.", body = __Name__Page),
        PageRead,
    )
)]
async fn list_entries(
    State(reader): State<ViewReader<__Name__>>,
    Query(ListParameters { limit, cursor }): Query<ListParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    // A cursor belongs to its list. List everything else that selects the entries between the brackets.
    let paging = Paging::new("__name__", &[], limit, cursor);
    let query = IndexQuery {
        partition: ALL.to_owned(),
        lower: None,
        upper: None,
        descending: false,
        limit: paging.limit() as usize,
        filter: Filter::default(),
        start: paging.start()?,
    };
    let (entries, next_cursor) = paging.list(&reader, &query, consistency).await?;
    answer_by_content(&asked, &__Name__Page { entries, next_cursor })
}

/// Shows one entry.
///
/// Returns 404 only after checking the events themselves.
///
/// Costs half a read unit per 4 KB of the entry, and one Query on an event table for each `Consistency-Token` that it has not
/// caught up with.
#[utoipa::path(
    get,
    path = "/__name__/{id}",
    tag = "__words__",
    operation_id = "get__Name__Entry",
    params(("id" = __Id__, Path, description = "The id."), ReadHeaders),
    responses(
        (status = 200, description = "The entry.", body = __Name__Entry),
        GetProblems,
    )
)]
async fn get_entry(
    State(reader): State<ViewReader<__Name__>>,
    PathId(id): PathId<__Id__>,
    Query(NoParameters {}): Query<NoParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let unknown = || UNKNOWN___SOURCE__.problem(format_args!("No event has the id {id}.")).field("id");
    let key = id.to_string();
    let fresh = reader.get(&key, &read_your_writes(consistency)).await;
    let fresh = fresh.map_err(problem)?.ok_or_else(unknown)?;
    let entry = fresh.document.as_ref().ok_or_else(unknown)?;
    answer_document(&key, &fresh, &asked, entry)
}
