//! The service over HTTP.

use crate::codes::{
    ORDER_TOTAL_TOO_LARGE, RESTAURANT_CLOSED, UNKNOWN_MENU_ITEM, UNKNOWN_ORDER, UNKNOWN_RESTAURANT,
};
use crate::order::OrderCommand;
use crate::order_body::OrderBody;
use crate::order_error::{OrderError, Unorderable};
use crate::order_state::OrderState;
use crate::place_order::{PlaceOrder, draft};
use crate::revise_order::{ReviseOrder, revise};
use crate::service::OrdersService;
use axum::extract::State;
use axum::response::Response;
use contracts::order::{CATEGORY, OrderStatus};
use contracts::{Money, OrderId};
use function::Wiring;
use http_api::codes::INVALID_STATE_TRANSITION;
use http_api::openapi::{CommandHeaders, CommandProblems, ReadHeaders, ResourceRead};
use http_api::{Command, Consistency, IfNoneMatch, NoBody, PathId, Problem, created, found, ok, problems};
use projection::ReadYourWrites;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The service's endpoints and their description.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(place_order))
        .routes(routes!(get_current_order))
        .routes(routes!(cancel_order))
        .routes(routes!(revise_order))
        .with_state(OrdersService::new(wiring))
}

problems!(
    PlaceProblems = CommandProblems,
    UNKNOWN_RESTAURANT,
    RESTAURANT_CLOSED,
    UNKNOWN_MENU_ITEM,
    ORDER_TOTAL_TOO_LARGE
);
problems!(GetProblems = ResourceRead, UNKNOWN_ORDER);
problems!(
    CancelProblems = CommandProblems,
    UNKNOWN_ORDER,
    INVALID_STATE_TRANSITION
);
problems!(
    ReviseProblems = CommandProblems,
    UNKNOWN_ORDER,
    INVALID_STATE_TRANSITION,
    RESTAURANT_CLOSED,
    UNKNOWN_MENU_ITEM,
    ORDER_TOTAL_TOO_LARGE
);

/// The new order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrderPlaced {
    order_id: OrderId,
    /// `APPROVAL_PENDING`, until its payment is decided.
    status: OrderStatus,
    order_total: Money,
}

/// Places an order.
///
/// Prices come from the restaurant's menu. The order is approved or rejected a moment later, when its payment is decided;
/// `GET /orders/{id}` shows it. A `Consistency-Token` of the restaurant makes sure that its latest menu counts.
#[utoipa::path(
    post,
    path = "/orders",
    tag = "orders",
    operation_id = "placeOrder",
    params(
        CommandHeaders,
        ("Consistency-Token" = Option<String>, Header, description = "What a change of the menu answered in this header: the order is placed at those prices or newer ones."),
    ),
    request_body = PlaceOrder,
    responses(
        (status = 201, description = "The order is placed.", body = OrderPlaced, headers(
            ("Location" = String, description = "Where the order is."),
            ("Consistency-Token" = String, description = "For reads that must show this order."),
        )),
        PlaceProblems,
    ),
)]
async fn place_order(
    State(service): State<OrdersService>,
    Consistency { positions, wait }: Consistency,
    command: Command<PlaceOrder>,
) -> Result<Response, Problem> {
    let order_id = OrderId::from_uuid(command.new_id(CATEGORY));
    let read = ReadYourWrites { positions, wait };
    let create = match draft(&service.menus, command.body, read).await? {
        Ok(draft) => OrderCommand::Create(Box::new(draft)),
        Err(why) => OrderCommand::CreateUnorderable(why),
    };
    // 1 WU per KB: a PutItem. The id is new, so there is nothing to load. A refusal costs 1–2 RU instead: the same command
    // may have been accepted before the menu changed.
    let executed = service
        .orders
        .create(&order_id, &create, &command.context)
        .await?;
    let Some(order) = &executed.state.0 else {
        return Err(Problem::internal("a created order is not there"));
    };
    let placed = OrderPlaced {
        order_id,
        status: order.status,
        order_total: order.line_items.total(),
    };
    Ok(created(&format!("/orders/{order_id}"), &placed, &executed))
}

/// Shows an order as the service that decides on it has it.
///
/// Read from the order's own events, so it is never older than the last command; 1 read unit for an order of usual size.
/// `GET /orders/{id}` tells the whole story, with ticket, payment and delivery.
#[utoipa::path(
    get,
    path = "/orders/{id}/current",
    tag = "orders",
    operation_id = "getCurrentOrder",
    params(("id" = OrderId, Path, description = "The order."), ReadHeaders),
    responses(
        (status = 200, description = "The order.", body = OrderBody),
        GetProblems,
    ),
)]
async fn get_current_order(
    State(service): State<OrdersService>,
    PathId(order_id): PathId<OrderId>,
    // Only for its check: a damaged token is refused here as everywhere.
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let loaded = service.orders.load(&order_id).await?;
    found(&asked, &loaded, &body(order_id, &loaded.state)?)
}

/// Asks for an order to be cancelled.
///
/// Allowed in `APPROVED`. The kitchen decides a moment later whether it is too late: the order becomes `CANCELLED`, or
/// `APPROVED` again with the `reason`. Repeated in `CANCEL_PENDING` or `CANCELLED` it succeeds and changes nothing.
#[utoipa::path(
    post,
    path = "/orders/{id}/cancel",
    tag = "orders",
    operation_id = "cancelOrder",
    params(("id" = OrderId, Path, description = "The order."), CommandHeaders),
    request_body = NoBody,
    responses(
        (status = 200, description = "The order as it now is: `CANCEL_PENDING`, or `CANCELLED` already.", body = OrderBody, headers(
            ("Consistency-Token" = String, description = "For reads that must show this."),
        )),
        CancelProblems,
    ),
)]
async fn cancel_order(
    State(service): State<OrdersService>,
    PathId(order_id): PathId<OrderId>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    let cancel = OrderCommand::Cancel;
    let executed = service
        .orders
        .execute(&order_id, &cancel, &command.context)
        .await?;
    Ok(ok(&body(order_id, &executed.state)?, &executed))
}

/// Proposes that an order becomes another one.
///
/// Allowed in `APPROVED`. The lines replace the order's lines as a whole; an item that is in the order keeps its price, a
/// new one comes at the menu's price of now. Kitchen and accounting decide a moment later: the order becomes `APPROVED`
/// again, revised when both agreed, else as before with the `reason`. What would change nothing succeeds and proposes
/// nothing. A `Consistency-Token` of the restaurant makes sure that its latest menu counts.
#[utoipa::path(
    post,
    path = "/orders/{id}/revise",
    tag = "orders",
    operation_id = "reviseOrder",
    params(
        ("id" = OrderId, Path, description = "The order."),
        CommandHeaders,
        ("Consistency-Token" = Option<String>, Header, description = "What a change of the menu answered in this header: new items come at those prices or newer ones."),
    ),
    request_body = ReviseOrder,
    responses(
        (status = 200, description = "The order as it now is: `REVISION_PENDING` with what is `proposed`.", body = OrderBody, headers(
            ("Consistency-Token" = String, description = "For reads that must show this."),
        )),
        ReviseProblems,
    ),
)]
async fn revise_order(
    State(service): State<OrdersService>,
    PathId(order_id): PathId<OrderId>,
    Consistency { positions, wait }: Consistency,
    command: Command<ReviseOrder>,
) -> Result<Response, Problem> {
    let read = ReadYourWrites { positions, wait };
    let executed = revise(&service, order_id, command.body, read, &command.context).await?;
    Ok(ok(&body(order_id, &executed.state)?, &executed))
}

fn body(order_id: OrderId, OrderState(order): &OrderState) -> Result<OrderBody, Problem> {
    match order {
        Some(order) => Ok(OrderBody::of(order_id, order.clone())),
        None => Err(OrderError::NotCreated.into()),
    }
}

impl From<OrderError> for Problem {
    fn from(error: OrderError) -> Self {
        let detail = error.to_string();
        match error {
            OrderError::NotCreated => UNKNOWN_ORDER.problem(detail),
            OrderError::InvalidTransition { status, .. } => INVALID_STATE_TRANSITION
                .problem(detail)
                .with("currentStatus", status.as_str()),
            OrderError::Unorderable(why) => why.problem("lineItems", "restaurantId"),
            OrderError::MenuNeeded(_) => Self::overtaken(),
        }
    }
}

impl Unorderable {
    /// The problem, for a request that has its lines under `lines`, and the restaurant under `restaurant`.
    pub(crate) fn problem(&self, lines: &str, restaurant: &str) -> Problem {
        match self {
            Self::UnknownRestaurant(_) => UNKNOWN_RESTAURANT.problem(self).field(restaurant),
            Self::RestaurantClosed(_) => RESTAURANT_CLOSED.problem(self).field(restaurant),
            Self::UnknownMenuItem { line, .. } => UNKNOWN_MENU_ITEM
                .problem(self)
                .field(format!("{lines}[{line}].menuItemId")),
            Self::TotalTooLarge => ORDER_TOTAL_TOO_LARGE.problem(self).field(lines),
        }
    }
}
