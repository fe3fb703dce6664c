use crate::codes::{COURIER_EXISTS, UNKNOWN_COURIER};
use crate::courier::{CourierCommand, CourierDetails, CourierError};
use crate::service::DeliveryService;
use axum::extract::State;
use axum::response::Response;
use contracts::access::{BY_BACK_OFFICE, BY_COURIER, BY_COURIER_OR_BACK_OFFICE, COURIER};
use contracts::courier::CATEGORY;
use contracts::{CourierId, CourierName, Moment, OrderId};
use http_api::openapi::{CommandHeaders, CommandProblems, ReadHeaders, ResourceRead};
use http_api::{
    Command, Consistency, Guarded, IfNoneMatch, NoParameters, PathId, Permission, Problem, Query, created,
    found, ok, problems,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

problems!(CreateProblems = CommandProblems, COURIER_EXISTS);
problems!(GetProblems = ResourceRead, UNKNOWN_COURIER);
problems!(AvailabilityProblems = CommandProblems, UNKNOWN_COURIER);

/// A request to register a courier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateCourier {
    /// The name, first and last together.
    pub name: CourierName,
}

/// The courier that was registered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CourierCreated {
    /// The courier's id.
    pub courier_id: CourierId,
}

/// A request to set a courier's availability.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetAvailability {
    /// Whether the courier accepts deliveries.
    pub available: bool,
}

/// The current state of a courier.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Courier)]
pub struct CourierBody {
    /// The courier's id.
    pub courier_id: CourierId,
    /// The name.
    pub name: CourierName,
    /// Whether the courier accepts deliveries.
    pub available: bool,
    /// The assigned delivery; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<AssignedDelivery>,
}

/// The delivery that is assigned to a courier.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssignedDelivery {
    /// The delivery's order.
    pub order_id: OrderId,
    /// When the courier picks up the food.
    pub pickup_time: Moment,
    /// When the courier is expected at the delivery address.
    pub delivery_time: Moment,
}

impl CourierBody {
    fn of(courier_id: CourierId, courier: CourierDetails) -> Self {
        Self {
            courier_id,
            name: courier.name,
            available: courier.available,
            delivery: courier.plan.map(|plan| AssignedDelivery {
                order_id: plan.order_id,
                pickup_time: plan.pickup_time,
                delivery_time: plan.delivery_time,
            }),
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<DeliveryService> {
    OpenApiRouter::new()
        .routes(routes!(create_courier).allow(BY_BACK_OFFICE))
        .routes(routes!(get_courier).allow(BY_COURIER_OR_BACK_OFFICE))
        .routes(routes!(set_availability).allow(BY_COURIER))
}

/// Registers a courier, who is not available yet.
#[utoipa::path(
    post,
    path = "/couriers",
    tag = "delivery",
    operation_id = "createCourier",
    params(CommandHeaders),
    request_body = CreateCourier,
    responses(
        (status = 201, description = "The courier was registered.", body = CourierCreated, headers(
            ("Location" = String, description = "The path of the courier."),
            ("Consistency-Token" = String, description = "A token for reads that must show this courier."),
        )),
        CreateProblems,
    )
)]
async fn create_courier(
    State(service): State<DeliveryService>,
    command: Command<CreateCourier>,
) -> Result<Response, Problem> {
    let courier_id = CourierId::from_uuid(command.new_id(CATEGORY));
    let Command { body, context, .. } = command;
    let create = CourierCommand::Create { name: body.name };
    // 1 WU: a PutItem. The id is new, so there is nothing to load.
    let executed = service.couriers.create(&courier_id, &create, &context).await?;
    Ok(created(
        &format!("/couriers/{courier_id}"),
        &CourierCreated { courier_id },
        &executed,
    ))
}

/// Shows a courier.
///
/// Reads the events themselves, so the answer is never older than any token. Costs 1 read unit.
#[utoipa::path(
    get,
    path = "/couriers/{id}",
    tag = "delivery",
    operation_id = "getCourier",
    params(("id" = CourierId, Path, description = "The courier's id."), ReadHeaders),
    responses(
        (status = 200, description = "The courier.", body = CourierBody),
        GetProblems,
    )
)]
async fn get_courier(
    State(service): State<DeliveryService>,
    permission: Permission,
    PathId(id): PathId<CourierId>,
    Query(NoParameters {}): Query<NoParameters>,
    // Only checks the token: a damaged one is refused here as everywhere.
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    if !permission.covers(COURIER, id) {
        return Err(CourierError::NotCreated.into());
    }
    let loaded = service.couriers.load(&id).await?;
    let courier = loaded.state.0.clone().ok_or(CourierError::NotCreated)?;
    found(&asked, &loaded, &CourierBody::of(id, courier))
}

/// Sets whether a courier accepts deliveries.
///
/// A courier who becomes available gets the waiting delivery whose food is ready first. The assignment follows shortly
/// afterwards, so it is not in this response. A courier who becomes unavailable keeps the assigned delivery. Repeated,
/// the request succeeds and changes nothing.
#[utoipa::path(
    post,
    path = "/couriers/{id}/availability",
    tag = "delivery",
    operation_id = "setCourierAvailability",
    params(("id" = CourierId, Path, description = "The courier's id."), CommandHeaders),
    request_body = SetAvailability,
    responses(
        (status = 200, description = "The courier after the change.", body = CourierBody,
            headers(("Consistency-Token" = String))),
        AvailabilityProblems,
    )
)]
async fn set_availability(
    State(service): State<DeliveryService>,
    permission: Permission,
    PathId(id): PathId<CourierId>,
    command: Command<SetAvailability>,
) -> Result<Response, Problem> {
    if !permission.covers(COURIER, id) {
        return Err(CourierError::NotCreated.into());
    }
    let available = command.body.available;
    let set = CourierCommand::SetAvailability { available };
    let executed = service.couriers.execute(&id, &set, &command.context).await?;
    let courier = executed.state.0.clone().ok_or(CourierError::NotCreated)?;
    Ok(ok(&CourierBody::of(id, courier), &executed))
}
