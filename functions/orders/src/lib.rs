//! The orders service: what was ordered, and whether it is on.
//!
//! One event table of its own, one aggregate ([`Order`]), and two subscribers: a replica of the restaurants' menus
//! ([`OrderMenus`]), from which prices come, and a reactor ([`OrdersReactor`]) that approves or rejects an order when its
//! payment is decided. No other service is called.
//!
//! ```
//! use event_store::testing::given;
//! use orders::{Order, OrderCommand, OrderError};
//!
//! given::<Order>([])
//!     .when(OrderCommand::Approve)
//!     .then_error(OrderError::NotCreated);
//! ```

mod http;
mod menus;
mod order;
mod place_order;
mod reactor;
mod run;
#[cfg(test)]
mod test_commits;

pub use http::{OrdersService, router};
pub use menus::{MenuReplica, OrderMenus};
pub use order::{Draft, Order, OrderCommand, OrderError, OrderState, Unorderable};
pub use reactor::{OrderEffects, OrdersReactor, PaymentDecision, Settle};
pub use run::run;
