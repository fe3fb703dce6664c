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

/// `GET /orders/{id}/composed`.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    routes(Services::new(wiring))
}

/// The same for these services.
pub fn routes(services: Services) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_composed_order))
        .with_state(services)
}

const UNKNOWN_ORDER: Code = Code::not_found(codes::UNKNOWN_ORDER, "the orders service has no such order");

problems!(CompositionProblems = ReadProblems, UNKNOWN_ORDER);

/// One order, asked of every service
///
/// The alternative to `GET /orders/{id}`: orders, kitchen, accounting and delivery are asked for their current state at the
/// same time, each for up to two seconds. What did not come is in `missing`, with the reason. It is never behind, needs no
/// `Consistency-Token`, and costs four calls and a read unit each.
#[utoipa::path(
    get,
    path = "/orders/{id}/composed",
    tag = "order composition",
    operation_id = "getComposedOrder",
    params(
        ("id" = OrderId, Path, description = "The order."),
        ("Consistency-Token" = Option<String>, Header, description = "Accepted as for every read; the services are asked themselves, so it changes nothing."),
    ),
    responses(
        (status = 200, description = "What came, and what is missing.", body = Composed),
        CompositionProblems,
    )
)]
async fn get_composed_order(
    State(services): State<Services>,
    PathId(id): PathId<OrderId>,
    // Only for its check: a damaged token is refused here as everywhere.
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
