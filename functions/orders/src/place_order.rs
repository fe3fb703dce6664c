//! `POST /orders`: what the client sends, and how it becomes a priced order.

use crate::menus::{MenuReplica, OrderMenus};
use crate::order::{Draft, Unorderable};
use contracts::restaurant::{self, Menu};
use contracts::{
    AddressInput, ConsumerId, Invalid, LineItem, LineItems, MenuItemId, Moment, Quantity, RestaurantId,
};
use http_api::Problem;
use projection::{Fresh, ReadError, ReadYourWrites, ViewReader};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// An order that somebody wants to place. Prices are not part of it: they come from the restaurant's menu.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PlaceOrder {
    consumer_id: ConsumerId,
    restaurant_id: RestaurantId,
    delivery_address: AddressInput,
    delivery_time: Moment,
    /// 1 to 100 lines, each menu item once.
    #[schema(value_type = Vec<OrderLine>, min_items = 1, max_items = 100)]
    line_items: OrderLines,
}

/// One line of an order.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OrderLine {
    menu_item_id: MenuItemId,
    quantity: Quantity,
}

/// The lines as they were sent: not too many, no item twice.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Vec<OrderLine>")]
struct OrderLines(Vec<OrderLine>);

impl TryFrom<Vec<OrderLine>> for OrderLines {
    type Error = Invalid;

    fn try_from(lines: Vec<OrderLine>) -> Result<Self, Invalid> {
        if !(1..=LineItems::MAX).contains(&lines.len()) {
            return Err(Invalid::new(format!(
                "an order has 1 to {} line items, not {}",
                LineItems::MAX,
                lines.len()
            )));
        }
        let mut seen = BTreeSet::new();
        match lines.iter().find(|line| !seen.insert(&line.menu_item_id)) {
            None => Ok(Self(lines)),
            Some(twice) => Err(Invalid::new(format!(
                "menu item {} appears twice; use its quantity",
                twice.menu_item_id
            ))),
        }
    }
}

/// The order at today's prices, or why it cannot be placed.
///
/// Half a read unit when the replica has the answer. "Unknown" is only said after the replica was caught up from the
/// restaurant's own events: one more Query (1 RU per 4 KB).
///
/// # Errors
/// A [`Problem`] when the replica cannot be read, or `token` is foreign.
pub(crate) async fn draft(
    menus: &ViewReader<OrderMenus>,
    request: PlaceOrder,
    token: ReadYourWrites,
) -> Result<Result<Draft, Unorderable>, Problem> {
    let unknown = Unorderable::UnknownRestaurant(request.restaurant_id);
    let mut read = token;
    let mut answer = Err(unknown);
    loop {
        let fresh = match menus.get(&request.restaurant_id.to_string(), &read).await {
            Ok(Some(fresh)) => fresh,
            Ok(None) => break,
            // There is nothing newer than what the refusal rests on.
            Err(ReadError::ForeignToken { .. })
                if matches!(answer, Err(Unorderable::UnknownMenuItem { .. })) =>
            {
                break;
            }
            Err(error) => return Err(unreadable(error)),
        };
        let Fresh {
            document:
                MenuReplica {
                    name: Some(name),
                    menu: Some(menu),
                },
            versions,
            ..
        } = fresh
        else {
            break;
        };
        answer = priced(&menu, &request.line_items).map(|line_items| (name, line_items));
        if !matches!(answer, Err(Unorderable::UnknownMenuItem { .. })) {
            break;
        }
        // The item may be on a menu that the replica has not seen yet: ask for one version more than it has.
        let version = versions.get(restaurant::CATEGORY).copied().unwrap_or_default() + 1;
        read.positions = vec![(stream(request.restaurant_id)?, version)];
    }
    Ok(answer.map(|(restaurant_name, line_items)| Draft {
        consumer_id: request.consumer_id,
        restaurant_id: request.restaurant_id,
        restaurant_name,
        line_items,
        delivery_address: request.delivery_address.into(),
        delivery_time: request.delivery_time,
    }))
}

fn unreadable(error: ReadError) -> Problem {
    match error {
        ReadError::ForeignToken { .. } => {
            Problem::bad_request("INVALID_CONSISTENCY_TOKEN", "This token is not one of ours.")
                .field("Consistency-Token")
        }
        other => Problem::unavailable(other),
    }
}

fn stream(restaurant_id: RestaurantId) -> Result<commit::StreamId, Problem> {
    commit::StreamId::new(restaurant::CATEGORY, &restaurant_id.to_string()).map_err(Problem::internal)
}

fn priced(menu: &Menu, lines: &OrderLines) -> Result<LineItems, Unorderable> {
    let lines = lines.0.iter().enumerate().map(|(line, ordered)| {
        let item = menu
            .item(&ordered.menu_item_id)
            .ok_or_else(|| Unorderable::UnknownMenuItem {
                line,
                menu_item_id: ordered.menu_item_id.clone(),
            })?;
        Ok(LineItem {
            menu_item_id: item.id.clone(),
            name: item.name.clone(),
            price: item.price,
            quantity: ordered.quantity,
        })
    });
    // Number and duplicates were checked with the request; what is left to refuse is the sum.
    LineItems::new(lines.collect::<Result<_, _>>()?).map_err(|_| Unorderable::TotalTooLarge)
}
