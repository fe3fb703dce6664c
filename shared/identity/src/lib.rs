//! Who is asking, and what they may see.
//!
//! A [`Caller`] is somebody whose credentials were checked: it has an id, roles, and the ids of what it holds, for example
//! the restaurants whose staff it belongs to. An operation has an [`Access`] rule: the roles that may use it, each for
//! everything or for what the caller holds only. [`Access::granted_to`] combines the two.
//!
//! ```
//! use identity::{Access, Caller, CallerId, Grant, Refused};
//!
//! const READ_ORDER: Access = Access::to(&[Grant::own("consumer", "consumer"), Grant::all("back-office")]);
//!
//! let jane = Caller::new(CallerId::derive(&["https://issuer.example", "jane"]))
//!     .role("consumer")
//!     .holding("consumer", "con_1");
//! let granted = READ_ORDER.granted_to(&jane).expect("a consumer may read orders");
//! assert!(granted.covers("consumer", "con_1"));
//! assert!(!granted.covers("consumer", "con_2"), "this order is somebody else's");
//!
//! let courier = Caller::new(CallerId::derive(&["https://issuer.example", "joe"])).role("courier");
//! assert_eq!(READ_ORDER.granted_to(&courier), Err(Refused::NotAllowed));
//! ```

mod access;
mod caller;

pub use access::{Access, Grant, Granted, Refused};
pub use caller::{Caller, CallerId};

/// The role of the people who operate the system: rebuilds, quarantine, sweeps.
pub const OPERATOR: &str = "operator";
