use crate::amount::decimal;
use crate::day::{Day, days};
use crate::view::{ORDERS, OrderTotals, SPENDING, TURNOVER, UNDER_WAY, sales_key};
use axum::extract::State;
use axum::response::Response;
use contracts::access::{BY_CONSUMER_OR_BACK_OFFICE, BY_RESTAURANT_OR_BACK_OFFICE, CONSUMER, RESTAURANT};
use contracts::{ConsumerId, OrderStatus, RestaurantId};
use function::Wiring;
use http_api::openapi::{PageRead, ReadHeaders};
use http_api::{Consistency, Guarded, IfNoneMatch, PathId, Permission, Problem, Query};
use jiff::Timestamp;
use projection::{Tallied, ViewReader};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view_function::{NoParameters, answer_by_content, problem, read_your_writes};

/// Returns the read-only endpoints `GET /restaurants/{id}/sales` and `GET /consumers/{id}/summary`.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_restaurant_sales).allow(BY_RESTAURANT_OR_BACK_OFFICE))
        .routes(routes!(get_consumer_summary).allow(BY_CONSUMER_OR_BACK_OFFICE))
        .with_state(wiring.reader::<OrderTotals>())
}

/// The days to report.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, style = Form)]
struct SalesParameters {
    /// The first day, in the years 2000 to 2199. Without it, 30 days are shown.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-01")]
    from: Option<Day>,
    /// The last day, in the years 2000 to 2199; today if absent. At most 92 days.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-30")]
    to: Option<Day>,
}

/// A restaurant's sales.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RestaurantSales {
    /// The restaurant's id.
    restaurant_id: RestaurantId,
    /// The days with sales, oldest first.
    days: Vec<SalesOfDay>,
    /// The number of sales of all these days.
    orders: i64,
    /// The turnover of all these days.
    #[schema(pattern = r"^(0|[1-9][0-9]*)\.[0-9]{2}$", example = "61.70")]
    turnover: String,
}

/// A restaurant's sales on one day.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SalesOfDay {
    /// The day in UTC.
    #[schema(value_type = String, format = Date)]
    date: Day,
    /// The number of sales.
    orders: i64,
    /// The turnover.
    #[schema(pattern = r"^(0|[1-9][0-9]*)\.[0-9]{2}$", example = "61.70")]
    turnover: String,
}

/// A consumer's orders and spending.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConsumerSummary {
    /// The consumer's id.
    consumer_id: ConsumerId,
    /// The number of orders by status. Statuses without orders are omitted.
    orders: BTreeMap<OrderStatus, i64>,
    /// The sum of the delivered orders.
    #[schema(pattern = r"^(0|[1-9][0-9]*)\.[0-9]{2}$", example = "61.70")]
    spending: String,
    /// The sum of the approved orders that are not delivered yet.
    #[schema(pattern = r"^(0|[1-9][0-9]*)\.[0-9]{2}$", example = "61.70")]
    under_way: String,
}

/// Shows a restaurant's sales per day.
///
/// The numbers are exact. An order counts as a sale from its approval on, on the day in UTC on which it was placed, even
/// while a request to cancel or revise it is open. A cancelled order no longer counts, and a revised one counts with its
/// new total. Days without sales are omitted; an unknown restaurant has none.
///
/// Costs two calls at the same time and one read unit per requested day. With a `Consistency-Token` it costs two and a half
/// read units per day for one order and four for several, two per order, and one Query on the event table for each order
/// that the view is behind.
#[utoipa::path(
    get,
    path = "/restaurants/{id}/sales",
    tag = "order totals",
    operation_id = "getRestaurantSales",
    params(("id" = RestaurantId, Path, description = "The restaurant."), SalesParameters, ReadHeaders),
    responses(
        (status = 200, description = "The sales.", body = RestaurantSales),
        PageRead,
    )
)]
async fn get_restaurant_sales(
    State(reader): State<ViewReader<OrderTotals>>,
    permission: Permission,
    PathId(id): PathId<RestaurantId>,
    Query(parameters): Query<SalesParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let SalesParameters { from, to } = parameters;
    let days = days(from, to, Day::of(Timestamp::now()))?;
    let keys: Vec<String> = days.iter().map(|day| sales_key(id, *day)).collect();
    let counted = if permission.covers(RESTAURANT, id) {
        let read = read_your_writes(consistency);
        reader.tallies(&keys, &read).await.map_err(problem)?
    } else {
        Vec::new()
    };
    answer_by_content(&asked, &RestaurantSales::of(id, days.into_iter().zip(counted)))
}

impl RestaurantSales {
    fn of(restaurant_id: RestaurantId, counted: impl Iterator<Item = (Day, Tallied)>) -> Self {
        let (mut orders, mut turnover) = (0_i64, 0_i128);
        let mut days = Vec::new();
        for (date, counters) in counted.filter(|(_, counters)| !counters.amounts.is_empty()) {
            let of_day = i128::from(counters.amount(TURNOVER));
            orders = orders.saturating_add(counters.amount(ORDERS));
            turnover += of_day;
            days.push(SalesOfDay {
                date,
                orders: counters.amount(ORDERS),
                turnover: decimal(of_day),
            });
        }
        Self {
            restaurant_id,
            days,
            orders,
            turnover: decimal(turnover),
        }
    }
}

/// Shows a consumer's orders and spending.
///
/// The numbers are exact. Only delivered orders are paid. An unknown consumer has no orders and no spending.
///
/// Costs one call, half a read unit. With a `Consistency-Token` of an order it costs two read units for the counter and
/// each order, and one Query on the event table for each order that the view is behind.
#[utoipa::path(
    get,
    path = "/consumers/{id}/summary",
    tag = "order totals",
    operation_id = "getConsumerSummary",
    params(("id" = ConsumerId, Path, description = "The consumer."), ReadHeaders),
    responses(
        (status = 200, description = "The summary.", body = ConsumerSummary),
        PageRead,
    )
)]
async fn get_consumer_summary(
    State(reader): State<ViewReader<OrderTotals>>,
    permission: Permission,
    PathId(id): PathId<ConsumerId>,
    Query(NoParameters {}): Query<NoParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let key = [id.to_string()];
    let counted = if permission.covers(CONSUMER, id) {
        let read = read_your_writes(consistency);
        reader.tallies(&key, &read).await.map_err(problem)?
    } else {
        Vec::new()
    };
    let counters = counted.into_iter().next().unwrap_or_default();
    let orders = OrderStatus::ALL.into_iter();
    let orders = orders.map(|status| (status, counters.amount(status.as_str())));
    let summary = ConsumerSummary {
        consumer_id: id,
        orders: orders.filter(|(_, count)| *count != 0).collect(),
        spending: decimal(counters.amount(SPENDING).into()),
        under_way: decimal(counters.amount(UNDER_WAY).into()),
    };
    answer_by_content(&asked, &summary)
}
