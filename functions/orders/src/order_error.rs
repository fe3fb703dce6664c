use contracts::order::OrderStatus;
use contracts::{MenuItemId, Money, RestaurantId};

/// Why something cannot be ordered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unorderable {
    /// The restaurant does not exist.
    #[error("there is no restaurant {0}")]
    UnknownRestaurant(RestaurantId),
    /// The restaurant closed for good.
    #[error("restaurant {0} is closed for good")]
    RestaurantClosed(RestaurantId),
    /// The restaurant's menu has no such item.
    #[error("the restaurant's menu has no item {menu_item_id}")]
    UnknownMenuItem {
        /// The index of the line in the order, from 0.
        line: usize,
        /// The item.
        menu_item_id: MenuItemId,
    },
    /// The total exceeds the largest amount.
    #[error("the order's total exceeds {}", Money::MAX)]
    TotalTooLarge,
}

/// Why an order refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// The order does not exist.
    #[error("the order does not exist")]
    NotCreated,
    /// The order's status does not allow the command.
    #[error("an order that is {status} cannot {command}")]
    InvalidTransition {
        /// The command, for example "be approved".
        command: &'static str,
        /// The order's status.
        status: OrderStatus,
    },
    /// An item cannot be ordered.
    #[error(transparent)]
    Unorderable(#[from] Unorderable),
    /// An item is not in the order, and the command does not carry the menu's answer about it. The menu is asked before
    /// the command is executed, so another command changed the order in between: repeat the request.
    #[error("the command needs the menu's answer of restaurant {0}; repeat the request")]
    MenuNeeded(RestaurantId),
}
