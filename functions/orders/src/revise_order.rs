//! `POST /orders/{id}/revise`: what the client sends, and how the menu is asked for it.

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
use http_api::Problem;
use projection::{ReadYourWrites, ViewReader};
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

/// Revises the order: 1 RU and 1 WU per KB, and what [`ask`] costs when an item is not in the order yet.
///
/// What the menu says is part of the command, also where it says no. Nothing is refused before the order is asked: the same
/// command may have succeeded before the menu changed, and its repetition is owed the same reply (G4).
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
    let loaded = service.orders.load(&order_id).await?;
    let lines = request.revised_order_line_items.0.into_iter();
    let lines: Vec<_> = lines.map(|line| (line.menu_item_id, line.quantity)).collect();
    let menu = match &loaded.state.0 {
        // Any other order refuses, or the command was done before.
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

/// The lines that are on the menu, when one of them is not in the order. What the order has need not be on the menu any
/// more.
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

/// The problem, with the fields of this request.
fn refusal(error: ExecuteError<OrderError>) -> Problem {
    match error {
        ExecuteError::Refused(OrderError::Unorderable(why)) => {
            why.problem("revisedOrderLineItems", "revisedOrderLineItems")
        }
        other => other.into(),
    }
}
