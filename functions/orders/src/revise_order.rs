//! `POST /orders/{id}/revise`: what the client sends, and how the menu is asked for it.

use crate::http::OrdersService;
use crate::menu_question::ask;
use crate::order::{Order, OrderCommand, OrderError, Unorderable};
use crate::order_lines::{OrderLine, OrderLines};
use crate::revision::{MenuAnswer, Revision};
use contracts::order::DeliveryChange;
use contracts::restaurant::Menu;
use contracts::{AddressInput, MenuItemId, Moment, OrderId, RestaurantId};
use event_store::{CommandContext, ExecuteError, Executed};
use http_api::Problem;
use projection::ReadYourWrites;
use serde::Deserialize;
use utoipa::ToSchema;

/// What somebody wants instead. Prices are not part of it: what is in the order keeps its price, what is new comes at the
/// menu's.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReviseOrder {
    /// All lines as they shall be, 1 to 100, each menu item once.
    #[schema(value_type = Vec<OrderLine>, min_items = 1, max_items = 100)]
    revised_order_line_items: OrderLines,
    /// Where to, instead; without it, as before.
    #[serde(default)]
    delivery_address: Option<AddressInput>,
    /// When it is wanted, instead; without it, as before.
    #[serde(default)]
    delivery_time: Option<Moment>,
}

/// Revises the order: 1 RU and 1 WU per KB when every item is in the order already. Else the order says that it needs the
/// menu, and is asked again with it: 1 RU more, and what [`ask`] costs.
///
/// Nothing is refused before the order is asked: the same command may have succeeded before the menu changed, and its
/// repetition is owed the same reply (G4).
///
/// # Errors
/// A [`Problem`] when the order refuses, the replica cannot be read, or `token` is foreign.
pub(crate) async fn revise(
    service: &OrdersService,
    order_id: OrderId,
    request: ReviseOrder,
    token: ReadYourWrites,
    context: &CommandContext,
) -> Result<Executed<Order>, Problem> {
    let lines = request.revised_order_line_items.0.into_iter();
    let mut revision = Revision {
        lines: lines.map(|line| (line.menu_item_id, line.quantity)).collect(),
        menu: MenuAnswer::NotAsked,
        delivery: DeliveryChange {
            delivery_address: request.delivery_address.map(Into::into),
            delivery_time: request.delivery_time,
        },
    };
    let unasked = OrderCommand::Revise(Box::new(revision.clone()));
    match service.orders.execute(&order_id, &unasked, context).await {
        Err(ExecuteError::Refused(OrderError::MenuNeeded(restaurant_id))) => {
            revision.menu = offers(service, order_id, restaurant_id, &revision, token).await?;
        }
        executed => return executed.map_err(refusal),
    }
    let asked = OrderCommand::Revise(Box::new(revision));
    service
        .orders
        .execute(&order_id, &asked, context)
        .await
        .map_err(refusal)
}

/// The items of the revision that are on the menu.
async fn offers(
    service: &OrdersService,
    order_id: OrderId,
    restaurant_id: RestaurantId,
    revision: &Revision,
    token: ReadYourWrites,
) -> Result<MenuAnswer, Problem> {
    // 1 RU. What the order has need not be on the menu any more.
    let loaded = service.orders.load(&order_id).await?;
    let kept = |id: &MenuItemId| {
        let order = loaded.state.0.as_ref();
        order.is_some_and(|order| order.line_items.iter().any(|line| line.menu_item_id == *id))
    };
    let found = |menu: &Menu| {
        let mut items = Vec::new();
        for (line, (id, _)) in revision.lines.iter().enumerate() {
            match menu.item(id) {
                Some(item) => items.push(item.clone()),
                None if kept(id) => {}
                None => {
                    return Err(Unorderable::UnknownMenuItem {
                        line,
                        menu_item_id: id.clone(),
                    });
                }
            }
        }
        Ok(items)
    };
    Ok(match ask(&service.menus, restaurant_id, token, found).await? {
        Ok((_, items)) => MenuAnswer::Items(items),
        Err(why) => MenuAnswer::Nothing(why),
    })
}

/// The problem, with the fields of this request.
fn refusal(error: ExecuteError<OrderError>) -> Problem {
    match error {
        ExecuteError::Refused(OrderError::Unorderable(why)) => {
            why.problem("revisedOrderLineItems", "revisedOrderLineItems")
        }
        other => other.into(),
    }
}
