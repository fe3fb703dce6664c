//! One courier: whether deliveries are taken, and the one that the courier has.
//!
//! The courier's stream is where it is decided who brings what: two deliveries that want the same courier are two appends
//! to one stream, and one of them wins.

use crate::delivery::Schedule;
use contracts::courier::{CATEGORY, CourierEvent, CourierName};
use contracts::{CourierId, Moment, OrderId};
use event_store::Decider;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

// Events: contracts::courier.

/// From pick-up to drop-off, wherever it goes: the estimate of the delivery service in *Microservices Patterns*, which this
/// domain takes over. It asks no map.
pub const PICKUP_TO_DROPOFF: SignedDuration = SignedDuration::from_mins(30);

// State.

/// A courier as it now is; nothing before its creation.
///
/// The names are stored in snapshots: a change of their meaning takes a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CourierState(pub Option<CourierDetails>);

/// What is known of a courier who exists. As large after a thousand deliveries as after one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CourierDetails {
    /// The name.
    pub name: CourierName,
    /// Whether deliveries are taken.
    pub available: bool,
    /// The delivery that the courier has; one at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
}

/// The delivery that a courier has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The order that is delivered.
    pub order_id: OrderId,
    /// When the food is picked up.
    pub pickup_time: Moment,
    /// When it is delivered.
    pub delivery_time: Moment,
}

impl Plan {
    /// For food that is ready then. A courier who is only found later picks it up at once.
    #[must_use]
    pub fn new(order_id: OrderId, ready_by: Moment, now: Timestamp) -> Self {
        let pickup_time = Moment::new(now).map_or(ready_by, |now| now.max(ready_by));
        Self {
            order_id,
            pickup_time,
            // Only in the last half hour of the last year that a moment can have is there no such moment.
            delivery_time: Moment::new(pickup_time.timestamp() + PICKUP_TO_DROPOFF).unwrap_or(pickup_time),
        }
    }

    /// As the delivery is told.
    #[must_use]
    pub fn schedule(self, courier_id: CourierId) -> Schedule {
        Schedule {
            courier_id,
            pickup_time: self.pickup_time,
            delivery_time: self.delivery_time,
        }
    }
}

impl CourierDetails {
    /// Whether a delivery would be taken now.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.available && self.plan.is_none()
    }

    fn has(&self, order_id: OrderId) -> bool {
        self.plan.is_some_and(|plan| plan.order_id == order_id)
    }
}

fn evolve(CourierState(state): CourierState, event: &CourierEvent) -> CourierState {
    if let CourierEvent::CourierCreated { name } = event {
        return CourierState(Some(CourierDetails {
            name: name.clone(),
            available: false,
            plan: None,
        }));
    }
    CourierState(state.map(|mut courier| {
        match event {
            CourierEvent::CourierCreated { .. } => {}
            CourierEvent::CourierAvailabilityChanged { available } => courier.available = *available,
            CourierEvent::CourierAssigned {
                order_id,
                pickup_time,
                delivery_time,
            } => {
                courier.plan = Some(Plan {
                    order_id: *order_id,
                    pickup_time: *pickup_time,
                    delivery_time: *delivery_time,
                });
            }
            CourierEvent::CourierReleased { .. } => courier.plan = None,
        }
        courier
    }))
}

// Decide.

/// What can be asked of a courier.
#[derive(Debug, Clone, PartialEq)]
pub enum CourierCommand {
    /// Join.
    Create {
        /// Under this name.
        name: CourierName,
    },
    /// Take deliveries, or take no more. The one that the courier has stays.
    SetAvailability {
        /// Whether they are taken.
        available: bool,
    },
    /// Take this one.
    Assign(Plan),
    /// Let go of this one, if it is the one that the courier has.
    Release {
        /// The order.
        order_id: OrderId,
    },
}

/// Why a courier refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CourierError {
    /// There is no such courier.
    #[error("the courier does not exist")]
    NotCreated,
    /// The id is taken, by another command than this one.
    #[error("the courier exists already")]
    Exists,
    /// The courier takes no deliveries.
    #[error("the courier is not available")]
    Unavailable,
    /// The courier has another delivery.
    #[error("the courier has the delivery of {order_id}")]
    Busy {
        /// Of this order.
        order_id: OrderId,
    },
}

fn decide(
    CourierState(state): &CourierState,
    command: &CourierCommand,
) -> Result<Vec<CourierEvent>, CourierError> {
    let Some(courier) = state else {
        return match command {
            CourierCommand::Create { name } => Ok(vec![CourierEvent::CourierCreated { name: name.clone() }]),
            CourierCommand::Release { .. } => Ok(vec![]),
            _ => Err(CourierError::NotCreated),
        };
    };
    match *command {
        CourierCommand::Create { .. } => Err(CourierError::Exists),
        CourierCommand::SetAvailability { available } if available == courier.available => Ok(vec![]),
        CourierCommand::SetAvailability { available } => {
            Ok(vec![CourierEvent::CourierAvailabilityChanged { available }])
        }
        CourierCommand::Assign(Plan { order_id, .. }) if courier.has(order_id) => Ok(vec![]),
        CourierCommand::Assign(Plan {
            order_id,
            pickup_time,
            delivery_time,
        }) => match courier.plan {
            Some(Plan { order_id, .. }) => Err(CourierError::Busy { order_id }),
            None if !courier.available => Err(CourierError::Unavailable),
            None => Ok(vec![CourierEvent::CourierAssigned {
                order_id,
                pickup_time,
                delivery_time,
            }]),
        },
        CourierCommand::Release { order_id } if courier.has(order_id) => {
            Ok(vec![CourierEvent::CourierReleased { order_id }])
        }
        CourierCommand::Release { .. } => Ok(vec![]),
    }
}

/// The decider of couriers.
#[derive(Debug, Clone, Copy)]
pub struct Courier;

impl Decider for Courier {
    type Id = CourierId;
    type Command = CourierCommand;
    type Event = CourierEvent;
    type State = CourierState;
    type Error = CourierError;
    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 1;

    fn decide(state: &CourierState, command: &CourierCommand) -> Result<Vec<CourierEvent>, CourierError> {
        decide(state, command)
    }

    fn evolve(state: CourierState, event: &CourierEvent) -> CourierState {
        evolve(state, event)
    }
}

#[cfg(test)]
#[path = "courier_tests.rs"]
mod tests;
