use crate::search::{AvailableRestaurant, Place, search};
use crate::view::AvailableRestaurants;
use axum::extract::State;
use axum::response::Response;
use contracts::{Moment, Zip};
use function::Wiring;
use http_api::openapi::{PageRead, ReadHeaders};
use http_api::{Access, Consistency, Guarded, IfNoneMatch, Problem, Query};
use jiff::Timestamp;
use projection::ViewReader;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view_function::{Limit, Paging, answer_by_content, read_your_writes};

/// Returns the read-only endpoint `GET /restaurants/available`.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(find_available_restaurants).allow(Access::ANYBODY))
        .with_state(wiring.reader::<AvailableRestaurants>())
}

/// The zip code and the moment to search for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, style = Form)]
struct FindParameters {
    /// The zip code to deliver to, spelled as the restaurants spell it.
    #[param(example = "94612")]
    zip: Zip,
    /// The moment at which the restaurants must be open. Without it: now, in whole minutes; all pages use the moment of
    /// the first one.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Moment>,
    /// The maximum number of restaurants on a page.
    #[serde(default)]
    #[param(required = false, inline)]
    limit: Limit,
    /// The `nextCursor` of the previous page. It is valid only with the same parameters, except `limit`.
    cursor: Option<String>,
}

/// One page of restaurants.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AvailablePage {
    /// The restaurants. A page may be short or empty without being the last one, because one request reads a bounded
    /// number of restaurants.
    restaurants: Vec<AvailableRestaurant>,
    /// The cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Lists the restaurants that are open and deliver to a zip code.
///
/// A restaurant is open in its local time, from the minute in which it opens until the minute in which it closes, that
/// one excluded. In an hour that a clock change repeats, it is open both times.
///
/// The order has no meaning and is the same in every request. A zip code that no restaurant delivers to has an empty list.
///
/// Costs two Queries, half a read unit per 4 KB of the restaurants that deliver there on these weekdays, open or not: at
/// most 300 each. With a `Consistency-Token` of a restaurant it costs twice that, two more calls, and two Queries on the
/// event table if the view is behind.
#[utoipa::path(
    get,
    path = "/restaurants/available",
    tag = "available restaurants",
    operation_id = "findAvailableRestaurants",
    params(FindParameters, ReadHeaders),
    responses(
        (status = 200, description = "The restaurants.", body = AvailablePage),
        PageRead,
    )
)]
async fn find_available_restaurants(
    State(reader): State<ViewReader<AvailableRestaurants>>,
    Query(parameters): Query<FindParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let FindParameters {
        zip,
        at,
        limit,
        cursor,
    } = parameters;
    let moment = at.map(|at| at.to_string()).unwrap_or_default();
    let paging = Paging::new("restaurants", &[zip.as_str(), &moment], limit, cursor);
    let place = match (paging.start()?, at) {
        (Some(place), _) => place,
        (None, Some(at)) => Place::first(at),
        (None, None) => Place::first(this_minute()?),
    };
    let limit = paging.limit() as usize;
    let (restaurants, next) = search(&reader, &zip, place, limit, read_your_writes(consistency)).await?;
    let next_cursor = paging.next(next.as_ref())?;
    answer_by_content(
        &asked,
        &AvailablePage {
            restaurants,
            next_cursor,
        },
    )
}

/// Returns the current moment in whole minutes: opening hours are in minutes, and so are the answers and their tags.
fn this_minute() -> Result<Moment, Problem> {
    let minute = Timestamp::now().as_second().div_euclid(60) * 60;
    let minute = Timestamp::from_second(minute).map_err(Problem::internal)?;
    Moment::new(minute).map_err(Problem::internal)
}
