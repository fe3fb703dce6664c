use crate::amount::decimal;
use crate::day::{Day, days};
use crate::view::{ORDERS, OrderTotals, SPENDING, TURNOVER, UNDER_WAY, sales_key};
use axum::extract::State;
use axum::response::Response;
use contracts::{ConsumerId, OrderStatus, RestaurantId};
use function::Wiring;
use http_api::openapi::{PageRead, ReadHeaders};
use http_api::{Consistency, IfNoneMatch, PathId, Problem, Query};
use jiff::Timestamp;
use projection::{Tallied, ViewReader};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view_function::{NoParameters, answer_by_content, problem, read_your_writes};

/// The queries `GET /restaurants/{id}/sales` and `GET /consumers/{id}/summary`. They only read.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_restaurant_sales))
        .routes(routes!(get_consumer_summary))
        .with_state(wiring.reader::<OrderTotals>())
}

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, style = Form)]
struct SalesParameters {
    /// The first day, in the years 2000 to 2199. Without it 30 days are shown.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-01")]
    from: Option<Day>,
    /// The last day, in the years 2000 to 2199. Without it up to today. At most 92 days.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-30")]
    to: Option<Day>,
}

/// What a restaurant sold.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RestaurantSales {
    /// The restaurant.
    restaurant_id: RestaurantId,
    /// The days with sales, oldest first.
    days: Vec<SalesOfDay>,
    /// The sales of all these days.
    orders: i64,
    /// What they come to.
    #[schema(pattern = r"^(0|[1-9][0-9]*)\.[0-9]{2}$", example = "61.70")]
    turnover: String,
}

/// What a restaurant sold on one day.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SalesOfDay {
    /// The day in UTC.
    #[schema(value_type = String, format = Date)]
    date: Day,
    /// The sales.
    orders: i64,
    /// What they come to.
    #[schema(pattern = r"^(0|[1-9][0-9]*)\.[0-9]{2}$", example = "61.70")]
    turnover: String,
}

/// What a consumer ordered.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConsumerSummary {
    /// The consumer.
    consumer_id: ConsumerId,
    /// How many orders are in which state. States without any are left out.
    orders: BTreeMap<OrderStatus, i64>,
    /// What the delivered orders come to.
    #[schema(pattern = r"^(0|[1-9][0-9]*)\.[0-9]{2}$", example = "61.70")]
    spending: String,
    /// What the approved orders come to that are not delivered yet.
    #[schema(pattern = r"^(0|[1-9][0-9]*)\.[0-9]{2}$", example = "61.70")]
    under_way: String,
}

/// A restaurant's sales per day
///
/// Exact. An order is a sale from its approval on, on the day in UTC on which it was placed, whatever is being asked about
/// it; a cancelled one is none any more, and a revised one counts what it now costs. Days without sales are left out: a
/// restaurant that nobody knows has none.
///
/// Costs one call, half a read unit per day that is asked for. With a `Consistency-Token` of an order two read units per day
/// and order, and one Query on the event table for each order that the view is behind.
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
    PathId(id): PathId<RestaurantId>,
    Query(parameters): Query<SalesParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let SalesParameters { from, to } = parameters;
    let days = days(from, to, Day::of(Timestamp::now()))?;
    let keys: Vec<String> = days.iter().map(|day| sales_key(id, *day)).collect();
    let counted = reader
        .tallies(&keys, &read_your_writes(consistency))
        .await
        .map_err(problem)?;
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

/// A consumer's orders and spending
///
/// Exact. Only delivered orders are paid. A consumer that nobody knows has ordered and spent nothing.
///
/// Costs one call, half a read unit. With a `Consistency-Token` of an order two read units for the counter and each order,
/// and one Query on the event table for each order that the view is behind.
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
    PathId(id): PathId<ConsumerId>,
    Query(NoParameters {}): Query<NoParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let key = [id.to_string()];
    let counted = reader
        .tallies(&key, &read_your_writes(consistency))
        .await
        .map_err(problem)?;
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
