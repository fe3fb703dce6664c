//! Values that are checked when they are made, from a request as from a stored event. Nothing here does I/O.
//!
//! [`id!`] and [`text!`] define a system's own ids and texts; [`Money`], [`Moment`] and [`ReasonCode`] are ready-made. Each
//! has one spelling in JSON, a schema for OpenAPI, and an error ([`Invalid`]) that tells the sender what is expected. **Limits
//! may be widened and never narrowed**, or events that were valid once no longer decode.
//!
//! ```
//! use values::Money;
//!
//! let price: Money = "12.34".parse()?;
//! assert_eq!(price.checked_mul(5), Some("61.70".parse()?));
//! assert!("12.345".parse::<Money>().is_err());
//! # Ok::<(), values::Invalid>(())
//! ```

mod id;
mod legible;
mod moment;
mod money;
#[doc(hidden)]
pub mod text;

#[doc(hidden)]
pub use id::parse_id;
pub use moment::{Moment, MomentBound};
pub use money::Money;
pub use text::{Invalid, ReasonCode, check_characters};
