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
    /// The order was approved: it has to be brought.
    #[serde(rename_all = "camelCase")]
    DeliveryCreated {
        /// Where from.
        restaurant_id: RestaurantId,
        /// Where to.
        delivery_address: Address,
        /// When it is wanted.
        delivery_time: Moment,
    },
    /// The order was revised: it goes elsewhere, or is wanted at another time.
    #[serde(rename_all = "camelCase")]
    DeliveryRevised {
        /// Where to.
        delivery_address: Address,
        /// When it is wanted.
        delivery_time: Moment,
    },
    /// The restaurant accepted: a courier is wanted. The delivery stays pending until one is free.
    #[serde(rename_all = "camelCase")]
    DeliveryCourierRequested {
        /// When the food will be ready.
        ready_by: Moment,
    },
    /// A courier has it.
    #[serde(rename_all = "camelCase")]
    DeliveryScheduled {
        /// Who.
        courier_id: CourierId,
        /// When the courier picks the food up.
        pickup_time: Moment,
        /// When the courier is to be at the door.
        delivery_time: Moment,
    },
    /// The courier has the food.
    DeliveryPickedUp {},
    /// The courier is somewhere else now.
    #[serde(rename_all = "camelCase")]
    DeliveryLocationUpdated {
        /// Where the courier is.
        position: Position,
    },
    /// The food is at the door.
    #[serde(rename_all = "camelCase")]
    DeliveryDelivered {
        /// The courier, who is free again.
        courier_id: CourierId,
    },
    /// The order was cancelled before the food was picked up.
    #[serde(rename_all = "camelCase")]
    DeliveryCancelled {
        /// The courier, if there was one, who is free again.
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

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeliveryStatus {
    /// No courier has it yet.
    Pending,
    /// A courier will pick it up.
    Scheduled,
    /// The courier has the food.
    PickedUp,
    /// At the door.
    Delivered,
    /// Not to be delivered.
    Cancelled,
}

impl DeliveryStatus {
    /// All of them, in the order of a delivery's way.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Scheduled,
        Self::PickedUp,
        Self::Delivered,
        Self::Cancelled,
    ];

    /// As it is written in every body, filter and problem.
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
    fn a_status_is_written_as_it_is_displayed() {
        for status in DeliveryStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
    }
}
