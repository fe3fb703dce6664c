//! Proposals to revise an order.

use crate::order_error::{OrderError, Unorderable};
use crate::order_state::OrderDetails;
use contracts::order::{DeliveryChange, OrderEvent};
use contracts::{LineItem, LineItems, MenuItem, MenuItemId, Quantity};

/// A consumer's request to revise an order.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// All lines after the revision: 1 to 100, no item twice.
    pub lines: Vec<(MenuItemId, Quantity)>,
    /// The menu's answer about items that are not in the order yet.
    pub menu: MenuAnswer,
    /// The changes to the delivery.
    pub delivery: DeliveryChange,
}

/// The menu's answer about the lines of a revision.
#[derive(Debug, Clone, PartialEq)]
pub enum MenuAnswer {
    /// The menu was not asked: most revisions only change quantities and do not need it.
    NotAsked,
    /// These of the lines are on the menu, at these prices.
    Items(Vec<MenuItem>),
    /// New items cannot be ordered, for this reason.
    Nothing(Unorderable),
}

/// Returns the proposal, or no event if it would change nothing.
///
/// An item that is in the order keeps its name and its price, because the consumer was told that price. A new item has
/// the current price.
///
/// # Errors
/// [`Unorderable`] if an item is on no menu or the total is too large, [`OrderError::MenuNeeded`] if the menu was not asked.
pub(crate) fn propose(order: &OrderDetails, wanted: &Revision) -> Result<Vec<OrderEvent>, OrderError> {
    let lines = wanted.lines.iter().enumerate();
    let lines = lines.map(|(line, (id, quantity))| priced(order, &wanted.menu, line, id, *quantity));
    // Number and duplicates were checked with the request, so only the total can be refused here.
    let line_items =
        LineItems::new(lines.collect::<Result<_, _>>()?).map_err(|_| Unorderable::TotalTooLarge)?;
    let delivery = differing(order, &wanted.delivery);
    if same_lines(&order.line_items, &line_items) && delivery.is_empty() {
        return Ok(vec![]);
    }
    Ok(vec![OrderEvent::OrderRevisionProposed {
        revision: order.revision + 1,
        current_order_total: order.line_items.total(),
        new_order_total: line_items.total(),
        line_items,
        delivery: (!delivery.is_empty()).then_some(delivery),
    }])
}

fn priced(
    order: &OrderDetails,
    menu: &MenuAnswer,
    line: usize,
    id: &MenuItemId,
    quantity: Quantity,
) -> Result<LineItem, OrderError> {
    if let Some(kept) = order.line(id) {
        return Ok(LineItem {
            quantity,
            ..kept.clone()
        });
    }
    match menu {
        MenuAnswer::NotAsked => Err(OrderError::MenuNeeded(order.restaurant_id)),
        MenuAnswer::Nothing(why) => Err(why.clone().into()),
        MenuAnswer::Items(items) => match items.iter().find(|item| item.id == *id) {
            Some(item) => Ok(LineItem {
                menu_item_id: item.id.clone(),
                name: item.name.clone(),
                price: item.price,
                quantity,
            }),
            None => Err(OrderError::Unorderable(Unorderable::UnknownMenuItem {
                line,
                menu_item_id: id.clone(),
            })),
        },
    }
}

/// Returns the parts of the change that differ from the order.
fn differing(order: &OrderDetails, wanted: &DeliveryChange) -> DeliveryChange {
    DeliveryChange {
        delivery_address: wanted
            .delivery_address
            .clone()
            .filter(|address| *address != order.delivery_address),
        delivery_time: wanted.delivery_time.filter(|time| *time != order.delivery_time),
    }
}

/// Returns whether the lines are the same, in any order.
fn same_lines(one: &LineItems, other: &LineItems) -> bool {
    let has = |line| one.iter().any(|kept| kept == line);
    one.as_slice().len() == other.as_slice().len() && other.iter().all(has)
}

#[cfg(test)]
#[path = "revision_tests.rs"]
mod tests;
