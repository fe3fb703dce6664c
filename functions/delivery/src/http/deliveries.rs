use crate::codes::{DELIVERY_NOT_READY, UNKNOWN_DELIVERY};
use crate::delivery::{DeliveryCommand, DeliveryDetails};
use crate::service::{DeliveryService, covers};
use axum::extract::State;
use axum::response::Response;
use contracts::access::{BY_COURIER, BY_COURIER_OR_BACK_OFFICE};
use contracts::{
    Address, CourierId, DeliveryStatus, Latitude, Longitude, Moment, OrderId, Position, RestaurantId,
};
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

/// A request to update the courier's position.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateLocation {
    /// Degrees north, kept to a millionth of a degree.
    pub latitude: Latitude,
    /// Degrees east, kept to a millionth of a degree.
    pub longitude: Longitude,
}

/// The current state of a delivery.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Delivery)]
pub struct DeliveryBody {
    /// The order's id, which is also the delivery's id.
    pub order_id: OrderId,
    /// The delivery's status.
    pub status: DeliveryStatus,
    /// The restaurant that the food comes from.
    pub restaurant_id: RestaurantId,
    /// The address that the food is delivered to.
    pub delivery_address: Address,
    /// When the consumer wants the food.
    pub delivery_time: Moment,
    /// The courier; absent before one is assigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub courier_id: Option<CourierId>,
    /// When the courier picks up the food; absent before one is assigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup_time: Option<Moment>,
    /// When the courier is expected at the delivery address; absent before one is assigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_delivery_time: Option<Moment>,
    /// The courier's last position; absent before the first report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

impl DeliveryBody {
    fn of(order_id: OrderId, delivery: DeliveryDetails) -> Self {
        Self {
            order_id,
            status: delivery.status,
            restaurant_id: delivery.restaurant_id,
            delivery_address: delivery.delivery_address,
            delivery_time: delivery.delivery_time,
            courier_id: delivery.schedule.map(|schedule| schedule.courier_id),
            pickup_time: delivery.schedule.map(|schedule| schedule.pickup_time),
            scheduled_delivery_time: delivery.schedule.map(|schedule| schedule.delivery_time),
            position: delivery.position,
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<DeliveryService> {
    OpenApiRouter::new()
        .routes(routes!(get_delivery).allow(BY_COURIER_OR_BACK_OFFICE))
        .routes(routes!(picked_up).allow(BY_COURIER))
        .routes(routes!(location).allow(BY_COURIER))
        .routes(routes!(delivered).allow(BY_COURIER))
}

problems!(GetProblems = ResourceRead, UNKNOWN_DELIVERY, DELIVERY_NOT_READY);
problems!(
    StepProblems = CommandProblems,
    UNKNOWN_DELIVERY,
    INVALID_STATE_TRANSITION,
    DELIVERY_NOT_READY
);

async fn carry_out<T>(
    service: &DeliveryService,
    id: OrderId,
    permission: &Permission,
    step: &DeliveryCommand,
    command: &Command<T>,
) -> Result<Response, Problem> {
    let executed = service.execute(id, permission, step, &command.context).await?;
    match &executed.state.0 {
        Some(delivery) => Ok(ok(&DeliveryBody::of(id, delivery.clone()), &executed)),
        None => Err(Problem::internal(
            "a command succeeded on a delivery that does not exist",
        )),
    }
}

/// Shows a delivery.
///
/// Reads the events themselves, so the answer is never older than any token. Costs 1 read unit.
#[utoipa::path(
    get,
    path = "/deliveries/{id}",
    tag = "delivery",
    operation_id = "getDelivery",
    params(("id" = OrderId, Path, description = "The order's id."), ReadHeaders),
    responses(
        (status = 200, description = "The delivery.", body = DeliveryBody),
        GetProblems,
    )
)]
async fn get_delivery(
    State(service): State<DeliveryService>,
    permission: Permission,
    PathId(id): PathId<OrderId>,
    Query(NoParameters {}): Query<NoParameters>,
    // Only checks the token: a damaged one is refused here as everywhere.
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let loaded = service.load(id).await?;
    let delivery = match &loaded.state.0 {
        Some(delivery) if covers(&permission, delivery) => delivery,
        _ => return Err(service.missing(id, &permission).await),
    };
    found(&asked, &loaded, &DeliveryBody::of(id, delivery.clone()))
}

/// Marks a delivery as picked up.
///
/// From then on it cannot be cancelled. Allowed in `SCHEDULED`. Repeated in `PICKED_UP`, the request succeeds and changes
/// nothing.
#[utoipa::path(
    post,
    path = "/deliveries/{id}/picked-up",
    tag = "delivery",
    operation_id = "pickUpDelivery",
    params(("id" = OrderId, Path, description = "The order's id."), CommandHeaders),
    request_body = NoBody,
    responses(
        (status = 200, description = "The delivery after the change.", body = DeliveryBody,
            headers(("Consistency-Token" = String))),
        StepProblems,
    )
)]
async fn picked_up(
    State(service): State<DeliveryService>,
    permission: Permission,
    PathId(id): PathId<OrderId>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    carry_out(&service, id, &permission, &DeliveryCommand::PickUp, &command).await
}

/// Updates the position of a delivery's courier.
///
/// Allowed in `SCHEDULED` and `PICKED_UP`. An unchanged position succeeds and changes nothing.
#[utoipa::path(
    post,
    path = "/deliveries/{id}/location",
    tag = "delivery",
    operation_id = "updateDeliveryLocation",
    params(("id" = OrderId, Path, description = "The order's id."), CommandHeaders),
    request_body = UpdateLocation,
    responses(
        (status = 200, description = "The delivery after the change.", body = DeliveryBody,
            headers(("Consistency-Token" = String))),
        StepProblems,
    )
)]
async fn location(
    State(service): State<DeliveryService>,
    permission: Permission,
    PathId(id): PathId<OrderId>,
    command: Command<UpdateLocation>,
) -> Result<Response, Problem> {
    let UpdateLocation { latitude, longitude } = command.body;
    let position = Position { latitude, longitude };
    carry_out(
        &service,
        id,
        &permission,
        &DeliveryCommand::UpdateLocation { position },
        &command,
    )
    .await
}

/// Marks a delivery as delivered.
///
/// The courier becomes free, and the order is completed. Allowed in `PICKED_UP`. Repeated in `DELIVERED`, the request
/// succeeds and changes nothing.
#[utoipa::path(
    post,
    path = "/deliveries/{id}/delivered",
    tag = "delivery",
    operation_id = "deliver",
    params(("id" = OrderId, Path, description = "The order's id."), CommandHeaders),
    request_body = NoBody,
    responses(
        (status = 200, description = "The delivery after the change.", body = DeliveryBody,
            headers(("Consistency-Token" = String))),
        StepProblems,
    )
)]
async fn delivered(
    State(service): State<DeliveryService>,
    permission: Permission,
    PathId(id): PathId<OrderId>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    carry_out(&service, id, &permission, &DeliveryCommand::Deliver, &command).await
}
