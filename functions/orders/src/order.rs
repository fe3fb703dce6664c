//! The order aggregate, from placing to delivery.

use crate::order_error::{OrderError, Unorderable};
use crate::order_state::{OrderDetails, OrderState, Proposal};
use crate::revision::{Revision, propose};
use contracts::order::{CATEGORY, DeliveryChange, OrderEvent, OrderStatus};
use contracts::restaurant::RestaurantName;
use contracts::{Address, ConsumerId, LineItems, Moment, OrderId, ReasonCode, RestaurantId};
use event_store::Decider;

// Events: contracts::order. State: order_state.

// Decide.

/// A new order with everything that its creation records.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The consumer who orders.
    pub consumer_id: ConsumerId,
    /// The restaurant that is ordered from.
    pub restaurant_id: RestaurantId,
    /// The restaurant's current name.
    pub restaurant_name: RestaurantName,
    /// The lines, at current prices.
    pub line_items: LineItems,
    /// The delivery address.
    pub delivery_address: Address,
    /// When the consumer wants the food.
    pub delivery_time: Moment,
}

/// The commands of an order.
#[derive(Debug, Clone, PartialEq)]
pub enum OrderCommand {
    /// Places the order.
    Create(Box<Draft>),
    /// Places an order for something that is not, or no longer, on any menu. Always refused. The command exists because
    /// the same command may have succeeded before the menu changed, and its repetition must get the same reply (G4). The
    /// event store recognizes the repetition before it calls this decider.
    CreateUnorderable(Unorderable),
    /// Approves the order: its payment is authorized.
    Approve,
    /// Rejects the order: its payment is declined.
    Reject {
        /// The reason.
        reason: ReasonCode,
    },
    /// Requests to cancel the order, for the consumer, or because the kitchen did not accept it in time.
    Cancel,
    /// Cancels the order: the kitchen agreed.
    ConfirmCancel,
    /// Refuses to cancel the order: it is too late, or nobody answered in time.
    RefuseCancel {
        /// The reason.
        reason: ReasonCode,
    },
    /// Requests to revise the order, for the consumer.
    Revise(Box<Revision>),
    /// Revises the order: kitchen and accounting agreed.
    ConfirmRevision {
        /// The number of the revision. An answer to any other than the pending revision changes nothing.
        revision: u32,
    },
    /// Reverts the revision: the kitchen or accounting refused, or did not answer in time.
    RejectRevision {
        /// The number of the revision, as above.
        revision: u32,
        /// The reason.
        reason: ReasonCode,
    },
    /// Completes the order: it was delivered.
    Complete,
}

/// The order aggregate.
#[derive(Debug)]
pub struct Order;

impl Decider for Order {
    type Id = OrderId;
    type Command = OrderCommand;
    type Event = OrderEvent;
    type State = OrderState;
    type Error = OrderError;

    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 2;

    fn decide(OrderState(order): &OrderState, command: &OrderCommand) -> Result<Vec<OrderEvent>, OrderError> {
        use OrderCommand as C;
        use OrderStatus::{
            ApprovalPending, Approved, CancelPending, Cancelled, Delivered, Rejected, RevisionPending,
        };

        let Some(order) = order else {
            return match command {
                C::Create(draft) => Ok(vec![created(draft)]),
                C::CreateUnorderable(why) => Err(why.clone().into()),
                _ => Err(OrderError::NotCreated),
            };
        };
        let event = match (command, order.status) {
            (C::Approve, ApprovalPending) => OrderEvent::OrderApproved {},
            (C::Reject { reason }, ApprovalPending) => OrderEvent::OrderRejected {
                reason: reason.clone(),
            },

            (C::Cancel, Approved) => OrderEvent::OrderCancelRequested {},
            // A cancelled ticket stays cancelled, so the order follows it, even if the answer came too late and the request
            // was refused meanwhile.
            (C::ConfirmCancel, CancelPending | Approved | RevisionPending) => OrderEvent::OrderCancelled {},
            (C::RefuseCancel { reason }, CancelPending) => OrderEvent::OrderCancelRefused {
                reason: reason.clone(),
            },

            (C::Revise(revision), Approved) => return propose(order, revision),
            (C::ConfirmRevision { revision }, RevisionPending) => match order.pending(*revision) {
                Some(proposal) => revised(order, proposal),
                None => return Ok(vec![]),
            },
            (C::RejectRevision { revision, reason }, RevisionPending) => match order.pending(*revision) {
                Some(_) => OrderEvent::OrderRevisionRejected {
                    revision: *revision,
                    reason: reason.clone(),
                    line_items: order.line_items.clone(),
                    order_total: order.line_items.total(),
                },
                None => return Ok(vec![]),
            },

            (C::Complete, Approved) => OrderEvent::OrderCompleted {},

            // The order is in the command's target status already: a success without an event.
            (C::Approve | C::RefuseCancel { .. }, Approved)
            | (C::ConfirmRevision { .. } | C::RejectRevision { .. }, Approved)
            | (C::Reject { .. }, Rejected)
            | (C::Cancel, CancelPending | Cancelled)
            | (C::ConfirmCancel, Cancelled)
            | (C::Complete, Delivered) => return Ok(vec![]),

            (command, status) => {
                return Err(OrderError::InvalidTransition {
                    command: command.name(),
                    status,
                });
            }
        };
        Ok(vec![event])
    }

    fn evolve(state: OrderState, event: &OrderEvent) -> OrderState {
        match event {
            OrderEvent::OrderCreated {
                consumer_id,
                restaurant_id,
                restaurant_name,
                line_items,
                delivery_address,
                delivery_time,
                ..
            } => OrderState(Some(OrderDetails {
                status: OrderStatus::ApprovalPending,
                consumer_id: *consumer_id,
                restaurant_id: *restaurant_id,
                restaurant_name: restaurant_name.clone(),
                line_items: line_items.clone(),
                delivery_address: delivery_address.clone(),
                delivery_time: *delivery_time,
                revision: 0,
                proposal: None,
                reason: None,
            })),
            OrderEvent::OrderApproved {} => changed(state, OrderStatus::Approved, |_| {}),
            OrderEvent::OrderRejected { reason } => changed(state, OrderStatus::Rejected, |order| {
                order.reason = Some(reason.clone());
            }),
            OrderEvent::OrderCancelRequested {} => changed(state, OrderStatus::CancelPending, |order| {
                order.reason = None;
            }),
            OrderEvent::OrderCancelled {} => changed(state, OrderStatus::Cancelled, |order| {
                order.proposal = None;
            }),
            OrderEvent::OrderCancelRefused { reason } => changed(state, OrderStatus::Approved, |order| {
                order.reason = Some(reason.clone());
            }),
            OrderEvent::OrderRevisionProposed {
                revision,
                line_items,
                delivery,
                ..
            } => changed(state, OrderStatus::RevisionPending, |order| {
                order.revision = *revision;
                order.proposal = Some(Proposal {
                    line_items: line_items.clone(),
                    delivery: delivery.clone(),
                });
                order.reason = None;
            }),
            OrderEvent::OrderRevised {
                line_items, delivery, ..
            } => changed(state, OrderStatus::Approved, |order| {
                let DeliveryChange {
                    delivery_address,
                    delivery_time,
                } = delivery.clone().unwrap_or_default();
                order.line_items = line_items.clone();
                order.delivery_address = delivery_address.unwrap_or_else(|| order.delivery_address.clone());
                order.delivery_time = delivery_time.unwrap_or(order.delivery_time);
                order.proposal = None;
            }),
            OrderEvent::OrderRevisionRejected { reason, .. } => {
                changed(state, OrderStatus::Approved, |order| {
                    order.proposal = None;
                    order.reason = Some(reason.clone());
                })
            }
            OrderEvent::OrderCompleted {} => changed(state, OrderStatus::Delivered, |_| {}),
        }
    }
}

impl OrderCommand {
    /// Returns the command's name in messages: "cannot {name}".
    fn name(&self) -> &'static str {
        match self {
            Self::Create(_) | Self::CreateUnorderable(_) => "be created again",
            Self::Approve => "be approved",
            Self::Reject { .. } => "be rejected",
            Self::Cancel => "be cancelled",
            Self::ConfirmCancel | Self::RefuseCancel { .. } => "have its cancellation decided",
            Self::Revise(_) => "be revised",
            Self::ConfirmRevision { .. } | Self::RejectRevision { .. } => "have its revision decided",
            Self::Complete => "be completed",
        }
    }
}

/// Returns the state with this status and this change, or the empty state if the order was never created.
fn changed(
    OrderState(order): OrderState,
    status: OrderStatus,
    change: impl FnOnce(&mut OrderDetails),
) -> OrderState {
    OrderState(order.map(|mut order| {
        order.status = status;
        change(&mut order);
        order
    }))
}

fn revised(order: &OrderDetails, proposal: &Proposal) -> OrderEvent {
    OrderEvent::OrderRevised {
        revision: order.revision,
        line_items: proposal.line_items.clone(),
        current_order_total: order.line_items.total(),
        new_order_total: proposal.line_items.total(),
        delivery: proposal.delivery.clone(),
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
