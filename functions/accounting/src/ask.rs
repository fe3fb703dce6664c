use crate::payment::Record;
use contracts::{ConsumerId, Money, OrderId};

/// What accounting asks of itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// A consumer was created: open the account.
    Open {
        /// Whose account it is.
        consumer_id: ConsumerId,
    },
    /// An order was placed: authorize its payment, or decline it.
    Authorize {
        /// Who pays.
        consumer_id: ConsumerId,
        /// What is paid.
        order_id: OrderId,
        /// The order's total.
        amount: Money,
    },
    /// An order is to cost something else: hold that back instead, or decline.
    Revise {
        /// Who pays.
        consumer_id: ConsumerId,
        /// What is paid.
        order_id: OrderId,
        /// Which revision of the order.
        revision: u32,
        /// The revised order's total.
        amount: Money,
    },
    /// A revision was rejected: hold back what was held back before.
    UndoRevision {
        /// Who pays.
        consumer_id: ConsumerId,
        /// What is paid.
        order_id: OrderId,
        /// Which revision of the order.
        revision: u32,
        /// The total that the order kept.
        amount: Money,
    },
    /// An order was cancelled or rejected: hold nothing back for it.
    Reverse {
        /// Who does not pay.
        consumer_id: ConsumerId,
        /// What is not paid.
        order_id: OrderId,
    },
    /// An order was delivered: it is paid.
    Capture {
        /// Who pays.
        consumer_id: ConsumerId,
        /// What is paid.
        order_id: OrderId,
    },
    /// The account has decided about an order: publish it on the order's own stream, where subscribers can tell a gap.
    Record(Record),
}
