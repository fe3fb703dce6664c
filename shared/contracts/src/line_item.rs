//! Items on a menu and the lines of an order.

use crate::{Invalid, Money};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use values::text;

text! {
    /// A restaurant's id for an item of its menu; unique within the menu.
    ///
    /// 64 characters hold a UUID or an article number of any point-of-sale system. The id is a key in requests, so it is
    /// plain ASCII.
    MenuItemId, "a menu item id", max = 64, only = "-_."
}

text! {
    /// The name of an item on a menu: at most two printed lines. Every order that contains the item repeats it.
    MenuItemName, "a menu item name", max = 200
}

/// A quantity of one item: 1 to 1,000. A thousand portions are a banquet; more is a typing error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "u32", try_from = "u32")]
pub struct Quantity(u32);

impl Quantity {
    /// The largest quantity of one item.
    pub const MAX: u32 = 1_000;

    /// Returns this quantity.
    ///
    /// # Errors
    /// [`Invalid`] for zero and above [`Self::MAX`].
    pub fn new(quantity: u32) -> Result<Self, Invalid> {
        if (1..=Self::MAX).contains(&quantity) {
            Ok(Self(quantity))
        } else {
            Err(Invalid::new(format!(
                "a quantity lies between 1 and {}",
                Self::MAX
            )))
        }
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Quantity {
    type Error = Invalid;
    fn try_from(quantity: u32) -> Result<Self, Invalid> {
        Self::new(quantity)
    }
}

impl From<Quantity> for u32 {
    fn from(quantity: Quantity) -> u32 {
        quantity.0
    }
}

impl utoipa::PartialSchema for Quantity {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Integer)
            .minimum(Some(1))
            .maximum(Some(Quantity::MAX))
            .into()
    }
}

impl ToSchema for Quantity {
    fn name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::Borrowed("Quantity")
    }
}

/// One line of an order: a quantity of one item, with the name and price that the item had when it was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LineItem {
    /// The item on the restaurant's menu.
    pub menu_item_id: MenuItemId,
    /// The item's name when it was ordered.
    pub name: MenuItemName,
    /// The price of one when it was ordered.
    pub price: Money,
    /// The quantity.
    pub quantity: Quantity,
}

/// The lines of an order: at least one, at most [`LineItems::MAX`], each item once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<LineItem>", try_from = "Vec<LineItem>")]
pub struct LineItems(Vec<LineItem>);

impl LineItems {
    /// The maximum number of lines of one order. A hundred lines with the longest names are about 50 KB in a commit, well
    /// under the limit of 350 KB, and leave room for a revision that repeats them all.
    pub const MAX: usize = 100;

    /// Returns these lines.
    ///
    /// # Errors
    /// [`Invalid`] if there are no lines or too many, an item appears twice, or the total exceeds [`Money::MAX`].
    pub fn new(lines: Vec<LineItem>) -> Result<Self, Invalid> {
        check_number("line items", lines.len(), Self::MAX)?;
        let mut seen = BTreeSet::new();
        if let Some(twice) = lines.iter().find(|line| !seen.insert(&line.menu_item_id)) {
            return Err(Invalid::new(format!(
                "menu item {} appears twice; use its quantity",
                twice.menu_item_id
            )));
        }
        total(&lines).ok_or_else(|| Invalid::new(format!("the total exceeds {}", Money::MAX)))?;
        Ok(Self(lines))
    }

    /// Returns the total price.
    #[must_use]
    pub fn total(&self) -> Money {
        // `new` refused lines without a total.
        total(&self.0).unwrap_or(Money::MAX)
    }

    /// Returns the lines, in the order in which they were given.
    #[must_use]
    pub fn as_slice(&self) -> &[LineItem] {
        &self.0
    }

    /// Iterates over the lines, in the order in which they were given.
    pub fn iter(&self) -> std::slice::Iter<'_, LineItem> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a LineItems {
    type Item = &'a LineItem;
    type IntoIter = std::slice::Iter<'a, LineItem>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

fn total(lines: &[LineItem]) -> Option<Money> {
    lines.iter().try_fold(Money::ZERO, |sum, line| {
        sum.checked_add(line.price.checked_mul(line.quantity.get())?)
    })
}

/// Checks that a list is not empty and not longer than its limit.
pub(crate) fn check_number(what: &str, number: usize, max: usize) -> Result<(), Invalid> {
    if (1..=max).contains(&number) {
        Ok(())
    } else {
        Err(Invalid::new(format!(
            "there are {number} {what}; 1 to {max} are allowed"
        )))
    }
}

impl TryFrom<Vec<LineItem>> for LineItems {
    type Error = Invalid;
    fn try_from(lines: Vec<LineItem>) -> Result<Self, Invalid> {
        Self::new(lines)
    }
}

impl From<LineItems> for Vec<LineItem> {
    fn from(lines: LineItems) -> Vec<LineItem> {
        lines.0
    }
}

impl utoipa::PartialSchema for LineItems {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ArrayBuilder::new()
            .items(utoipa::openapi::Ref::from_schema_name("LineItem"))
            .min_items(Some(1))
            .max_items(Some(LineItems::MAX))
            .into()
    }
}

impl ToSchema for LineItems {
    fn name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::Borrowed("LineItems")
    }

    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        schemas.push((
            LineItem::name().into(),
            <LineItem as utoipa::PartialSchema>::schema(),
        ));
        LineItem::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str, price: &str, quantity: u32) -> LineItem {
        LineItem {
            menu_item_id: id.parse().unwrap(),
            name: "Chicken Vindaloo".parse().unwrap(),
            price: price.parse().unwrap(),
            quantity: Quantity::new(quantity).unwrap(),
        }
    }

    #[test]
    fn total_is_the_sum_of_the_lines() {
        let lines = LineItems::new(vec![line("1", "12.34", 5), line("2", "0.01", 3)]).unwrap();
        assert_eq!(lines.total().to_string(), "61.73");
    }

    #[test]
    fn duplicate_item_is_refused() {
        assert!(LineItems::new(vec![line("1", "1.00", 1), line("1", "1.00", 1)]).is_err());
    }

    #[test]
    fn empty_and_too_long_lists_are_refused() {
        let many = |n: usize| (0..n).map(|i| line(&i.to_string(), "1.00", 1)).collect();
        assert!(LineItems::new(many(0)).is_err());
        assert!(LineItems::new(many(LineItems::MAX)).is_ok());
        assert!(LineItems::new(many(LineItems::MAX + 1)).is_err());
    }

    #[test]
    fn total_above_the_maximum_is_refused() {
        let dear = "9999999999.99";
        assert!(LineItems::new(vec![line("1", dear, 1), line("2", dear, 1)]).is_err());
    }

    #[test]
    fn quantities_are_whole_and_positive() {
        for json in [
            "0",
            "-1",
            "1.5",
            "1e1",
            "1001",
            "4294967297",
            "99999999999999999999",
            "\"1\"",
            "null",
        ] {
            assert!(serde_json::from_str::<Quantity>(json).is_err(), "{json}");
        }
        assert_eq!(serde_json::from_str::<Quantity>("1000").unwrap().get(), 1_000);
    }
}
