//! The request of `POST /orders`, and how it becomes a priced order.

use crate::menu_question::ask;
use crate::menus::OrderMenus;
use crate::order::Draft;
use crate::order_error::Unorderable;
use crate::order_lines::{OrderLine, OrderLines};
use contracts::restaurant::Menu;
use contracts::{AddressInput, ConsumerId, LineItem, LineItems, Moment, RestaurantId};
use http_api::Problem;
use projection::{ReadYourWrites, ViewReader};
use serde::Deserialize;
use utoipa::ToSchema;

/// A request to place an order. It contains no prices: they come from the restaurant's menu.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PlaceOrder {
    pub(crate) consumer_id: ConsumerId,
    restaurant_id: RestaurantId,
    delivery_address: AddressInput,
    delivery_time: Moment,
    /// 1 to 100 lines, each menu item once.
    #[schema(value_type = Vec<OrderLine>, min_items = 1, max_items = 100)]
    line_items: OrderLines,
}

/// Returns the order at current prices, or why it cannot be placed. [`ask`] states the costs.
///
/// # Errors
/// A [`Problem`] if the replica cannot be read or `token` is foreign.
pub(crate) async fn draft(
    menus: &ViewReader<OrderMenus>,
    request: PlaceOrder,
    token: ReadYourWrites,
) -> Result<Result<Draft, Unorderable>, Problem> {
    let priced = |menu: &Menu| priced(menu, &request.line_items);
    let answer = ask(menus, request.restaurant_id, token, priced).await?;
    Ok(answer.map(|(restaurant_name, line_items)| Draft {
        consumer_id: request.consumer_id,
        restaurant_id: request.restaurant_id,
        restaurant_name,
        line_items,
        delivery_address: request.delivery_address.into(),
        delivery_time: request.delivery_time,
    }))
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
    // Number and duplicates were checked with the request, so only the total can be refused here.
    LineItems::new(lines.collect::<Result<_, _>>()?).map_err(|_| Unorderable::TotalTooLarge)
}
