//! The events that services publish, and the values in them. Nothing here does I/O.
//!
//! Services and views depend on this crate and never on one another. Limits are declared with the types that check them. **They may be
//! widened and never narrowed**: a narrower limit makes events unreadable that were valid before.
//!
//! Published types are described by JSON Schemas in `schemas/` (`UPDATE_SCHEMAS=1 cargo test -p contracts` writes them), and every
//! version of an event that was ever written has a file in `golden/` that still decodes.

#[cfg(test)]
mod tests;

pub use values::{Invalid, Moment, Money, ReasonCode};
