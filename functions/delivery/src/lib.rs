//! The delivery service: deliveries, from the order's approval to the door, and the couriers who bring them.
//!
//! [`delivery`] and [`courier`] are the aggregates; [`Dispatch`] brings them together (`docs/decisions/courier-dispatch.md`).
//! [`router`] takes commands over HTTP, [`DeliveryReactor`] listens to orders, tickets and the own deliveries and
//! couriers. Deliveries carry their order's id.
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
//! // Whoever has joined is not available yet.
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

/// The delivery service.
#[must_use]
pub fn part() -> Part {
    let commands = Function::commands("delivery", router).reads(
        &[order::CATEGORY],
        "A delivery that is not there yet is looked up at its order, before anybody is told that it does not exist.",
    );
    let reactor = Subscriber::reactor::<DeliveryReactor, _>(DeliveryEffects::new).with_own_rows(
        "Besides the reactor's documents, the rows by which couriers and deliveries find each other.",
    );
    Part::service(
        "delivery",
        &[contracts::delivery::CATEGORY, contracts::courier::CATEGORY],
    )
    .with(commands)
    .reacts(reactor)
}
