use crate::compose::{Composed, Composition, Part, Why, compose};
use crate::services::Services;
use axum::extract::State;
use axum::response::Response;
use contracts::access::BY_CONSUMER_OR_BACK_OFFICE;
use contracts::{OrderId, codes};
use function::{Asking, Wiring};
use http::{HeaderMap, HeaderValue};
use http_api::openapi::{ReadHeaders, ResourceRead};
use http_api::{
    Code, Consistency, CorrelationId, ETag, Guarded, IfNoneMatch, NoParameters, PathId, Permission, Problem,
    Query, problems, unless_known,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Returns the endpoint `GET /orders/{id}/composed`.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    routes(Services::new(wiring))
}

/// Returns the same endpoint for these services.
pub fn routes(services: Services) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_composed_order).allow(BY_CONSUMER_OR_BACK_OFFICE))
        .with_state(services)
}

const UNKNOWN_ORDER: Code = Code::not_found(
    codes::UNKNOWN_ORDER,
    "there is no such order in the orders service",
);

problems!(CompositionProblems = ResourceRead, UNKNOWN_ORDER);

/// Composes an order from every service's answer.
///
/// The alternative to `GET /orders/{id}`: orders, kitchen, accounting and delivery are queried concurrently for their
/// current state, each for up to two seconds. Parts that are not available are in `missing`, with the reason. The answer
/// is never behind, and costs four calls and one read unit each.
#[utoipa::path(
    get,
    path = "/orders/{id}/composed",
    tag = "order composition",
    operation_id = "getComposedOrder",
    params(
        ("id" = OrderId, Path, description = "The order."),
        ReadHeaders,
    ),
    responses(
        (status = 200, description = "The parts that the services returned, and the missing ones.", body = Composed),
        CompositionProblems,
    )
)]
async fn get_composed_order(
    State(services): State<Services>,
    PathId(id): PathId<OrderId>,
    Query(NoParameters {}): Query<NoParameters>,
    // Only checks the token: a damaged one is refused here as everywhere.
    _: Consistency,
    permission: Permission,
    asked: IfNoneMatch,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asking = Asking {
        caller: permission.pass_on()?,
        correlation_id: CorrelationId::from_headers(&headers).as_str().to_owned(),
    };
    let Composition {
        order: composed,
        tokens,
    } = compose(&services, id, &asking, &permission).await;
    match composed.missing(Part::Order) {
        Some(Why::Unknown) => {
            let detail = format_args!("There is no order {id}.");
            Err(UNKNOWN_ORDER.problem(detail).field("id"))
        }
        Some(_) if composed.missing.len() == 4 && composed.is_partial() => Err(Problem::unavailable(
            "no service answered for its part of the order",
        )),
        _ => {
            let body = serde_json::to_vec(&composed).map_err(Problem::internal)?;
            let tokens: Vec<_> = tokens.iter().filter_map(|token| token.to_str().ok()).collect();
            let token = (!tokens.is_empty()).then(|| tokens.join(", "));
            let token = token.and_then(|token| HeaderValue::from_str(&token).ok());
            Ok(unless_known(&asked, &ETag::of(&[&body]), token, body))
        }
    }
}
