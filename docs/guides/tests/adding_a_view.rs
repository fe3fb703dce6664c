// --- The document
//! Favourite dishes: how often each dish of a restaurant was ordered, and in which orders.

use contracts::{LineItems, MenuItemId, OrderId, RestaurantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The dishes of one order. The names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrderedDishes {
    /// The order.
    order_id: OrderId,
    /// The restaurant.
    restaurant_id: RestaurantId,
    /// When it was ordered.
    #[schema(value_type = contracts::Moment)]
    ordered_at: Timestamp,
    /// The number of portions of each dish; empty after the order was rejected or cancelled.
    #[schema(value_type = BTreeMap<String, u32>)]
    portions: BTreeMap<MenuItemId, u32>,
}

// --- The fold
use contracts::{OrderEvent, order};
use projection::{ApplyError, Index, Published, Tally, Uses, View};

/// The view: one document per order, listed and counted under its restaurant.
struct FavouriteDishes;

impl View for FavouriteDishes {
    type Document = Option<OrderedDishes>;
    const NAME: &'static str = "favourite-dishes";
    const SOURCES: &'static [&'static str] = &[order::CATEGORY];
    const USES: Uses = Uses::NOTHING.index().tallies();
    const FILTERS: &'static [&'static str] = &[DISHES];

    fn apply(document: &mut Self::Document, event: &Published<'_>) -> Result<(), ApplyError> {
        match event.decode()? {
            OrderEvent::OrderCreated {
                restaurant_id,
                line_items,
                ..
            } => {
                let id = event.id().parse();
                *document = Some(OrderedDishes {
                    order_id: id.map_err(|error| ApplyError::rejected(format!("bad order id: {error}")))?,
                    restaurant_id,
                    ordered_at: event.time(),
                    portions: portions(&line_items),
                });
            }
            OrderEvent::OrderRevised { line_items, .. } => {
                created(document)?.portions = portions(&line_items);
            }
            OrderEvent::OrderRejected { .. } | OrderEvent::OrderCancelled {} => {
                created(document)?.portions.clear();
            }
            // These events do not change the dishes.
            OrderEvent::OrderApproved {}
            | OrderEvent::OrderCancelRequested {}
            | OrderEvent::OrderCancelRefused { .. }
            | OrderEvent::OrderRevisionProposed { .. }
            | OrderEvent::OrderRevisionRejected { .. }
            | OrderEvent::OrderCompleted {} => {}
        }
        Ok(())
    }

    fn index(document: &Self::Document) -> Option<Index> {
        list_entry(document.as_ref()?)
    }

    fn tallies(document: &Self::Document) -> Vec<Tally> {
        document.iter().map(tally).collect()
    }
}

fn portions(lines: &LineItems) -> BTreeMap<MenuItemId, u32> {
    let portions = |line: &contracts::LineItem| (line.menu_item_id.clone(), line.quantity.get());
    lines.iter().map(portions).collect()
}

fn created(document: &mut Option<OrderedDishes>) -> Result<&mut OrderedDishes, ApplyError> {
    let missing = || ApplyError::rejected("the order's stream does not begin with its creation");
    document.as_mut().ok_or_else(missing)
}

// --- List or tally
use serde_json::Value;

/// The index attribute that holds the ids of the dishes.
const DISHES: &str = "dishes";

/// Returns the list entry of an order, or `None` when it has no dishes.
fn list_entry(order: &OrderedDishes) -> Option<Index> {
    let dishes: Vec<&str> = order.portions.keys().map(MenuItemId::as_str).collect();
    if dishes.is_empty() {
        return None;
    }
    Some(Index {
        partition: order.restaurant_id.to_string(),
        // The time orders the list; the id makes it unique.
        sort: format!("{:015}#{}", order.ordered_at.as_millisecond(), order.order_id),
        lean: serde_json::to_value(order).expect("the document has only text for keys"),
        attributes: BTreeMap::from([(DISHES.to_owned(), Value::from(dishes))]),
    })
}

/// The prefix of every counter's name, because a dish may have the id `pk`, which is an attribute of the counter item.
const DISH: &str = "dish-";

/// Returns the amounts that an order adds to its restaurant's counters.
fn tally(order: &OrderedDishes) -> Tally {
    let portions = order.portions.iter();
    Tally {
        key: order.restaurant_id.to_string(),
        amounts: portions
            .map(|(dish, portions)| (format!("{DISH}{dish}"), i64::from(*portions)))
            .collect(),
    }
}

// --- The tests that every view has
#[cfg(test)]
mod fold_tests {
    use super::*;
    use commit::{CommandId, Commit, CommitId, Event, Metadata};
    use contracts::Address;
    use projection::testing::{assert_commutes, fold};
    use proptest::prelude::*;
    use testkit::converges;
    use uuid::Uuid;

    pub(super) fn order_id(number: u128) -> OrderId {
        OrderId::from_uuid(Uuid::from_u128(number))
    }

    pub(super) fn restaurant() -> RestaurantId {
        RestaurantId::from_uuid(Uuid::from_u128(7))
    }

    fn lines(dishes: &[(&str, u32)]) -> LineItems {
        let line = |(dish, quantity): &(&str, u32)| contracts::LineItem {
            menu_item_id: dish.parse().unwrap(),
            name: "Something tasty".parse().unwrap(),
            price: "12.34".parse().unwrap(),
            quantity: contracts::Quantity::new(*quantity).unwrap(),
        };
        LineItems::new(dishes.iter().map(line).collect()).unwrap()
    }

    pub(super) fn placed(dishes: &[(&str, u32)]) -> OrderEvent {
        OrderEvent::OrderCreated {
            consumer_id: contracts::ConsumerId::from_uuid(Uuid::from_u128(8)),
            restaurant_id: restaurant(),
            restaurant_name: "Ajanta".parse().unwrap(),
            line_items: lines(dishes),
            order_total: lines(dishes).total(),
            delivery_address: Address {
                street1: "9 Amazing View".parse().unwrap(),
                street2: None,
                city: "Oakland".parse().unwrap(),
                state: "CA".parse().unwrap(),
                zip: "94612".parse().unwrap(),
            },
            delivery_time: "2026-12-24T18:00:00Z".parse().unwrap(),
        }
    }

    pub(super) fn revised(dishes: &[(&str, u32)]) -> OrderEvent {
        OrderEvent::OrderRevised {
            revision: 1,
            line_items: lines(dishes),
            current_order_total: "12.34".parse().unwrap(),
            new_order_total: lines(dishes).total(),
            delivery: None,
        }
    }

    /// Returns the commits of one order, with an event in each, as the orders service stores them.
    pub(super) fn history(number: u128, events: &[OrderEvent]) -> Vec<Commit> {
        let commit = |(event, version): (&OrderEvent, u64)| Commit {
            stream: format!("order#{}", order_id(number)).parse().unwrap(),
            first: version,
            count: 1,
            id: CommitId::from_bytes(CommandId::derive(&[&number.to_string(), &version.to_string()]).bytes()),
            command_id: CommandId::random(),
            previous: None,
            time: Timestamp::from_second(1_795_000_000 + version.cast_signed()).unwrap(),
            metadata: Metadata::default(),
            events: vec![event.encode().unwrap()],
        };
        events.iter().zip(1..).map(commit).collect()
    }

    #[test]
    fn revised_order_counts_its_new_dishes() {
        let document = fold::<FavouriteDishes>(&history(
            1,
            &[placed(&[("1", 5)]), revised(&[("1", 2), ("pk", 1)])],
        ));
        let amounts = FavouriteDishes::tallies(&document).remove(0).amounts;
        assert_eq!(
            amounts,
            [("dish-1".to_owned(), 2), ("dish-pk".to_owned(), 1)].into()
        );
    }

    #[test]
    fn cancelled_order_is_neither_listed_nor_counted() {
        let document =
            fold::<FavouriteDishes>(&history(1, &[placed(&[("1", 5)]), OrderEvent::OrderCancelled {}]));
        assert_eq!(FavouriteDishes::index(&document), None);
        assert!(
            FavouriteDishes::tallies(&document)
                .iter()
                .all(|tally| tally.amounts.is_empty())
        );
    }

    #[test]
    fn document_does_not_depend_on_delivery_of_the_events() {
        assert_commutes::<FavouriteDishes>(&history(1, &[placed(&[("1", 5)]), revised(&[("2", 1)])]));
    }

    #[test]
    fn g6_the_favourites_converge_under_any_delivery() {
        let course = prop_oneof![
            Just(vec![]),
            Just(vec![
                OrderEvent::OrderApproved {},
                revised(&[("2", 3)]),
                OrderEvent::OrderCompleted {}
            ]),
            Just(vec![
                OrderEvent::OrderCancelRequested {},
                OrderEvent::OrderCancelled {}
            ]),
        ];
        let histories = prop::collection::vec((1..9_u32, course), 1..4).prop_map(|orders| {
            let whole = |(number, (portions, course)): (u128, &(u32, Vec<OrderEvent>))| {
                history(
                    number,
                    &[vec![placed(&[("1", *portions), ("pk", 1)])], course.clone()].concat(),
                )
            };
            (1..).zip(&orders).flat_map(whole).collect()
        });
        converges::<FavouriteDishes>(histories, 50);
    }
}

// --- The queries
use axum::extract::State;
use axum::response::Response;
use contracts::access::BY_BACK_OFFICE;
use function::Wiring;
use http_api::openapi::{PageRead, ReadHeaders};
use http_api::{Consistency, Guarded, IfNoneMatch, PathId, Problem, Query};
use projection::{Condition, Filter, IndexQuery, ViewReader};
use std::cmp::Reverse;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view_function::{Limit, NoParameters, Paging, answer_by_content, problem, read_your_writes};

/// Returns the endpoints: `GET /restaurants/{id}/favourite-dishes` and `GET /restaurants/{id}/dish-orders`.
fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_favourite_dishes).allow(BY_BACK_OFFICE))
        .routes(routes!(list_dish_orders).allow(BY_BACK_OFFICE))
        .with_state(wiring.reader::<FavouriteDishes>())
}

/// The dishes of a restaurant.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Favourites {
    /// The dishes that were ordered, the most popular one first.
    dishes: Vec<Favourite>,
}

/// How often a dish was ordered.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Favourite {
    /// The dish.
    menu_item_id: String,
    /// The number of portions.
    portions: i64,
}

/// Lists a restaurant's dishes by popularity.
///
/// Costs half a read unit per 4 KB of counters, which hold some hundred dishes.
#[utoipa::path(
    get,
    path = "/restaurants/{id}/favourite-dishes",
    tag = "favourite dishes",
    operation_id = "getFavouriteDishes",
    params(("id" = RestaurantId, Path, description = "The restaurant."), ReadHeaders),
    responses(
        (status = 200, description = "The dishes.", body = Favourites),
        PageRead,
    )
)]
async fn get_favourite_dishes(
    State(reader): State<ViewReader<FavouriteDishes>>,
    PathId(id): PathId<RestaurantId>,
    Query(NoParameters {}): Query<NoParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let keys = [id.to_string()];
    let counted = reader
        .tallies(&keys, &read_your_writes(consistency))
        .await
        .map_err(problem)?;
    let counters = counted.into_iter().flat_map(|tallied| tallied.amounts);
    let favourite = |(name, portions): (String, i64)| Favourite {
        menu_item_id: name.strip_prefix(DISH).unwrap_or(&name).to_owned(),
        portions,
    };
    let mut dishes: Vec<Favourite> = counters.map(favourite).collect();
    // Stable: equally popular dishes stay in the order of their ids.
    dishes.sort_by_key(|dish| Reverse(dish.portions));
    answer_by_content(&asked, &Favourites { dishes })
}

/// The parameters of the list of orders.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, style = Form)]
struct DishParameters {
    /// The dish.
    menu_item_id: MenuItemId,
    /// The maximum number of orders on a page.
    #[serde(default)]
    #[param(required = false, inline)]
    limit: Limit,
    /// The `nextCursor` of the previous page. It is valid only with the same parameters, except `limit`.
    cursor: Option<String>,
}

/// One page of orders.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DishOrders {
    /// The orders. A page may be short or empty without being the last one.
    #[schema(value_type = Vec<OrderedDishes>)]
    orders: Vec<Value>,
    /// The cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Lists the orders with a dish, newest first.
///
/// Costs at most two Queries on the index, half a read unit per 4 KB that they read.
#[utoipa::path(
    get,
    path = "/restaurants/{id}/dish-orders",
    tag = "favourite dishes",
    operation_id = "listDishOrders",
    params(("id" = RestaurantId, Path, description = "The restaurant."), DishParameters, ReadHeaders),
    responses(
        (status = 200, description = "The orders.", body = DishOrders),
        PageRead,
    )
)]
async fn list_dish_orders(
    State(reader): State<ViewReader<FavouriteDishes>>,
    PathId(id): PathId<RestaurantId>,
    Query(parameters): Query<DishParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let DishParameters {
        menu_item_id,
        limit,
        cursor,
    } = parameters;
    let paging = Paging::new("orders", &[&id.to_string(), menu_item_id.as_str()], limit, cursor);
    let has_the_dish = Condition::Contains {
        attribute: DISHES.to_owned(),
        value: menu_item_id.to_string(),
    };
    let query = IndexQuery {
        partition: id.to_string(),
        lower: None,
        upper: None,
        descending: true,
        limit: paging.limit() as usize,
        filter: Filter {
            all: vec![has_the_dish],
        },
        start: paging.start()?,
    };
    let (orders, next_cursor) = paging.list(&reader, &query, consistency).await?;
    answer_by_content(&asked, &DishOrders { orders, next_cursor })
}

// --- From the event to the answer
#[cfg(test)]
mod query_tests {
    use super::fold_tests::{history, order_id, placed, restaurant};
    use super::*;
    use serde_json::json;
    use testkit::{ViewStack, token_of};

    #[tokio::test]
    async fn dish_with_the_most_portions_is_listed_first() {
        let stack = ViewStack::<FavouriteDishes>::start(router).await;
        let orders = [
            history(1, &[placed(&[("1", 2)])]),
            history(2, &[placed(&[("1", 1), ("2", 2)])]),
        ]
        .concat();
        // Each commit is delivered twice, and counted once.
        stack.publish(&orders).await;
        stack.deliver(&orders).await;
        // The third order is stored but not projected. The client that placed it has its token.
        let third = history(3, &[placed(&[("2", 7)])]);
        stack.bench.store(&third).await.unwrap();
        let token = token_of(&third[0]);
        let get = async |path: &str| {
            let path = format!("/restaurants/{}/{path}", restaurant());
            stack.get_with(&path, &[("Consistency-Token", &token)]).await
        };

        let dishes = json!({ "dishes": [
            { "menuItemId": "2", "portions": 9 },
            { "menuItemId": "1", "portions": 3 },
        ] });
        assert_eq!(get("favourite-dishes").await.expect(200).body, dishes);

        let page = get("dish-orders?menuItemId=2&limit=1").await;
        assert_eq!(page.page("orders")[0]["orderId"], json!(order_id(3)));
        let cursor = page.cursor().unwrap();
        let next = format!("dish-orders?menuItemId=2&limit=1&cursor={cursor}");
        assert_eq!(get(&next).await.page("orders")[0]["orderId"], json!(order_id(2)));

        // A cursor of one dish is not valid for another.
        let refused = get(&next.replace("=2", "=1")).await;
        assert_eq!(refused.problem(), (400, "INVALID_CURSOR"));
    }
}

// --- The part
use function::Part;

/// Describes the view with its projector and its query function.
fn part() -> Part {
    Part::view::<FavouriteDishes>(router)
}

#[test]
fn view_table_has_an_index() {
    let tables: Vec<usize> = part().tables().map(|table| table.indexes.len()).collect();
    assert_eq!(tables, [1]);
}
