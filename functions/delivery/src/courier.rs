//! One courier: availability, and the delivery that is assigned.
//!
//! The courier's stream decides which delivery a courier has: two deliveries that claim the same courier are two appends
//! to one stream, and one of them succeeds.

use crate::delivery::Schedule;
use contracts::courier::{CATEGORY, CourierEvent, CourierName};
use contracts::{CourierId, Moment, OrderId};
use event_store::Decider;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

// Events: contracts::courier.

/// The time from pickup to drop-off, whatever the distance: the estimate of the delivery service in *Microservices
/// Patterns*, which this domain follows. No map is used.
pub const PICKUP_TO_DROPOFF: SignedDuration = SignedDuration::from_mins(30);

// State.

/// The state of a courier; empty before its creation.
///
/// The names are stored in snapshots; a change of their meaning requires a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CourierState(pub Option<CourierDetails>);

/// The details of a courier who exists. The size does not grow with the number of deliveries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CourierDetails {
    /// The name.
    pub name: CourierName,
    /// Whether the courier accepts deliveries.
    pub available: bool,
    /// The assigned delivery; one at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
}

/// The delivery that is assigned to a courier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The order to deliver.
    pub order_id: OrderId,
    /// When the courier picks up the food.
    pub pickup_time: Moment,
    /// When the courier delivers the food.
    pub delivery_time: Moment,
}

impl Plan {
    /// Returns the plan for food that is ready at `ready_by`. A courier who is found later than that picks it up at once.
    #[must_use]
    pub fn new(order_id: OrderId, ready_by: Moment, now: Timestamp) -> Self {
        let pickup_time = Moment::new(now).map_or(ready_by, |now| now.max(ready_by));
        Self {
            order_id,
            pickup_time,
            // Only the last half hour of the last year of a moment has no later moment.
            delivery_time: Moment::new(pickup_time.timestamp() + PICKUP_TO_DROPOFF).unwrap_or(pickup_time),
        }
    }

    /// Returns the schedule of the delivery.
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
    /// Returns whether the courier would accept a delivery now.
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

/// The commands of a courier.
#[derive(Debug, Clone, PartialEq)]
pub enum CourierCommand {
    /// Registers the courier.
    Create {
        /// The courier's name.
        name: CourierName,
    },
    /// Sets whether the courier accepts deliveries. An assigned delivery is not affected.
    SetAvailability {
        /// Whether the courier accepts deliveries.
        available: bool,
    },
    /// Assigns this delivery.
    Assign(Plan),
    /// Releases the courier from this delivery, if it is the assigned one.
    Release {
        /// The order.
        order_id: OrderId,
    },
}

/// Why a courier refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CourierError {
    /// The courier does not exist.
    #[error("the courier does not exist")]
    NotCreated,
    /// Another command created a courier with this id.
    #[error("the courier exists already")]
    Exists,
    /// The courier does not accept deliveries.
    #[error("the courier is not available")]
    Unavailable,
    /// The courier has another delivery.
    #[error("the courier has the delivery of {order_id}")]
    Busy {
        /// The order of that delivery.
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
