use crate::view::{ALL, AVAILABLE, Couriers, ListedCourier};
use axum::extract::State;
use axum::response::Response;
use contracts::access::BY_BACK_OFFICE;
use function::Wiring;
use http_api::openapi::{PageRead, ReadHeaders};
use http_api::{Consistency, Guarded, IfNoneMatch, Problem, Query};
use projection::{Condition, Filter, IndexQuery, ViewReader};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view_function::{Limit, Paging, answer_by_content};

/// Returns the endpoint `GET /couriers`.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_couriers).allow(BY_BACK_OFFICE))
        .with_state(wiring.reader::<Couriers>())
}

/// The parameters of the list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, style = Form)]
struct CourierParameters {
    /// Only couriers who accept deliveries (`true`), or only those who do not (`false`).
    available: Option<bool>,
    /// The maximum number of couriers on a page.
    #[serde(default)]
    #[param(required = false, inline)]
    limit: Limit,
    /// The `nextCursor` of the previous page. It is valid only with the same parameters, except `limit`.
    cursor: Option<String>,
}

/// One page of couriers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CourierPage {
    /// The couriers. A page may be short or empty without being the last one.
    #[schema(value_type = Vec<ListedCourier>)]
    couriers: Vec<Value>,
    /// The cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Lists the couriers.
///
/// Couriers are sorted by id, each with the assigned delivery.
///
/// Costs at most two Queries on the index, half a read unit per 4 KB that they read, and one or two more per courier that
/// a `Consistency-Token` names.
#[utoipa::path(
    get,
    path = "/couriers",
    tag = "couriers",
    operation_id = "listCouriers",
    params(CourierParameters, ReadHeaders),
    responses(
        (status = 200, description = "The couriers.", body = CourierPage),
        PageRead,
    )
)]
async fn list_couriers(
    State(reader): State<ViewReader<Couriers>>,
    Query(CourierParameters {
        available,
        limit,
        cursor,
    }): Query<CourierParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let asked_for = match available {
        None => "all",
        Some(true) => "available",
        Some(false) => "unavailable",
    };
    let paging = Paging::new("couriers", &[asked_for], limit, cursor);
    let filter = available.map(|available| Condition::OneOf {
        attribute: AVAILABLE.to_owned(),
        values: vec![available.into()],
    });
    let query = IndexQuery {
        partition: ALL.to_owned(),
        lower: None,
        upper: None,
        descending: false,
        limit: paging.limit() as usize,
        filter: Filter {
            all: filter.into_iter().collect(),
        },
        start: paging.start()?,
    };
    let (couriers, next_cursor) = paging.list(&reader, &query, consistency).await?;
    answer_by_content(
        &asked,
        &CourierPage {
            couriers,
            next_cursor,
        },
    )
}
