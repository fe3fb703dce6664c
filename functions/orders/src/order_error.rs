use contracts::order::OrderStatus;
use contracts::{MenuItemId, Money, RestaurantId};

/// Why something cannot be ordered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unorderable {
    /// No such restaurant was ever created.
    #[error("there is no restaurant {0}")]
    UnknownRestaurant(RestaurantId),
    /// The restaurant closed for good.
    #[error("restaurant {0} is closed for good")]
    RestaurantClosed(RestaurantId),
    /// The restaurant's menu has no such item.
    #[error("the restaurant's menu has no item {menu_item_id}")]
    UnknownMenuItem {
        /// The place in the order, from 0.
        line: usize,
        /// The item.
        menu_item_id: MenuItemId,
    },
    /// The sum is no amount of money any more.
    #[error("the order's total exceeds {}", Money::MAX)]
    TotalTooLarge,
}

/// Why an order refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// There is no such order.
    #[error("the order does not exist")]
    NotCreated,
    /// Its status does not allow the command.
    #[error("an order that is {status} cannot {command}")]
    InvalidTransition {
        /// What was asked: "be approved".
        command: &'static str,
        /// Where the order stands.
        status: OrderStatus,
    },
    /// What was asked for cannot be ordered.
    #[error(transparent)]
    Unorderable(#[from] Unorderable),
    /// An item is not in the order, and the command came without what the menu says of it. The menu is asked before the
    /// command, so another command was faster and changed the order in between: repeat it.
    #[error("what the menu of restaurant {0} says has to come with the command")]
    MenuNeeded(RestaurantId),
}
