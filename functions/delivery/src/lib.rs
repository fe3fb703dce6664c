//! The delivery service: deliveries, from the order's approval to the drop-off, and couriers.
//!
//! [`delivery`] and [`courier`] are the aggregates; [`Dispatch`] matches them (`docs/decisions/courier-dispatch.md`).
//! [`router`] takes commands over HTTP; [`DeliveryReactor`] consumes the events of orders, tickets and the service's own
//! deliveries and couriers. A delivery has its order's id.
//!
//! ```
//! use contracts::{CourierEvent, OrderId};
//! use delivery::courier::{Courier, CourierCommand, CourierError, CourierState, Plan};
//! use event_store::Decider;
//!
//! let courier = Courier::evolve(
//!     CourierState::default(),
//!     &CourierEvent::CourierCreated { name: "Ada Lovelace".parse()? },
//! );
//! // A new courier is not available yet.
//! let order_id = OrderId::from_uuid(uuid::Uuid::from_u128(1));
//! let plan = Plan::new(order_id, "2026-11-23T18:30:00Z".parse()?, "2026-11-23T18:00:00Z".parse()?);
//! assert_eq!(plan.delivery_time, "2026-11-23T19:00:00Z".parse()?);
//! assert_eq!(
//!     Courier::decide(&courier, &CourierCommand::Assign(plan)),
//!     Err(CourierError::Unavailable)
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ask;
mod codes;
pub mod courier;
pub mod delivery;
mod dispatch;
mod effects;
mod http;
mod reactor;
mod service;
#[cfg(test)]
mod tests;

pub use ask::Ask;
pub use dispatch::Dispatch;
pub use effects::DeliveryEffects;
pub use http::{
    AssignedDelivery, CourierBody, CourierCreated, CreateCourier, DeliveryBody, SetAvailability,
    UpdateLocation, router,
};
pub use reactor::{DeliveryReactor, OrderSoFar};

use contracts::order;
use function::{Function, Part, Subscriber};

/// Describes the delivery service.
#[must_use]
pub fn part() -> Part {
    let commands = Function::commands("delivery", router).reads(
        &[order::CATEGORY],
        "The order of a missing delivery is looked up before the service reports that the delivery does not exist.",
    );
    let reactor = Subscriber::reactor::<DeliveryReactor, _>(DeliveryEffects::new)
        .with_own_rows("The table also holds the rows that match couriers with deliveries.");
    Part::service(
        "delivery",
        &[contracts::delivery::CATEGORY, contracts::courier::CATEGORY],
    )
    .with(commands)
    .reacts(reactor)
}
