//! The request of `POST /orders/{id}/revise`, and its questions to the menu.

use crate::http::check;
use crate::menu_question::ask;
use crate::menus::OrderMenus;
use crate::order::{Order, OrderCommand};
use crate::order_error::{OrderError, Unorderable};
use crate::order_lines::{OrderLine, OrderLines};
use crate::order_state::OrderDetails;
use crate::revision::{MenuAnswer, Revision};
use crate::service::OrdersService;
use contracts::order::{DeliveryChange, OrderStatus};
use contracts::restaurant::Menu;
use contracts::{AddressInput, MenuItemId, Moment, OrderId, Quantity};
use event_store::{CommandContext, ExecuteError, Executed};
use http_api::{Permission, Problem};
use projection::{ReadYourWrites, ViewReader};
use serde::Deserialize;
use utoipa::ToSchema;

/// A request to revise an order. It contains no prices: an item in the order keeps its price, and a new item has the
/// menu's price.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReviseOrder {
    /// All lines after the revision, 1 to 100, each menu item once.
    #[schema(value_type = Vec<OrderLine>, min_items = 1, max_items = 100)]
    revised_order_line_items: OrderLines,
    /// The new delivery address; unchanged if absent.
    #[serde(default)]
    delivery_address: Option<AddressInput>,
    /// The new delivery time; unchanged if absent.
    #[serde(default)]
    delivery_time: Option<Moment>,
}

/// Revises the order. Costs 1 RU and 1 WU per KB, and the costs of [`ask`] if an item is not in the order yet.
///
/// The menu's answer is part of the command, even if it is negative. Nothing is refused before the order is asked: the
/// same command may have succeeded before the menu changed, and its repetition must get the same reply (G4).
///
/// # Errors
/// A [`Problem`] if the order refuses, the replica cannot be read, or `token` is foreign.
pub(crate) async fn revise(
    service: &OrdersService,
    order_id: OrderId,
    permission: &Permission,
    request: ReviseOrder,
    token: ReadYourWrites,
    context: &CommandContext,
) -> Result<Executed<Order>, Problem> {
    let loaded = service.orders.load(&order_id).await?;
    // The consumer of an order never changes, so this need not be checked again if another writer is faster.
    check(permission, &loaded.state)?;
    let lines = request.revised_order_line_items.0.into_iter();
    let lines: Vec<_> = lines.map(|line| (line.menu_item_id, line.quantity)).collect();
    let menu = match &loaded.state.0 {
        // An order in another status refuses, or executed the command before.
        Some(order) if order.status == OrderStatus::Approved => {
            offers(&service.menus, order, &lines, token).await?
        }
        _ => MenuAnswer::NotAsked,
    };
    let delivery = DeliveryChange {
        delivery_address: request.delivery_address.map(Into::into),
        delivery_time: request.delivery_time,
    };
    let revise = OrderCommand::Revise(Box::new(Revision {
        lines,
        menu,
        delivery,
    }));
    let executed = service.orders.execute_loaded(loaded, &revise, context).await;
    executed.map_err(refusal)
}

/// Returns the lines that are on the menu, if one of them is not in the order. An item that is in the order need not be
/// on the menu any more.
async fn offers(
    menus: &ViewReader<OrderMenus>,
    order: &OrderDetails,
    lines: &[(MenuItemId, Quantity)],
    token: ReadYourWrites,
) -> Result<MenuAnswer, Problem> {
    let kept = |id: &MenuItemId| order.line(id).is_some();
    if lines.iter().all(|(id, _)| kept(id)) {
        return Ok(MenuAnswer::NotAsked);
    }
    let found = |menu: &Menu| {
        let mut items = Vec::new();
        for (line, (id, _)) in lines.iter().enumerate() {
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
    Ok(match ask(menus, order.restaurant_id, token, found).await? {
        Ok((_, items)) => MenuAnswer::Items(items),
        Err(why) => MenuAnswer::Nothing(why),
    })
}

/// Returns the problem, with the field names of this request.
fn refusal(error: ExecuteError<OrderError>) -> Problem {
    match error {
        ExecuteError::Refused(OrderError::Unorderable(why)) => {
            why.problem("revisedOrderLineItems", "revisedOrderLineItems")
        }
        other => other.into(),
    }
}
