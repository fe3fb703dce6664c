//! The service over HTTP.

use crate::menus::OrderMenus;
use crate::order::{Order, OrderCommand, OrderError, Unorderable};
use crate::place_order::{PlaceOrder, draft};
use axum::extract::State;
use axum::response::Response;
use contracts::order::{CATEGORY, OrderStatus};
use contracts::{Money, OrderId};
use event_store::EventStore;
use http_api::openapi::{CommandHeaders, CommandProblems};
use http_api::{Command, Consistency, Problem, created};
use projection::{ReadYourWrites, ViewReader};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the handlers need. Cheap to clone.
#[derive(Clone)]
pub struct OrdersService {
    /// The orders.
    pub orders: EventStore<Order>,
    /// The replica of the menus.
    pub menus: ViewReader<OrderMenus>,
}

/// The service's endpoints and their description.
pub fn router(service: OrdersService) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(place_order))
        .with_state(service)
}

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
        CommandProblems,
        (status = 422, description = "`UNKNOWN_RESTAURANT`, `UNKNOWN_MENU_ITEM`, `ORDER_TOTAL_TOO_LARGE` or `IDEMPOTENCY_KEY_REUSED`", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
    ),
)]
async fn place_order(
    State(service): State<OrdersService>,
    Consistency { positions, wait }: Consistency,
    command: Command<PlaceOrder>,
) -> Result<Response, Problem> {
    let order_id = OrderId::from_uuid(command.new_id(CATEGORY));
    let id = order_id.to_string();
    let read = ReadYourWrites { positions, wait };
    let create = match draft(&service.menus, command.body, read).await? {
        Ok(draft) => OrderCommand::Create(Box::new(draft)),
        Err(why) => OrderCommand::CreateUnorderable(why),
    };
    // 1 WU per KB: a PutItem. The id is new, so there is nothing to load. A refusal costs 1–2 RU instead: the same command
    // may have been accepted before the menu changed.
    let executed = service.orders.create(&id, &create, &command.context).await?;
    let Some(status) = executed.state.status else {
        return Err(Problem::internal("a created order has no status"));
    };
    let order_total = executed.state.order_total;
    Ok(created(
        &format!("/orders/{order_id}"),
        &OrderPlaced {
            order_id,
            status,
            order_total,
        },
        &executed,
    ))
}

impl From<OrderError> for Problem {
    fn from(error: OrderError) -> Self {
        let detail = error.to_string();
        match error {
            OrderError::NotCreated => Self::not_found("UNKNOWN_ORDER", detail),
            OrderError::InvalidTransition { status, .. } => {
                Self::conflict("INVALID_STATE_TRANSITION", detail).with("currentStatus", status.as_str())
            }
            OrderError::Unorderable(Unorderable::UnknownRestaurant(_)) => {
                Self::unprocessable("UNKNOWN_RESTAURANT", detail).field("restaurantId")
            }
            OrderError::Unorderable(Unorderable::UnknownMenuItem { line, .. }) => {
                Self::unprocessable("UNKNOWN_MENU_ITEM", detail)
                    .field(format!("lineItems[{line}].menuItemId"))
            }
            OrderError::Unorderable(Unorderable::TotalTooLarge) => {
                Self::unprocessable("ORDER_TOTAL_TOO_LARGE", detail).field("lineItems")
            }
        }
    }
}
