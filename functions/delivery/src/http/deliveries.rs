use crate::codes::{DELIVERY_NOT_READY, UNKNOWN_DELIVERY};
use crate::delivery::{DeliveryCommand, DeliveryDetails};
use crate::service::DeliveryService;
use axum::extract::State;
use axum::response::Response;
use contracts::{
    Address, CourierId, DeliveryStatus, Latitude, Longitude, Moment, OrderId, Position, RestaurantId,
};
use http_api::codes::INVALID_STATE_TRANSITION;
use http_api::openapi::{CommandHeaders, CommandProblems, ReadHeaders, ResourceRead};
use http_api::{Command, Consistency, IfNoneMatch, NoBody, PathId, Problem, found, ok, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Where the courier is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateLocation {
    /// Degrees north, kept to a millionth.
    pub latitude: Latitude,
    /// Degrees east, kept to a millionth.
    pub longitude: Longitude,
}

/// A delivery as it now is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Delivery)]
pub struct DeliveryBody {
    /// The order's id, which is the delivery's.
    pub order_id: OrderId,
    /// How far it is.
    pub status: DeliveryStatus,
    /// Where from.
    pub restaurant_id: RestaurantId,
    /// Where to.
    pub delivery_address: Address,
    /// When it is wanted.
    pub delivery_time: Moment,
    /// Who brings it; not there before a courier is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub courier_id: Option<CourierId>,
    /// When the courier picks the food up; not there before a courier is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup_time: Option<Moment>,
    /// When the courier is to be at the door; not there before a courier is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_delivery_time: Option<Moment>,
    /// Where the courier was last; not there before the courier says so.
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
        .routes(routes!(get_delivery))
        .routes(routes!(picked_up))
        .routes(routes!(location))
        .routes(routes!(delivered))
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
    step: &DeliveryCommand,
    command: &Command<T>,
) -> Result<Response, Problem> {
    let executed = service.execute(id, step, &command.context).await?;
    match &executed.state.0 {
        Some(delivery) => Ok(ok(&DeliveryBody::of(id, delivery.clone()), &executed)),
        None => Err(Problem::internal(
            "a command succeeded on a delivery that is not there",
        )),
    }
}

/// Look at a delivery.
///
/// Read from the events themselves, so it is never older than any token; 1 read unit.
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
    PathId(id): PathId<OrderId>,
    // Only for its check: a damaged token is refused here as everywhere.
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let loaded = service.load(id).await?;
    let Some(delivery) = &loaded.state.0 else {
        return Err(service.missing(id).await);
    };
    found(&asked, &loaded, &DeliveryBody::of(id, delivery.clone()))
}

/// The courier has the food. From here on the delivery cannot be cancelled.
///
/// Allowed in `SCHEDULED`. Repeated in `PICKED_UP` it succeeds and changes nothing.
#[utoipa::path(
    post,
    path = "/deliveries/{id}/picked-up",
    tag = "delivery",
    operation_id = "pickUpDelivery",
    params(("id" = OrderId, Path, description = "The order's id."), CommandHeaders),
    request_body = NoBody,
    responses(
        (status = 200, description = "The delivery as it now is.", body = DeliveryBody,
            headers(("Consistency-Token" = String))),
        StepProblems,
    )
)]
async fn picked_up(
    State(service): State<DeliveryService>,
    PathId(id): PathId<OrderId>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    carry_out(&service, id, &DeliveryCommand::PickUp, &command).await
}

/// The courier says where the delivery is.
///
/// Allowed in `SCHEDULED` and `PICKED_UP`. The place where it is already changes nothing.
#[utoipa::path(
    post,
    path = "/deliveries/{id}/location",
    tag = "delivery",
    operation_id = "updateDeliveryLocation",
    params(("id" = OrderId, Path, description = "The order's id."), CommandHeaders),
    request_body = UpdateLocation,
    responses(
        (status = 200, description = "The delivery as it now is.", body = DeliveryBody,
            headers(("Consistency-Token" = String))),
        StepProblems,
    )
)]
async fn location(
    State(service): State<DeliveryService>,
    PathId(id): PathId<OrderId>,
    command: Command<UpdateLocation>,
) -> Result<Response, Problem> {
    let UpdateLocation { latitude, longitude } = command.body;
    let position = Position { latitude, longitude };
    carry_out(
        &service,
        id,
        &DeliveryCommand::UpdateLocation { position },
        &command,
    )
    .await
}

/// The food is at the door. The courier is free again, and the order is completed.
///
/// Allowed in `PICKED_UP`. Repeated in `DELIVERED` it succeeds and changes nothing.
#[utoipa::path(
    post,
    path = "/deliveries/{id}/delivered",
    tag = "delivery",
    operation_id = "deliver",
    params(("id" = OrderId, Path, description = "The order's id."), CommandHeaders),
    request_body = NoBody,
    responses(
        (status = 200, description = "The delivery as it now is.", body = DeliveryBody,
            headers(("Consistency-Token" = String))),
        StepProblems,
    )
)]
async fn delivered(
    State(service): State<DeliveryService>,
    PathId(id): PathId<OrderId>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    carry_out(&service, id, &DeliveryCommand::Deliver, &command).await
}
