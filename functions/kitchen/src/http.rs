use crate::codes::{READY_BY_NOT_IN_FUTURE, TICKET_NOT_READY, UNKNOWN_TICKET};
use crate::service::Kitchen;
use crate::ticket::{TicketCommand, TicketDetails};
use axum::extract::State;
use axum::response::Response;
use contracts::access::{BY_RESTAURANT, BY_RESTAURANT_OR_BACK_OFFICE, RESTAURANT};
use contracts::{LineItems, Moment, OrderId, RestaurantId, TicketStatus};
use function::Wiring;
use http_api::codes::INVALID_STATE_TRANSITION;
use http_api::openapi::{CommandHeaders, CommandProblems, ReadHeaders, ResourceRead};
use http_api::{
    Command, Consistency, Guarded, IfNoneMatch, NoBody, NoParameters, PathId, Permission, Problem, Query,
    found, ok, problems,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A request to accept a ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptTicket {
    /// When the food will be ready; must be in the future.
    pub ready_by: Moment,
}

/// The current state of a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Ticket)]
pub struct TicketBody {
    /// The order's id, which is also the ticket's id.
    pub order_id: OrderId,
    /// The restaurant that cooks the order.
    pub restaurant_id: RestaurantId,
    /// The ticket's status.
    pub status: TicketStatus,
    /// The lines to cook.
    pub line_items: LineItems,
    /// When the food will be ready; absent before the ticket is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_by: Option<Moment>,
}

impl TicketBody {
    fn of(order_id: OrderId, ticket: TicketDetails) -> Self {
        Self {
            order_id,
            restaurant_id: ticket.restaurant_id,
            status: ticket.status,
            line_items: ticket.line_items,
            ready_by: ticket.ready_by,
        }
    }
}

/// Returns the endpoints of the kitchen service.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_ticket).allow(BY_RESTAURANT_OR_BACK_OFFICE))
        .routes(routes!(accept).allow(BY_RESTAURANT))
        .routes(routes!(preparing).allow(BY_RESTAURANT))
        .routes(routes!(ready_for_pickup).allow(BY_RESTAURANT))
        .routes(routes!(picked_up).allow(BY_RESTAURANT))
        .with_state(Kitchen::new(wiring))
}

problems!(GetProblems = ResourceRead, UNKNOWN_TICKET, TICKET_NOT_READY);
problems!(
    StepProblems = CommandProblems,
    UNKNOWN_TICKET,
    INVALID_STATE_TRANSITION,
    TICKET_NOT_READY
);
problems!(
    AcceptProblems = CommandProblems,
    UNKNOWN_TICKET,
    INVALID_STATE_TRANSITION,
    TICKET_NOT_READY,
    READY_BY_NOT_IN_FUTURE
);

async fn carry_out<T>(
    kitchen: &Kitchen,
    id: OrderId,
    permission: &Permission,
    ticket_command: &TicketCommand,
    command: &Command<T>,
) -> Result<Response, Problem> {
    let executed = kitchen
        .execute(id, permission, ticket_command, &command.context)
        .await?;
    match &executed.state.0 {
        Some(ticket) => Ok(ok(&TicketBody::of(id, ticket.clone()), &executed)),
        None => Err(Problem::internal(
            "a command succeeded on a ticket that does not exist",
        )),
    }
}

/// Shows a ticket.
///
/// Reads the events themselves, so the answer is never older than any token. Costs 1 read unit.
#[utoipa::path(
    get,
    path = "/tickets/{id}",
    tag = "kitchen",
    operation_id = "getTicket",
    params(("id" = OrderId, Path, description = "The order's id."), ReadHeaders),
    responses(
        (status = 200, description = "The ticket.", body = TicketBody),
        GetProblems,
    )
)]
async fn get_ticket(
    State(kitchen): State<Kitchen>,
    permission: Permission,
    PathId(id): PathId<OrderId>,
    Query(NoParameters {}): Query<NoParameters>,
    // Only checks the token: a damaged one is refused here as everywhere.
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let loaded = kitchen.load(id).await?;
    let ticket = match &loaded.state.0 {
        Some(ticket) if permission.covers(RESTAURANT, ticket.restaurant_id) => ticket,
        _ => return Err(kitchen.missing(id, &permission).await),
    };
    found(&asked, &loaded, &TicketBody::of(id, ticket.clone()))
}

/// Accepts a ticket.
///
/// Allowed in `AWAITING_ACCEPTANCE`. Repeated with the same `readyBy`, the request succeeds and changes nothing.
#[utoipa::path(
    post,
    path = "/tickets/{id}/accept",
    tag = "kitchen",
    operation_id = "acceptTicket",
    params(("id" = OrderId, Path, description = "The order's id."), CommandHeaders),
    request_body = AcceptTicket,
    responses(
        (status = 200, description = "The ticket after the change.", body = TicketBody,
            headers(("Consistency-Token" = String))),
        AcceptProblems,
    )
)]
async fn accept(
    State(kitchen): State<Kitchen>,
    permission: Permission,
    PathId(id): PathId<OrderId>,
    command: Command<AcceptTicket>,
) -> Result<Response, Problem> {
    let accept = TicketCommand::Accept {
        ready_by: command.body.ready_by,
        now: command.context.now,
    };
    carry_out(&kitchen, id, &permission, &accept, &command).await
}

/// Starts the preparation of a ticket.
///
/// From then on the order cannot be cancelled or revised. Allowed in `ACCEPTED`. Repeated in `PREPARING`, the request
/// succeeds and changes nothing.
#[utoipa::path(
    post,
    path = "/tickets/{id}/preparing",
    tag = "kitchen",
    operation_id = "startPreparation",
    params(("id" = OrderId, Path, description = "The order's id."), CommandHeaders),
    request_body = NoBody,
    responses(
        (status = 200, description = "The ticket after the change.", body = TicketBody,
            headers(("Consistency-Token" = String))),
        StepProblems,
    )
)]
async fn preparing(
    State(kitchen): State<Kitchen>,
    permission: Permission,
    PathId(id): PathId<OrderId>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    carry_out(
        &kitchen,
        id,
        &permission,
        &TicketCommand::StartPreparation,
        &command,
    )
    .await
}

/// Marks a ticket as ready for pickup.
///
/// Allowed in `PREPARING`. Repeated in `READY_FOR_PICKUP`, the request succeeds and changes nothing.
#[utoipa::path(
    post,
    path = "/tickets/{id}/ready-for-pickup",
    tag = "kitchen",
    operation_id = "completePreparation",
    params(("id" = OrderId, Path, description = "The order's id."), CommandHeaders),
    request_body = NoBody,
    responses(
        (status = 200, description = "The ticket after the change.", body = TicketBody,
            headers(("Consistency-Token" = String))),
        StepProblems,
    )
)]
async fn ready_for_pickup(
    State(kitchen): State<Kitchen>,
    permission: Permission,
    PathId(id): PathId<OrderId>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    carry_out(
        &kitchen,
        id,
        &permission,
        &TicketCommand::CompletePreparation,
        &command,
    )
    .await
}

/// Marks a ticket as picked up by the courier.
///
/// Allowed in `READY_FOR_PICKUP`. Repeated in `PICKED_UP`, the request succeeds and changes nothing.
#[utoipa::path(
    post,
    path = "/tickets/{id}/picked-up",
    tag = "kitchen",
    operation_id = "pickUpTicket",
    params(("id" = OrderId, Path, description = "The order's id."), CommandHeaders),
    request_body = NoBody,
    responses(
        (status = 200, description = "The ticket after the change.", body = TicketBody,
            headers(("Consistency-Token" = String))),
        StepProblems,
    )
)]
async fn picked_up(
    State(kitchen): State<Kitchen>,
    permission: Permission,
    PathId(id): PathId<OrderId>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    carry_out(&kitchen, id, &permission, &TicketCommand::PickUp, &command).await
}
