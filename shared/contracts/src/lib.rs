//! The events that services publish, and the values in them. Nothing here does I/O.
//!
//! Services and views depend on this crate and never on one another. Parse, don't validate: a value of one of these types
//! was checked when it was made, whether from a request or from a stored event, and serde's error carries the reason.
//! Limits stand beside the types that enforce them. **They may be widened and never narrowed**, or events that were valid
//! once no longer decode.
//!
//! Published types are described by generated JSON Schema in `schemas/`, and every version of an event that was ever
//! written has a file in `golden/` that still decodes.
//!
//! ```
//! use contracts::{LineItem, LineItems, Money, Quantity};
//!
//! let vindaloo = LineItem {
//!     menu_item_id: "1".parse()?,
//!     name: "Chicken Vindaloo".parse()?,
//!     price: "12.34".parse()?,
//!     quantity: Quantity::new(5)?,
//! };
//! assert_eq!(LineItems::new(vec![vindaloo])?.total(), "61.70".parse()?);
//! assert!("12.345".parse::<Money>().is_err());
//! # Ok::<(), contracts::Invalid>(())
//! ```

pub mod access;
pub mod account;
pub mod codes;
pub mod consumer;
pub mod courier;
pub mod delivery;
pub mod order;
pub mod payment;
pub mod restaurant;
pub mod ticket;

mod address;
mod id;
mod line_item;
mod position;
#[cfg(test)]
mod tests;

pub use account::AccountEvent;
pub use address::{Address, AddressInput, City, Region, StreetLine, Zip};
pub use consumer::{ConsumerEvent, NamePart, PersonName};
pub use courier::{CourierEvent, CourierName};
pub use delivery::{DeliveryEvent, DeliveryStatus};
pub use id::{ConsumerId, CourierId, OrderId, RestaurantId};
pub use line_item::{LineItem, LineItems, MenuItemId, MenuItemName, Quantity};
pub use order::{DeliveryChange, OrderEvent, OrderStatus};
pub use payment::{DeclineReason, PaymentEvent, PaymentStatus};
pub use position::{Latitude, Longitude, Position};
pub use restaurant::{
    DayOfWeek, MAX_OPENING_HOURS, MAX_SERVICE_AREA, Menu, MenuItem, OpeningHours, RestaurantEvent,
    RestaurantName, TimeOfDay, TimeZoneName,
};
pub use ticket::{TicketEvent, TicketStatus};
pub use values::{Invalid, Moment, MomentBound, Money, ReasonCode};
