//! The HTTP API of the restaurants service.

use crate::codes::{RESTAURANT_CLOSED, RESTAURANT_EXISTS, UNKNOWN_RESTAURANT, UNKNOWN_TIME_ZONE};
use crate::request::{ChangeHours, ChangeServiceArea, CreateRestaurant, MenuInput};
use crate::restaurant::{Restaurant, RestaurantCommand, RestaurantDetails, RestaurantError, RestaurantState};
use axum::extract::State;
use axum::response::Response;
use contracts::RestaurantId;
use contracts::access::{BY_BACK_OFFICE, BY_RESTAURANT, RESTAURANT};
use contracts::restaurant::CATEGORY;
use event_store::{CommandContext, EventStore};
use function::Wiring;
use http_api::openapi::{CommandHeaders, CommandProblems, ReadHeaders, ResourceRead};
use http_api::{
    Access, Command, Consistency, Guarded, IfNoneMatch, NoBody, NoParameters, PathId, Permission, Problem,
    Query, created, found, ok, problems,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The state of the handlers. Cheap to clone.
#[derive(Clone)]
struct RestaurantsService {
    /// The restaurants.
    restaurants: EventStore<Restaurant>,
}

/// Returns the service's endpoints and their description.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    let service = RestaurantsService {
        restaurants: wiring.store(),
    };
    OpenApiRouter::new()
        .routes(routes!(create_restaurant).allow(BY_BACK_OFFICE))
        .routes(routes!(get_restaurant).allow(Access::ANYBODY))
        .routes(routes!(revise_menu).allow(BY_RESTAURANT))
        .routes(routes!(change_hours).allow(BY_RESTAURANT))
        .routes(routes!(change_service_area).allow(BY_RESTAURANT))
        .routes(routes!(close_restaurant).allow(BY_BACK_OFFICE))
        .with_state(service)
}

/// The restaurant that was added.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RestaurantCreated {
    restaurant_id: RestaurantId,
}

/// A restaurant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Restaurant)]
#[serde(rename_all = "camelCase")]
pub struct RestaurantBody {
    /// The restaurant's id.
    pub restaurant_id: RestaurantId,
    /// The other fields.
    #[serde(flatten)]
    pub details: RestaurantDetails,
}

problems!(
    CreateProblems = CommandProblems,
    UNKNOWN_TIME_ZONE,
    RESTAURANT_EXISTS
);
problems!(GetProblems = ResourceRead, UNKNOWN_RESTAURANT);
problems!(
    ChangeProblems = CommandProblems,
    UNKNOWN_RESTAURANT,
    RESTAURANT_CLOSED
);
problems!(
    HoursProblems = CommandProblems,
    UNKNOWN_TIME_ZONE,
    UNKNOWN_RESTAURANT,
    RESTAURANT_CLOSED
);

/// Adds a restaurant.
#[utoipa::path(
    post,
    path = "/restaurants",
    tag = "restaurants",
    operation_id = "createRestaurant",
    params(CommandHeaders),
    request_body = CreateRestaurant,
    responses(
        (status = 201, description = "The restaurant was added.", body = RestaurantCreated, headers(
            ("Location" = String, description = "The path of the restaurant."),
            ("Consistency-Token" = String, description = "A token for reads that must show this restaurant."),
        )),
        CreateProblems,
    ),
)]
async fn create_restaurant(
    State(service): State<RestaurantsService>,
    command: Command<CreateRestaurant>,
) -> Result<Response, Problem> {
    let restaurant_id = RestaurantId::from_uuid(command.new_id(CATEGORY));
    let create = RestaurantCommand::Create(Box::new(command.body.try_into()?));
    // 1 WU per KB: a PutItem. The id is new, so there is nothing to load.
    let executed = service
        .restaurants
        .create(&restaurant_id, &create, &command.context)
        .await?;
    Ok(created(
        &format!("/restaurants/{restaurant_id}"),
        &RestaurantCreated { restaurant_id },
        &executed,
    ))
}

/// Shows a restaurant.
///
/// Reads the restaurant's own events, so the answer is never older than the last command.
#[utoipa::path(
    get,
    path = "/restaurants/{id}",
    tag = "restaurants",
    operation_id = "getRestaurant",
    params(("id" = RestaurantId, Path, description = "The restaurant."), ReadHeaders),
    responses(
        (status = 200, description = "The restaurant.", body = RestaurantBody),
        GetProblems,
    ),
)]
async fn get_restaurant(
    State(service): State<RestaurantsService>,
    PathId(restaurant_id): PathId<RestaurantId>,
    Query(NoParameters {}): Query<NoParameters>,
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    // 1 RU per 4 KB: one consistent Query on the authoritative event table, so no token can be ahead of it.
    let loaded = service.restaurants.load(&restaurant_id).await?;
    found(&asked, &loaded, &body(restaurant_id, &loaded.state)?)
}

/// Replaces a restaurant's menu.
///
/// Existing orders keep their prices.
#[utoipa::path(
    put,
    path = "/restaurants/{id}/menu",
    tag = "restaurants",
    operation_id = "reviseMenu",
    params(("id" = RestaurantId, Path, description = "The restaurant."), CommandHeaders),
    request_body = MenuInput,
    responses(
        (status = 200, description = "The restaurant after the change.", body = RestaurantBody, headers(
            ("Consistency-Token" = String, description = "A token for reads that must show this menu."),
        )),
        ChangeProblems,
    ),
)]
async fn revise_menu(
    State(service): State<RestaurantsService>,
    permission: Permission,
    PathId(restaurant_id): PathId<RestaurantId>,
    command: Command<MenuInput>,
) -> Result<Response, Problem> {
    let revise = RestaurantCommand::ReviseMenu(command.body.into_menu());
    carry_out(&service, &permission, restaurant_id, &revise, &command.context).await
}

/// Replaces a restaurant's opening hours.
///
/// A day may have several opening hours, and they may overlap. Without `timeZone` the restaurant's zone is kept.
#[utoipa::path(
    put,
    path = "/restaurants/{id}/hours",
    tag = "restaurants",
    operation_id = "changeHours",
    params(("id" = RestaurantId, Path, description = "The restaurant."), CommandHeaders),
    request_body = ChangeHours,
    responses(
        (status = 200, description = "The restaurant after the change.", body = RestaurantBody, headers(
            ("Consistency-Token" = String, description = "A token for reads that must show these hours."),
        )),
        HoursProblems,
    ),
)]
async fn change_hours(
    State(service): State<RestaurantsService>,
    permission: Permission,
    PathId(restaurant_id): PathId<RestaurantId>,
    command: Command<ChangeHours>,
) -> Result<Response, Problem> {
    let change = command.body.try_into()?;
    carry_out(&service, &permission, restaurant_id, &change, &command.context).await
}

/// Replaces the zip codes that a restaurant delivers to.
#[utoipa::path(
    put,
    path = "/restaurants/{id}/service-area",
    tag = "restaurants",
    operation_id = "changeServiceArea",
    params(("id" = RestaurantId, Path, description = "The restaurant."), CommandHeaders),
    request_body = ChangeServiceArea,
    responses(
        (status = 200, description = "The restaurant after the change.", body = RestaurantBody, headers(
            ("Consistency-Token" = String, description = "A token for reads that must show this area."),
        )),
        ChangeProblems,
    ),
)]
async fn change_service_area(
    State(service): State<RestaurantsService>,
    permission: Permission,
    PathId(restaurant_id): PathId<RestaurantId>,
    command: Command<ChangeServiceArea>,
) -> Result<Response, Problem> {
    let change = command.body.try_into()?;
    carry_out(&service, &permission, restaurant_id, &change, &command.context).await
}

/// Closes a restaurant for good.
///
/// Existing orders are carried out; new ones are refused. Repeated, the request succeeds and changes nothing. It takes no
/// body.
#[utoipa::path(
    delete,
    path = "/restaurants/{id}",
    tag = "restaurants",
    operation_id = "closeRestaurant",
    params(("id" = RestaurantId, Path, description = "The restaurant."), CommandHeaders),
    responses(
        (status = 200, description = "The restaurant after the change.", body = RestaurantBody, headers(
            ("Consistency-Token" = String, description = "A token for reads that must not show the restaurant as open, and for orders that must be refused."),
        )),
        ChangeProblems,
    ),
)]
async fn close_restaurant(
    State(service): State<RestaurantsService>,
    permission: Permission,
    PathId(restaurant_id): PathId<RestaurantId>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    carry_out(
        &service,
        &permission,
        restaurant_id,
        &RestaurantCommand::Close,
        &command.context,
    )
    .await
}

/// Executes a command. Costs 1 RU per 4 KB and 1 WU per KB of the event; every fourth commit also carries the snapshot of
/// a large menu.
async fn carry_out(
    service: &RestaurantsService,
    permission: &Permission,
    restaurant_id: RestaurantId,
    command: &RestaurantCommand,
    context: &CommandContext,
) -> Result<Response, Problem> {
    if !permission.covers(RESTAURANT, restaurant_id) {
        return Err(RestaurantError::NotCreated.into());
    }
    let executed = service
        .restaurants
        .execute(&restaurant_id, command, context)
        .await?;
    Ok(ok(&body(restaurant_id, &executed.state)?, &executed))
}

fn body(restaurant_id: RestaurantId, state: &RestaurantState) -> Result<RestaurantBody, Problem> {
    match &state.0 {
        Some(details) => Ok(RestaurantBody {
            restaurant_id,
            details: details.clone(),
        }),
        None => Err(RestaurantError::NotCreated.into()),
    }
}

impl From<RestaurantError> for Problem {
    fn from(error: RestaurantError) -> Self {
        match error {
            RestaurantError::Exists => RESTAURANT_EXISTS.problem("The restaurant exists already."),
            RestaurantError::NotCreated => UNKNOWN_RESTAURANT.problem("There is no such restaurant."),
            RestaurantError::Closed => {
                RESTAURANT_CLOSED.problem("The restaurant closed for good and can no longer be changed.")
            }
        }
    }
}
