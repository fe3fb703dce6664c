use crate::compose::{Composed, Part, Why, compose};
use crate::services::Services;
use axum::Json;
use axum::extract::State;
use contracts::{OrderId, codes};
use function::Wiring;
use http::HeaderMap;
use http_api::openapi::ReadProblems;
use http_api::{Code, Consistency, CorrelationId, PathId, Problem, problems};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Returns the endpoint `GET /orders/{id}/composed`.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    routes(Services::new(wiring))
}

/// Returns the same endpoint for these services.
pub fn routes(services: Services) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_composed_order))
        .with_state(services)
}

const UNKNOWN_ORDER: Code = Code::not_found(
    codes::UNKNOWN_ORDER,
    "there is no such order in the orders service",
);

problems!(CompositionProblems = ReadProblems, UNKNOWN_ORDER);

/// Composes an order from every service's answer.
///
/// The alternative to `GET /orders/{id}`: orders, kitchen, accounting and delivery are queried concurrently for their
/// current state, each for up to two seconds. Parts that are not available are in `missing`, with the reason. The answer
/// is never behind, needs no `Consistency-Token`, and costs four calls and one read unit each.
#[utoipa::path(
    get,
    path = "/orders/{id}/composed",
    tag = "order composition",
    operation_id = "getComposedOrder",
    params(
        ("id" = OrderId, Path, description = "The order."),
        ("Consistency-Token" = Option<String>, Header, description = "Accepted as for every read; it has no effect, because the services themselves are queried."),
    ),
    responses(
        (status = 200, description = "The parts that the services returned, and the missing ones.", body = Composed),
        CompositionProblems,
    )
)]
async fn get_composed_order(
    State(services): State<Services>,
    PathId(id): PathId<OrderId>,
    // Only checks the token: a damaged one is refused here as everywhere.
    _: Consistency,
    headers: HeaderMap,
) -> Result<Json<Composed>, Problem> {
    let correlation = CorrelationId::from_headers(&headers);
    let composed = compose(&services, id, correlation.as_str()).await;
    match composed.missing(Part::Order) {
        Some(Why::Unknown) => {
            let detail = format_args!("There is no order {id}.");
            Err(UNKNOWN_ORDER.problem(detail).field("id"))
        }
        Some(_) if composed.missing.len() == 4 && composed.is_partial() => Err(Problem::unavailable(
            "no service answered for its part of the order",
        )),
        _ => Ok(Json(composed)),
    }
}
