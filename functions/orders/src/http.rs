//! The HTTP API of the orders service.

use crate::codes::{
    ORDER_TOTAL_TOO_LARGE, RESTAURANT_CLOSED, UNKNOWN_CONSUMER, UNKNOWN_MENU_ITEM, UNKNOWN_ORDER,
    UNKNOWN_RESTAURANT,
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
use contracts::access::{BY_CONSUMER, BY_CONSUMER_OR_BACK_OFFICE, CONSUMER};
use contracts::order::{CATEGORY, OrderStatus};
use contracts::{Money, OrderId};
use function::Wiring;
use http_api::codes::INVALID_STATE_TRANSITION;
use http_api::openapi::{CommandHeaders, CommandProblems, ReadHeaders, ResourceRead};
use http_api::{
    Command, Consistency, Guarded, IfNoneMatch, NoBody, NoParameters, PathId, Permission, Problem, Query,
    created, found, ok, problems,
};
use projection::ReadYourWrites;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Returns the service's endpoints and their description.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(place_order).allow(BY_CONSUMER))
        .routes(routes!(get_current_order).allow(BY_CONSUMER_OR_BACK_OFFICE))
        .routes(routes!(cancel_order).allow(BY_CONSUMER))
        .routes(routes!(revise_order).allow(BY_CONSUMER))
        .with_state(OrdersService::new(wiring))
}

problems!(
    PlaceProblems = CommandProblems,
    UNKNOWN_CONSUMER,
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

/// The order that was placed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrderPlaced {
    order_id: OrderId,
    /// `APPROVAL_PENDING` until the payment is decided.
    status: OrderStatus,
    order_total: Money,
}

/// Places an order.
///
/// Prices come from the restaurant's menu. The order is approved or rejected shortly afterwards, when its payment is
/// decided; `GET /orders/{id}` shows the decision. With the `Consistency-Token` of a menu change, prices come from that
/// menu or a newer one.
#[utoipa::path(
    post,
    path = "/orders",
    tag = "orders",
    operation_id = "placeOrder",
    params(
        CommandHeaders,
        ("Consistency-Token" = Option<String>, Header, description = "The token that a change of the menu returned: the order is placed at those prices or newer ones."),
    ),
    request_body = PlaceOrder,
    responses(
        (status = 201, description = "The order was placed.", body = OrderPlaced, headers(
            ("Location" = String, description = "The path of the order."),
            ("Consistency-Token" = String, description = "A token for reads that must show this order."),
        )),
        PlaceProblems,
    ),
)]
async fn place_order(
    State(service): State<OrdersService>,
    permission: Permission,
    Consistency { positions, wait }: Consistency,
    command: Command<PlaceOrder>,
) -> Result<Response, Problem> {
    if !permission.covers(CONSUMER, command.body.consumer_id) {
        let detail = "A consumer orders for itself.";
        return Err(UNKNOWN_CONSUMER.problem(detail).field("consumerId"));
    }
    let order_id = OrderId::from_uuid(command.new_id(CATEGORY));
    let read = ReadYourWrites { positions, wait };
    let create = match draft(&service.menus, command.body, read).await? {
        Ok(draft) => OrderCommand::Create(Box::new(draft)),
        Err(why) => OrderCommand::CreateUnorderable(why),
    };
    // 1 WU per KB: a PutItem. The id is new, so there is nothing to load. A refusal costs 1–2 RU instead, because the
    // same command may have been accepted before the menu changed.
    let executed = service
        .orders
        .create(&order_id, &create, &command.context)
        .await?;
    let Some(order) = &executed.state.0 else {
        return Err(Problem::internal("a created order has no state"));
    };
    let placed = OrderPlaced {
        order_id,
        status: order.status,
        order_total: order.line_items.total(),
    };
    Ok(created(&format!("/orders/{order_id}"), &placed, &executed))
}

/// Shows an order as the orders service stores it.
///
/// Reads the order's own events, so the answer is never older than the last command. Costs 1 read unit for an order of
/// usual size. `GET /orders/{id}` also shows ticket, payment and delivery.
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
    permission: Permission,
    PathId(order_id): PathId<OrderId>,
    Query(NoParameters {}): Query<NoParameters>,
    // Only checks the token: a damaged one is refused here as everywhere.
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let loaded = service.orders.load(&order_id).await?;
    check(&permission, &loaded.state)?;
    found(&asked, &loaded, &body(order_id, &loaded.state)?)
}

/// Requests to cancel an order.
///
/// Allowed in `APPROVED`. The kitchen decides shortly afterwards: the order becomes `CANCELLED`, or `APPROVED` again with
/// a `reason` if it is too late. Repeated in `CANCEL_PENDING` or `CANCELLED`, the request succeeds and changes nothing.
#[utoipa::path(
    post,
    path = "/orders/{id}/cancel",
    tag = "orders",
    operation_id = "cancelOrder",
    params(("id" = OrderId, Path, description = "The order."), CommandHeaders),
    request_body = NoBody,
    responses(
        (status = 200, description = "The order: `CANCEL_PENDING`, or `CANCELLED` if it was cancelled before.", body = OrderBody, headers(
            ("Consistency-Token" = String, description = "A token for reads that must show this change."),
        )),
        CancelProblems,
    ),
)]
async fn cancel_order(
    State(service): State<OrdersService>,
    permission: Permission,
    PathId(order_id): PathId<OrderId>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    let cancel = OrderCommand::Cancel;
    let executed = service
        .orders
        .execute_if(
            &order_id,
            &|state| check(&permission, state),
            &cancel,
            &command.context,
        )
        .await?;
    // A repeated command gets its first reply, whatever the condition.
    check(&permission, &executed.state)?;
    Ok(ok(&body(order_id, &executed.state)?, &executed))
}

/// Requests to revise an order.
///
/// Allowed in `APPROVED`. The lines replace the order's lines as a whole; an item that is in the order keeps its price,
/// and a new item has the menu's current price. Kitchen and accounting decide shortly afterwards: the order becomes
/// `APPROVED` again, revised if both agree, otherwise unchanged with a `reason`. A request that changes nothing succeeds
/// and proposes nothing. With the `Consistency-Token` of a menu change, prices of new items come from that menu or a
/// newer one.
#[utoipa::path(
    post,
    path = "/orders/{id}/revise",
    tag = "orders",
    operation_id = "reviseOrder",
    params(
        ("id" = OrderId, Path, description = "The order."),
        CommandHeaders,
        ("Consistency-Token" = Option<String>, Header, description = "The token that a change of the menu returned: new items have those prices or newer ones."),
    ),
    request_body = ReviseOrder,
    responses(
        (status = 200, description = "The order: `REVISION_PENDING` with the `proposed` revision.", body = OrderBody, headers(
            ("Consistency-Token" = String, description = "A token for reads that must show this change."),
        )),
        ReviseProblems,
    ),
)]
async fn revise_order(
    State(service): State<OrdersService>,
    permission: Permission,
    PathId(order_id): PathId<OrderId>,
    Consistency { positions, wait }: Consistency,
    command: Command<ReviseOrder>,
) -> Result<Response, Problem> {
    let read = ReadYourWrites { positions, wait };
    let executed = revise(
        &service,
        order_id,
        &permission,
        command.body,
        read,
        &command.context,
    )
    .await?;
    Ok(ok(&body(order_id, &executed.state)?, &executed))
}

/// Checks whether an order may be used with this permission. Somebody else's order is answered as if it did not exist.
pub(crate) fn check(permission: &Permission, OrderState(order): &OrderState) -> Result<(), OrderError> {
    match order {
        Some(order) if permission.covers(CONSUMER, order.consumer_id) => Ok(()),
        _ => Err(OrderError::NotCreated),
    }
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
    /// Returns the problem for a request that has its lines in the field `lines` and the restaurant in the field
    /// `restaurant`.
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
