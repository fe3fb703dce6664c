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
    /// The courier joined, not available yet.
    #[serde(rename_all = "camelCase")]
    CourierCreated {
        /// The name.
        name: CourierName,
    },
    /// The courier takes deliveries from here on, or takes no more. A delivery that the courier has stays.
    #[serde(rename_all = "camelCase")]
    CourierAvailabilityChanged {
        /// Whether deliveries are taken.
        available: bool,
    },
    /// The courier has a delivery. One at a time.
    #[serde(rename_all = "camelCase")]
    CourierAssigned {
        /// The order that is delivered.
        order_id: OrderId,
        /// When the food is picked up.
        pickup_time: Moment,
        /// When it is delivered.
        delivery_time: Moment,
    },
    /// The courier has that delivery no longer: it is done or cancelled, or another courier has it.
    #[serde(rename_all = "camelCase")]
    CourierReleased {
        /// The order.
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
