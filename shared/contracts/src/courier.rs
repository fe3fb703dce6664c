//! The events of one courier.
//!
//! The names and fields are stored and published; version them with care.

use crate::{Moment, OrderId};
use commit::Event;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::text;

/// The category of the streams: `courier#cou_…`.
pub const CATEGORY: &str = "courier";

text! {
    /// A courier's name, first and last together.
    CourierName, "a courier's name", max = 200
}

/// What happened to one courier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
pub enum CourierEvent {
    /// The courier registered and is not available yet.
    #[serde(rename_all = "camelCase")]
    CourierCreated {
        /// The name.
        name: CourierName,
    },
    /// The courier's availability changed. A delivery that the courier already has is not affected.
    #[serde(rename_all = "camelCase")]
    CourierAvailabilityChanged {
        /// Whether the courier accepts deliveries.
        available: bool,
    },
    /// A delivery was assigned to the courier. A courier has one delivery at a time.
    #[serde(rename_all = "camelCase")]
    CourierAssigned {
        /// The order to deliver.
        order_id: OrderId,
        /// When the courier picks the food up.
        pickup_time: Moment,
        /// When the courier delivers the food.
        delivery_time: Moment,
    },
    /// The courier no longer has the delivery: it is done, cancelled or reassigned.
    #[serde(rename_all = "camelCase")]
    CourierReleased {
        /// The order of that delivery.
        order_id: OrderId,
    },
}

impl Event for CourierEvent {
    const TYPES: &'static [(&'static str, u32)] = &[
        ("CourierCreated", 1),
        ("CourierAvailabilityChanged", 1),
        ("CourierAssigned", 1),
        ("CourierReleased", 1),
    ];
}
