//! What becomes of an order when a consumer wants something else.

use crate::order_error::{OrderError, Unorderable};
use crate::order_state::OrderDetails;
use contracts::order::{DeliveryChange, OrderEvent};
use contracts::{LineItem, LineItems, MenuItem, MenuItemId, Quantity};

/// What a consumer wants instead.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// All lines as they shall be: 1 to 100, no item twice.
    pub lines: Vec<(MenuItemId, Quantity)>,
    /// What the menu says of items that are not in the order yet.
    pub menu: MenuAnswer,
    /// What shall change about the delivery.
    pub delivery: DeliveryChange,
}

/// What the restaurant's menu says of the lines of a revision.
#[derive(Debug, Clone, PartialEq)]
pub enum MenuAnswer {
    /// It was not asked: most revisions only change quantities, and then its answer is not needed.
    NotAsked,
    /// These of the lines are on it, at these prices.
    Items(Vec<MenuItem>),
    /// Nothing new can be had, for this reason.
    Nothing(Unorderable),
}

/// The proposal; nothing when it would change nothing.
///
/// An item that is in the order keeps its name and its price: the consumer was told that price. A new one comes at the
/// price of today.
///
/// # Errors
/// [`Unorderable`] for what is on no menu or adds up to too much, [`OrderError::MenuNeeded`] where that is not known yet.
pub(crate) fn propose(order: &OrderDetails, wanted: &Revision) -> Result<Vec<OrderEvent>, OrderError> {
    let lines = wanted.lines.iter().enumerate();
    let lines = lines.map(|(line, (id, quantity))| priced(order, &wanted.menu, line, id, *quantity));
    // Number and duplicates were checked with the request; what is left to refuse is the sum.
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

/// What is really another address or another time.
fn differing(order: &OrderDetails, wanted: &DeliveryChange) -> DeliveryChange {
    DeliveryChange {
        delivery_address: wanted
            .delivery_address
            .clone()
            .filter(|address| *address != order.delivery_address),
        delivery_time: wanted.delivery_time.filter(|time| *time != order.delivery_time),
    }
}

/// The same lines, in whichever order.
fn same_lines(one: &LineItems, other: &LineItems) -> bool {
    let has = |line| one.iter().any(|kept| kept == line);
    one.as_slice().len() == other.as_slice().len() && other.iter().all(has)
}

#[cfg(test)]
#[path = "revision_tests.rs"]
mod tests;
