//! The events of one delivery. The delivery carries the order's id.
//!
//! The names and fields are stored and published; version them with care.

use crate::{Address, CourierId, Moment, Position, RestaurantId};
use commit::Event;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The category of the streams: `delivery#ord_…`.
pub const CATEGORY: &str = "delivery";

/// What happened to one delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
pub enum DeliveryEvent {
    /// The order was approved and has to be delivered.
    #[serde(rename_all = "camelCase")]
    DeliveryCreated {
        /// The restaurant that the food comes from.
        restaurant_id: RestaurantId,
        /// The address that the food is delivered to.
        delivery_address: Address,
        /// When the consumer wants the food.
        delivery_time: Moment,
    },
    /// The order's delivery address or time was revised.
    #[serde(rename_all = "camelCase")]
    DeliveryRevised {
        /// The address that the food is delivered to.
        delivery_address: Address,
        /// When the consumer wants the food.
        delivery_time: Moment,
    },
    /// The restaurant accepted the order and a courier is requested. The delivery stays pending until one is free.
    #[serde(rename_all = "camelCase")]
    DeliveryCourierRequested {
        /// When the food will be ready.
        ready_by: Moment,
    },
    /// A courier was assigned.
    #[serde(rename_all = "camelCase")]
    DeliveryScheduled {
        /// The courier.
        courier_id: CourierId,
        /// When the courier picks the food up.
        pickup_time: Moment,
        /// When the courier is expected at the delivery address.
        delivery_time: Moment,
    },
    /// The courier picked up the food.
    DeliveryPickedUp {},
    /// The courier's position changed.
    #[serde(rename_all = "camelCase")]
    DeliveryLocationUpdated {
        /// The courier's position.
        position: Position,
    },
    /// The food was delivered.
    #[serde(rename_all = "camelCase")]
    DeliveryDelivered {
        /// The courier, who is free again.
        courier_id: CourierId,
    },
    /// The order was cancelled before the food was picked up.
    #[serde(rename_all = "camelCase")]
    DeliveryCancelled {
        /// The courier who was assigned and is free again, if there was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        courier_id: Option<CourierId>,
    },
}

impl Event for DeliveryEvent {
    const TYPES: &'static [(&'static str, u32)] = &[
        ("DeliveryCreated", 1),
        ("DeliveryRevised", 1),
        ("DeliveryCourierRequested", 1),
        ("DeliveryScheduled", 1),
        ("DeliveryPickedUp", 1),
        ("DeliveryLocationUpdated", 1),
        ("DeliveryDelivered", 1),
        ("DeliveryCancelled", 1),
    ];
}

/// The status of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeliveryStatus {
    /// No courier is assigned yet.
    Pending,
    /// A courier will pick up the food.
    Scheduled,
    /// The courier has the food.
    PickedUp,
    /// The food was delivered.
    Delivered,
    /// The delivery was cancelled.
    Cancelled,
}

impl DeliveryStatus {
    /// All statuses, in the order in which a delivery passes through them.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Scheduled,
        Self::PickedUp,
        Self::Delivered,
        Self::Cancelled,
    ];

    /// Returns the status as every body, filter and problem writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Scheduled => "SCHEDULED",
            Self::PickedUp => "PICKED_UP",
            Self::Delivered => "DELIVERED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

impl std::fmt::Display for DeliveryStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_serializes_as_it_displays() {
        for status in DeliveryStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
    }
}
