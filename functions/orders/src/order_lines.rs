//! The lines of an order as a client sends them.

use contracts::{Invalid, LineItems, MenuItemId, Quantity};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// One line of an order.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OrderLine {
    pub(crate) menu_item_id: MenuItemId,
    pub(crate) quantity: Quantity,
}

/// The lines as the client sent them, checked for number and duplicate items.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Vec<OrderLine>")]
pub(crate) struct OrderLines(pub(crate) Vec<OrderLine>);

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
