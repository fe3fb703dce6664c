//! The service over HTTP.

use crate::request::{CreateRestaurant, MenuInput};
use crate::restaurant::{Restaurant, RestaurantCommand, RestaurantDetails, RestaurantError, RestaurantState};
use axum::extract::State;
use axum::response::Response;
use contracts::RestaurantId;
use contracts::restaurant::CATEGORY;
use event_store::EventStore;
use http_api::openapi::{CommandHeaders, CommandProblems, ReadHeaders, ReadProblems};
use http_api::{Command, Consistency, ETag, IfNoneMatch, PathId, Problem, created, ok};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the handlers need. Cheap to clone.
#[derive(Clone)]
pub struct RestaurantsService {
    /// The restaurants.
    pub restaurants: EventStore<Restaurant>,
}

/// The service's endpoints and their description.
pub fn router(service: RestaurantsService) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(create_restaurant))
        .routes(routes!(get_restaurant))
        .routes(routes!(revise_menu))
        .with_state(service)
}

/// The new restaurant.
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
    /// Everything else.
    #[serde(flatten)]
    pub details: RestaurantDetails,
}

/// Adds a restaurant.
#[utoipa::path(
    post,
    path = "/restaurants",
    tag = "restaurants",
    operation_id = "createRestaurant",
    params(CommandHeaders),
    request_body = CreateRestaurant,
    responses(
        (status = 201, description = "The restaurant is added.", body = RestaurantCreated, headers(
            ("Location" = String, description = "Where the restaurant is."),
            ("Consistency-Token" = String, description = "For reads that must show this restaurant."),
        )),
        CommandProblems,
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
        .create(&restaurant_id.to_string(), &create, &command.context)
        .await?;
    Ok(created(
        &format!("/restaurants/{restaurant_id}"),
        &RestaurantCreated { restaurant_id },
        &executed,
    ))
}

/// Shows a restaurant.
///
/// Read from the restaurant's own events, so it is never older than the last command.
#[utoipa::path(
    get,
    path = "/restaurants/{id}",
    tag = "restaurants",
    operation_id = "getRestaurant",
    params(("id" = RestaurantId, Path, description = "The restaurant."), ReadHeaders),
    responses(
        (status = 200, description = "The restaurant.", body = RestaurantBody, headers(
            ("ETag" = String, description = "Changes whenever the restaurant does."),
        )),
        (status = 304, description = "The client has this state already."),
        (status = 404, description = "`UNKNOWN_RESTAURANT`", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        ReadProblems,
    ),
)]
async fn get_restaurant(
    State(service): State<RestaurantsService>,
    PathId(restaurant_id): PathId<RestaurantId>,
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    // 1 RU per 4 KB: one consistent Query. It is the truth itself, whatever token came along.
    let loaded = service.restaurants.load(&restaurant_id.to_string()).await?;
    let body = body(restaurant_id, &loaded.state)?;
    let tag = ETag::of(&[
        restaurant_id.to_string().as_bytes(),
        &loaded.version.to_be_bytes(),
    ]);
    Ok(tag.answer(&asked, axum::Json(body)))
}

/// Replaces a restaurant's menu.
///
/// Orders that exist keep their prices.
#[utoipa::path(
    put,
    path = "/restaurants/{id}/menu",
    tag = "restaurants",
    operation_id = "reviseMenu",
    params(("id" = RestaurantId, Path, description = "The restaurant."), CommandHeaders),
    request_body = MenuInput,
    responses(
        (status = 200, description = "The restaurant as it now is.", body = RestaurantBody, headers(
            ("Consistency-Token" = String, description = "For reads that must show this menu."),
        )),
        (status = 404, description = "`UNKNOWN_RESTAURANT`", body = ref("#/components/schemas/Problem"), content_type = "application/problem+json"),
        CommandProblems,
    ),
)]
async fn revise_menu(
    State(service): State<RestaurantsService>,
    PathId(restaurant_id): PathId<RestaurantId>,
    command: Command<MenuInput>,
) -> Result<Response, Problem> {
    let revise = RestaurantCommand::ReviseMenu(command.body.into_menu());
    let executed = service
        .restaurants
        .execute(&restaurant_id.to_string(), &revise, &command.context)
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
            RestaurantError::Exists => {
                Self::conflict("RESTAURANT_EXISTS", "There is such a restaurant already.")
            }
            RestaurantError::NotCreated => {
                Self::not_found("UNKNOWN_RESTAURANT", "There is no such restaurant.")
            }
        }
    }
}
