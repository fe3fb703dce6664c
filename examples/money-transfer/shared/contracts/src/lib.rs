//! The events that services publish, and the values in them. Nothing here does I/O.
//!
//! Services and views depend on this crate and never on one another. Limits stand beside the types that enforce them. **They may be
//! widened and never narrowed**, or older events no longer decode.
//!
//! Published types are described by JSON Schemas in `schemas/` (`UPDATE_SCHEMAS=1 cargo test -p contracts` writes them), and every
//! version of an event that was ever written has a file in `golden/` that still decodes.

#[cfg(test)]
mod tests;

pub mod account;
pub mod transfer;

pub use account::{AccountEvent, AccountId, Owner, RejectionReason};
pub use transfer::{TransferEvent, TransferId, TransferStatus};
pub use values::{Invalid, Moment, Money, ReasonCode};
