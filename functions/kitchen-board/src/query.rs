use crate::view::{BoardTicket, KitchenBoard, STATUS, Side};
use axum::extract::State;
use axum::response::Response;
use contracts::access::{BY_RESTAURANT_OR_BACK_OFFICE, RESTAURANT};
use contracts::{RestaurantId, TicketStatus};
use function::Wiring;
use http_api::codes::INVALID_PARAMETER;
use http_api::openapi::{PageRead, ReadHeaders};
use http_api::{Consistency, Guarded, IfNoneMatch, PathId, Permission, Problem, Query};
use projection::{Condition, Filter, IndexQuery, ViewReader};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view_function::{Limit, Paging, answer_by_content};

/// Returns the endpoint `GET /restaurants/{id}/tickets`.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_tickets).allow(BY_RESTAURANT_OR_BACK_OFFICE))
        .with_state(wiring.reader::<KitchenBoard>())
}

/// The parameters of the list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, style = Form)]
struct BoardParameters {
    /// Only tickets in one of these statuses; repeat the parameter or join them with commas. Either statuses of open
    /// tickets or of done ones (`PICKED_UP`, `CANCELLED`), not both. Without it, all open tickets.
    #[serde(default)]
    #[param(required = false)]
    status: Vec<TicketStatus>,
    /// The maximum number of tickets on a page.
    #[serde(default)]
    #[param(required = false, inline)]
    limit: Limit,
    /// The `nextCursor` of the previous page. It is valid only with the same parameters, except `limit`.
    cursor: Option<String>,
}

/// One page of a restaurant's board.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BoardPage {
    /// The tickets. A page may be short or empty without being the last one.
    #[schema(value_type = Vec<BoardTicket>)]
    tickets: Vec<Value>,
    /// The cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Lists a restaurant's tickets.
///
/// Open tickets are listed oldest first, done ones newest first. An unknown restaurant has no tickets.
///
/// Costs at most two Queries on the index, half a read unit per 4 KB that they read, and one or two more per ticket that
/// a `Consistency-Token` names.
#[utoipa::path(
    get,
    path = "/restaurants/{id}/tickets",
    tag = "kitchen board",
    operation_id = "listTickets",
    params(("id" = RestaurantId, Path, description = "The restaurant."), BoardParameters, ReadHeaders),
    responses(
        (status = 200, description = "The tickets.", body = BoardPage),
        PageRead,
    )
)]
async fn list_tickets(
    State(reader): State<ViewReader<KitchenBoard>>,
    permission: Permission,
    PathId(restaurant): PathId<RestaurantId>,
    Query(BoardParameters {
        status,
        limit,
        cursor,
    }): Query<BoardParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let statuses: BTreeSet<TicketStatus> = status.into_iter().collect();
    let side = side(&statuses)?;
    let names: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
    let paging = Paging::new(
        "tickets",
        &[&restaurant.to_string(), &names.join(",")],
        limit,
        cursor,
    );
    let filter = (!names.is_empty()).then(|| Condition::OneOf {
        attribute: STATUS.to_owned(),
        values: names.into_iter().map(Value::from).collect(),
    });
    let query = IndexQuery {
        partition: side.partition(restaurant),
        lower: None,
        upper: None,
        descending: side == Side::Done,
        limit: paging.limit() as usize,
        filter: Filter {
            all: filter.into_iter().collect(),
        },
        start: paging.start()?,
    };
    let (tickets, next_cursor) = if permission.covers(RESTAURANT, restaurant) {
        paging.list(&reader, &query, consistency).await?
    } else {
        Default::default()
    };
    answer_by_content(&asked, &BoardPage { tickets, next_cursor })
}

/// Returns the side of the board that contains all of these statuses.
fn side(statuses: &BTreeSet<TicketStatus>) -> Result<Side, Problem> {
    let mut sides = statuses.iter().map(|status| Side::of(*status));
    let first = sides.next().unwrap_or(Side::Open);
    if sides.all(|side| side == first) {
        return Ok(first);
    }
    Err(INVALID_PARAMETER
        .problem("Open and done tickets are separate lists; ask for statuses of one of them.")
        .field("status"))
}
