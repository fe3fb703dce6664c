//! The accounts service: balances, and the accounts' part of transfers.
//!
//! [`Account`] is the decider, and [`router`] accepts commands over HTTP. [`AccountsReactor`] consumes the events of transfers, and
//! requests debits and credits from the accounts. An account answers each transfer once, however often and however late a request is
//! repeated, and remembers only the transfers that have not ended. `README.md` of the example explains how.
//!
//! ```
//! use accounts::{Account, AccountCommand, Posting};
//! use contracts::account::{AccountEvent, RejectionReason};
//! use contracts::{AccountId, TransferId};
//! use event_store::testing::given;
//! use uuid::Uuid;
//!
//! let (transfer_id, to) = (TransferId::from_uuid(Uuid::from_u128(1)), AccountId::from_uuid(Uuid::from_u128(2)));
//! let opened = AccountEvent::AccountOpened { owner: "Ada Lovelace".parse()?, initial_balance: "10.00".parse()? };
//! let amount = "12.34".parse()?;
//! given::<Account>([opened])
//!     .when(AccountCommand::Debit { posting: Posting { transfer_id, other: to, amount }, settled: 0 })
//!     .then([AccountEvent::DebitRejected { transfer_id, to, amount, reason: RejectionReason::InsufficientFunds }]);
//! # Ok::<(), contracts::Invalid>(())
//! ```

mod account;
mod http;
mod reactor;
#[cfg(test)]
mod tests;

pub use account::{
    Account, AccountCommand, AccountDetails, AccountError, AccountState, Leg, MAX_OPEN_TRANSFERS, Posting,
};
pub use http::{AccountBody, router};
pub use reactor::{AccountsEffects, AccountsReactor, Ask, Asked, Step};

use function::{Part, Subscriber};

/// Describes the accounts service.
#[must_use]
pub fn part() -> Part {
    Part::service("accounts", &[contracts::account::CATEGORY])
        .commands(router)
        .reacts(Subscriber::reactor::<AccountsReactor, _>(AccountsEffects::new))
}
