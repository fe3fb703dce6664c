use crate::payment::Record;
use contracts::{ConsumerId, Money, OrderId};

/// The commands that accounting's reactor sends to its own service.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Opens the account of a new consumer.
    Open {
        /// The account's consumer.
        consumer_id: ConsumerId,
    },
    /// Authorizes the payment of a new order, or declines it.
    Authorize {
        /// The consumer who pays.
        consumer_id: ConsumerId,
        /// The order that is paid for.
        order_id: OrderId,
        /// The order's total.
        amount: Money,
    },
    /// Changes the amount that is held back for a revised order, or declines.
    Revise {
        /// The consumer who pays.
        consumer_id: ConsumerId,
        /// The order that is paid for.
        order_id: OrderId,
        /// The number of the order's revision.
        revision: u32,
        /// The revised order's total.
        amount: Money,
    },
    /// Reverts a rejected revision to the previous amount.
    UndoRevision {
        /// The consumer who pays.
        consumer_id: ConsumerId,
        /// The order that is paid for.
        order_id: OrderId,
        /// The number of the order's revision.
        revision: u32,
        /// The total that the order keeps.
        amount: Money,
    },
    /// Releases the amount of a cancelled or rejected order.
    Reverse {
        /// The consumer whose account is released.
        consumer_id: ConsumerId,
        /// The order that is not paid for.
        order_id: OrderId,
    },
    /// Captures the amount of a delivered order.
    Capture {
        /// The consumer who pays.
        consumer_id: ConsumerId,
        /// The order that is paid for.
        order_id: OrderId,
    },
    /// Publishes the account's decision about an order on the order's own stream, where subscribers can detect gaps.
    Record(Record),
}
