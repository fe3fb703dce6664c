//! The transfers service: each transfer and its status.
//!
//! [`Transfer`] is the decider, and [`router`] accepts commands over HTTP. [`TransfersReactor`] consumes the accounts' events, and
//! records their answers on the transfers.
//!
//! ```
//! use contracts::TransferEvent;
//! use contracts::{AccountId, Money};
//! use event_store::testing::given;
//! use transfers::{Answer, Transfer, TransferCommand};
//! use uuid::Uuid;
//!
//! let account = |number| AccountId::from_uuid(Uuid::from_u128(number));
//! let created = TransferEvent::TransferCreated { from: account(1), to: account(2), amount: Money::MAX };
//! given::<Transfer>([created])
//!     .when(TransferCommand::Note(Answer::Debited))
//!     .then([TransferEvent::TransferDebited {}]);
//! ```

mod http;
mod reactor;
#[cfg(test)]
mod tests;
mod transfer;

pub use http::{TransferBody, router};
pub use reactor::{Ask, TransfersEffects, TransfersReactor};
pub use transfer::{Answer, Transfer, TransferCommand, TransferDetails, TransferError, TransferState};

use function::{Part, Subscriber};

/// Describes the transfers service.
#[must_use]
pub fn part() -> Part {
    Part::service("transfers", &[contracts::transfer::CATEGORY])
        .commands(router)
        .reacts(Subscriber::reactor::<TransfersReactor, _>(TransfersEffects::new))
}
