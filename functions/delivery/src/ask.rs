use crate::courier::Plan;
use crate::delivery::DeliveryCommand;
use contracts::{CourierId, OrderId};

/// The commands that the delivery reactor sends to its own service.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Executes a command on an order's delivery.
    Tell {
        /// The order.
        order_id: OrderId,
        /// The command.
        command: DeliveryCommand,
    },
    /// Finds a courier for a delivery.
    FindCourier {
        /// The delivery's order.
        order_id: OrderId,
    },
    /// Schedules the delivery with a courier who was claimed, or releases the courier.
    Schedule {
        /// The courier.
        courier_id: CourierId,
        /// The delivery that the courier was claimed for.
        plan: Plan,
    },
    /// Releases the courier of a delivery that ended.
    Release {
        /// The courier.
        courier_id: CourierId,
        /// The delivery's order.
        order_id: OrderId,
    },
    /// Offers a courier who may be free to the waiting deliveries.
    Offer {
        /// The courier.
        courier_id: CourierId,
    },
}
