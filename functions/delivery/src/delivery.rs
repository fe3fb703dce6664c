//! One delivery: address, courier and status.

use contracts::delivery::{CATEGORY, DeliveryEvent, DeliveryStatus};
use contracts::{Address, CourierId, Moment, OrderId, Position, RestaurantId};
use event_store::Decider;
use serde::{Deserialize, Serialize};

// Events: contracts::delivery.

// State.

/// The state of a delivery; empty before its creation.
///
/// The names are stored in snapshots; a change of their meaning requires a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DeliveryState(pub Option<DeliveryDetails>);

/// The details of a delivery that exists.
///
/// The size does not grow with the number of positions. Restaurant, address and requested time affect no decision, but
/// every command returns the whole delivery; they are about 300 bytes in a snapshot that is free up to the next kilobyte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryDetails {
    /// The delivery's status.
    pub status: DeliveryStatus,
    /// The restaurant that the food comes from.
    pub restaurant_id: RestaurantId,
    /// The address that the food is delivered to.
    pub delivery_address: Address,
    /// When the consumer wants the food.
    pub delivery_time: Moment,
    /// When the food will be ready; `None` before a courier is requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_by: Option<Moment>,
    /// The courier and the times; `None` before the delivery is scheduled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// The courier's last position; `None` before the first report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

/// The courier and the times of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The courier.
    pub courier_id: CourierId,
    /// When the courier picks the food up.
    pub pickup_time: Moment,
    /// When the courier is expected at the delivery address.
    pub delivery_time: Moment,
}

impl DeliveryDetails {
    /// Returns when the food will be ready, if a courier is requested and none is assigned.
    #[must_use]
    pub fn waits_for_courier(&self) -> Option<Moment> {
        match self.status {
            DeliveryStatus::Pending => self.ready_by,
            _ => None,
        }
    }

    /// Returns the courier who carries it; `None` before the delivery is scheduled.
    pub(crate) fn courier_id(&self) -> Option<CourierId> {
        self.schedule.map(|schedule| schedule.courier_id)
    }
}

fn evolve(DeliveryState(state): DeliveryState, event: &DeliveryEvent) -> DeliveryState {
    if let DeliveryEvent::DeliveryCreated {
        restaurant_id,
        delivery_address,
        delivery_time,
    } = event
    {
        return DeliveryState(Some(DeliveryDetails {
            status: DeliveryStatus::Pending,
            restaurant_id: *restaurant_id,
            delivery_address: delivery_address.clone(),
            delivery_time: *delivery_time,
            ready_by: None,
            schedule: None,
            position: None,
        }));
    }
    DeliveryState(state.map(|mut delivery| {
        match event {
            DeliveryEvent::DeliveryCreated { .. } => {}
            DeliveryEvent::DeliveryRevised {
                delivery_address,
                delivery_time,
            } => {
                delivery.delivery_address = delivery_address.clone();
                delivery.delivery_time = *delivery_time;
            }
            DeliveryEvent::DeliveryCourierRequested { ready_by } => delivery.ready_by = Some(*ready_by),
            DeliveryEvent::DeliveryScheduled {
                courier_id,
                pickup_time,
                delivery_time,
            } => {
                delivery.status = DeliveryStatus::Scheduled;
                delivery.schedule = Some(Schedule {
                    courier_id: *courier_id,
                    pickup_time: *pickup_time,
                    delivery_time: *delivery_time,
                });
            }
            DeliveryEvent::DeliveryPickedUp {} => delivery.status = DeliveryStatus::PickedUp,
            DeliveryEvent::DeliveryLocationUpdated { position } => delivery.position = Some(*position),
            DeliveryEvent::DeliveryDelivered { .. } => delivery.status = DeliveryStatus::Delivered,
            DeliveryEvent::DeliveryCancelled { .. } => delivery.status = DeliveryStatus::Cancelled,
        }
        delivery
    }))
}

// Decide.

/// The commands of a delivery.
#[derive(Debug, Clone, PartialEq)]
pub enum DeliveryCommand {
    /// Creates the delivery: the order was approved.
    Create {
        /// The restaurant that the food comes from.
        restaurant_id: RestaurantId,
        /// The address that the food is delivered to.
        delivery_address: Address,
        /// When the consumer wants the food.
        delivery_time: Moment,
    },
    /// Changes address and time: the order was revised. Allowed after pickup too, because the order is authoritative.
    Revise {
        /// The address that the food is delivered to.
        delivery_address: Address,
        /// When the consumer wants the food.
        delivery_time: Moment,
    },
    /// Requests a courier: the restaurant accepted the order.
    RequestCourier {
        /// When the food will be ready.
        ready_by: Moment,
    },
    /// Schedules the delivery with a courier.
    Schedule(Schedule),
    /// Marks the food as picked up.
    PickUp,
    /// Updates the courier's position.
    UpdateLocation {
        /// The position.
        position: Position,
    },
    /// Marks the food as delivered.
    Deliver,
    /// Cancels the delivery: the order was cancelled.
    Cancel,
}

/// Why a delivery refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The delivery does not exist, or not yet.
    #[error("the delivery does not exist")]
    NotCreated,
    /// The delivery's status does not allow the command.
    #[error("a delivery that is {status} cannot {command}")]
    InvalidTransition {
        /// The command, for example "be picked up".
        command: &'static str,
        /// The delivery's status.
        status: DeliveryStatus,
    },
}

impl DeliveryCommand {
    /// Returns the command's name in messages: "cannot {name}".
    fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "be created",
            Self::Revise { .. } => "be revised",
            Self::RequestCourier { .. } => "request a courier",
            Self::Schedule(_) => "be scheduled",
            Self::PickUp => "be picked up",
            Self::UpdateLocation { .. } => "be located",
            Self::Deliver => "be delivered",
            Self::Cancel => "be cancelled",
        }
    }

    /// Returns whether the delivery's status allows the command.
    fn is_allowed(&self, delivery: &DeliveryDetails) -> bool {
        use DeliveryStatus::{Pending, PickedUp, Scheduled};
        match self {
            Self::Create { .. } => false,
            Self::Revise { .. } => matches!(delivery.status, Pending | Scheduled | PickedUp),
            Self::RequestCourier { .. } => delivery.status == Pending && delivery.ready_by.is_none(),
            Self::Schedule(_) => delivery.waits_for_courier().is_some(),
            Self::PickUp => delivery.status == Scheduled,
            Self::UpdateLocation { .. } => matches!(delivery.status, Scheduled | PickedUp),
            Self::Deliver => delivery.status == PickedUp,
            Self::Cancel => matches!(delivery.status, Pending | Scheduled),
        }
    }

    /// Returns whether the delivery is in the command's target state already: then the command succeeds without an event.
    fn is_done(&self, delivery: &DeliveryDetails) -> bool {
        use DeliveryStatus::{Cancelled, Delivered, Pending, PickedUp, Scheduled};
        match self {
            Self::Create {
                restaurant_id,
                delivery_address,
                delivery_time,
            } => {
                delivery.status == Pending
                    && delivery.restaurant_id == *restaurant_id
                    && delivery.delivery_address == *delivery_address
                    && delivery.delivery_time == *delivery_time
            }
            Self::Revise {
                delivery_address,
                delivery_time,
            } => {
                self.is_allowed(delivery)
                    && delivery.delivery_address == *delivery_address
                    && delivery.delivery_time == *delivery_time
            }
            Self::RequestCourier { ready_by } => delivery.waits_for_courier() == Some(*ready_by),
            // Not after delivery: a courier who claims it then must be told to release it.
            Self::Schedule(schedule) => {
                matches!(delivery.status, Scheduled | PickedUp)
                    && delivery.courier_id() == Some(schedule.courier_id)
            }
            Self::PickUp => delivery.status == PickedUp,
            Self::UpdateLocation { position } => {
                self.is_allowed(delivery) && delivery.position == Some(*position)
            }
            Self::Deliver => delivery.status == Delivered,
            Self::Cancel => delivery.status == Cancelled,
        }
    }

    /// Returns the event of an allowed command; a delivery without a courier cannot be delivered.
    fn event(&self, delivery: &DeliveryDetails) -> Option<DeliveryEvent> {
        Some(match self.clone() {
            Self::Create {
                restaurant_id,
                delivery_address,
                delivery_time,
            } => DeliveryEvent::DeliveryCreated {
                restaurant_id,
                delivery_address,
                delivery_time,
            },
            Self::Revise {
                delivery_address,
                delivery_time,
            } => DeliveryEvent::DeliveryRevised {
                delivery_address,
                delivery_time,
            },
            Self::RequestCourier { ready_by } => DeliveryEvent::DeliveryCourierRequested { ready_by },
            Self::Schedule(Schedule {
                courier_id,
                pickup_time,
                delivery_time,
            }) => DeliveryEvent::DeliveryScheduled {
                courier_id,
                pickup_time,
                delivery_time,
            },
            Self::PickUp => DeliveryEvent::DeliveryPickedUp {},
            Self::UpdateLocation { position } => DeliveryEvent::DeliveryLocationUpdated { position },
            Self::Deliver => DeliveryEvent::DeliveryDelivered {
                courier_id: delivery.courier_id()?,
            },
            Self::Cancel => DeliveryEvent::DeliveryCancelled {
                courier_id: delivery.courier_id(),
            },
        })
    }
}

fn decide(
    DeliveryState(state): &DeliveryState,
    command: &DeliveryCommand,
) -> Result<Vec<DeliveryEvent>, DeliveryError> {
    let Some(delivery) = state else {
        return match command.clone() {
            DeliveryCommand::Create {
                restaurant_id,
                delivery_address,
                delivery_time,
            } => Ok(vec![DeliveryEvent::DeliveryCreated {
                restaurant_id,
                delivery_address,
                delivery_time,
            }]),
            _ => Err(DeliveryError::NotCreated),
        };
    };
    if command.is_done(delivery) {
        return Ok(vec![]);
    }
    match command.event(delivery) {
        Some(event) if command.is_allowed(delivery) => Ok(vec![event]),
        _ => Err(DeliveryError::InvalidTransition {
            command: command.name(),
            status: delivery.status,
        }),
    }
}

/// The decider of deliveries.
#[derive(Debug, Clone, Copy)]
pub struct Delivery;

impl Decider for Delivery {
    type Id = OrderId;
    type Command = DeliveryCommand;
    type Event = DeliveryEvent;
    type State = DeliveryState;
    type Error = DeliveryError;
    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 1;

    fn decide(state: &DeliveryState, command: &DeliveryCommand) -> Result<Vec<DeliveryEvent>, DeliveryError> {
        decide(state, command)
    }

    fn evolve(state: DeliveryState, event: &DeliveryEvent) -> DeliveryState {
        evolve(state, event)
    }
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
