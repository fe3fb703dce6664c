//! One order, from its creation to the decision whether it is on.

use contracts::order::{CATEGORY, OrderEvent, OrderStatus};
use contracts::restaurant::RestaurantName;
use contracts::{Address, ConsumerId, LineItems, MenuItemId, Moment, Money, ReasonCode, RestaurantId};
use event_store::Decider;
use serde::{Deserialize, Serialize};

// Events: contracts::order.

// State.

/// An order as it now is; nothing before its creation.
///
/// Only what commands are decided and answered by, about 60 bytes, so the snapshot rides on every commit for free (G5).
/// The names are stored in snapshots: a change of their meaning takes a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderState {
    /// Where it stands, once it exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<OrderStatus>,
    /// What it costs.
    #[serde(default)]
    pub order_total: Money,
}

// Decide.

/// An order with everything that its creation records.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Who orders.
    pub consumer_id: ConsumerId,
    /// Of which restaurant.
    pub restaurant_id: RestaurantId,
    /// The restaurant's name at this moment.
    pub restaurant_name: RestaurantName,
    /// What is ordered, at the prices of this moment.
    pub line_items: LineItems,
    /// Where to.
    pub delivery_address: Address,
    /// When it is wanted.
    pub delivery_time: Moment,
}

/// What can be asked of an order.
#[derive(Debug, Clone, PartialEq)]
pub enum OrderCommand {
    /// Place it.
    Create(Box<Draft>),
    /// Place an order for something that is not, or no longer, on any menu. Always refused; it exists because the very
    /// same command may have succeeded before the menu changed, and its repetition is owed the same reply (G4). The event
    /// store recognizes that before it asks this decider.
    CreateUnorderable(Unorderable),
    /// Its payment is authorized.
    Approve,
    /// Its payment is declined.
    Reject {
        /// Why.
        reason: ReasonCode,
    },
}

/// Why something cannot be ordered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unorderable {
    /// No such restaurant was ever created.
    #[error("there is no restaurant {0}")]
    UnknownRestaurant(RestaurantId),
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
}

/// The order aggregate.
#[derive(Debug)]
pub struct Order;

impl Decider for Order {
    type Command = OrderCommand;
    type Event = OrderEvent;
    type State = OrderState;
    type Error = OrderError;

    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 1;

    fn decide(state: &OrderState, command: &OrderCommand) -> Result<Vec<OrderEvent>, OrderError> {
        use OrderStatus::{ApprovalPending, Approved, Rejected};

        match (command, state.status) {
            (OrderCommand::Create(draft), None) => Ok(vec![created(draft)]),
            (OrderCommand::CreateUnorderable(why), None) => Err(why.clone().into()),
            (OrderCommand::Approve | OrderCommand::Reject { .. }, None) => Err(OrderError::NotCreated),

            (OrderCommand::Approve, Some(ApprovalPending)) => Ok(vec![OrderEvent::OrderApproved {}]),
            (OrderCommand::Reject { reason }, Some(ApprovalPending)) => Ok(vec![OrderEvent::OrderRejected {
                reason: reason.clone(),
            }]),

            // Where the command leads already: a success without an event.
            (OrderCommand::Approve, Some(Approved)) | (OrderCommand::Reject { .. }, Some(Rejected)) => {
                Ok(vec![])
            }

            (command, Some(status)) => Err(OrderError::InvalidTransition {
                command: command.name(),
                status,
            }),
        }
    }

    fn evolve(state: OrderState, event: &OrderEvent) -> OrderState {
        let status = |status| OrderState {
            status: Some(status),
            ..state
        };
        match event {
            OrderEvent::OrderCreated { order_total, .. } => OrderState {
                status: Some(OrderStatus::ApprovalPending),
                order_total: *order_total,
            },
            OrderEvent::OrderApproved {} => status(OrderStatus::Approved),
            OrderEvent::OrderRejected { .. } => status(OrderStatus::Rejected),
        }
    }
}

impl OrderCommand {
    /// Its name in messages: "cannot {name}".
    fn name(&self) -> &'static str {
        match self {
            Self::Create(_) | Self::CreateUnorderable(_) => "be created again",
            Self::Approve => "be approved",
            Self::Reject { .. } => "be rejected",
        }
    }
}

fn created(draft: &Draft) -> OrderEvent {
    OrderEvent::OrderCreated {
        consumer_id: draft.consumer_id,
        restaurant_id: draft.restaurant_id,
        restaurant_name: draft.restaurant_name.clone(),
        line_items: draft.line_items.clone(),
        order_total: draft.line_items.total(),
        delivery_address: draft.delivery_address.clone(),
        delivery_time: draft.delivery_time,
    }
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
