use crate::courier::Plan;
use crate::delivery::DeliveryCommand;
use contracts::{CourierId, OrderId};

/// What the delivery service asks of itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Something happened to an order: its delivery is told.
    Tell {
        /// The order.
        order_id: OrderId,
        /// What its delivery has to do.
        command: DeliveryCommand,
    },
    /// A delivery wants a courier.
    FindCourier {
        /// Its order.
        order_id: OrderId,
    },
    /// A courier was claimed: the delivery is scheduled with that courier, or the courier released.
    Schedule {
        /// The courier.
        courier_id: CourierId,
        /// What the courier was claimed for.
        plan: Plan,
    },
    /// A delivery is over: its courier is free again.
    Release {
        /// The courier.
        courier_id: CourierId,
        /// The delivery's order.
        order_id: OrderId,
    },
    /// A courier may be free.
    Offer {
        /// The courier.
        courier_id: CourierId,
    },
}
