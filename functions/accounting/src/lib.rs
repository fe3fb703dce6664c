//! The accounting service: what a consumer may spend, and whether an order is paid from it.
//!
//! [`account`] decides, because the limit belongs to the consumer; [`payment`] is where the decisions about one order are
//! published (`docs/decisions/payment-streams.md`). An amount is held back when its order is placed, revised with it, and
//! reversed or captured when it ends. [`router`] takes commands over HTTP, [`AccountingReactor`] listens to consumers,
//! orders and the own accounts. Accounts carry their consumer's id, payments their order's.
//!
//! ```
//! use accounting::account::{Account, AccountCommand, AccountState, Consumer};
//! use contracts::{AccountEvent, OrderId};
//! use event_store::Decider;
//!
//! let order_id = OrderId::from_uuid(uuid::Uuid::from_u128(1));
//! let amount = "12.34".parse()?;
//! let open = Account::evolve(AccountState::default(), &AccountEvent::AccountOpened {});
//! // Without a limit every amount is authorized.
//! let authorize = AccountCommand::Authorize { order_id, amount, consumer: Consumer::NotAsked };
//! assert_eq!(
//!     Account::decide(&open, &authorize),
//!     Ok(vec![AccountEvent::PaymentAuthorized { order_id, amount }])
//! );
//! # Ok::<(), contracts::Invalid>(())
//! ```

pub mod account;
mod ask;
mod effects;
mod http;
pub mod payment;
mod reactor;
mod service;
#[cfg(test)]
mod tests;

pub use ask::Ask;
pub use effects::AskEffects;
pub use http::{AccountBody, OpenAuthorization, PaymentBody, SetCreditLimit, router};
pub use reactor::{AccountingReactor, Payer};

use contracts::{consumer, order};
use function::{Function, Part, Subscriber};

/// The accounting service.
#[must_use]
pub fn part() -> Part {
    let commands = Function::commands("accounting", router).reads(
        &[consumer::CATEGORY, order::CATEGORY],
        "An account or payment that is not there yet is looked up at its consumer or order, before anybody is told that it does not exist.",
    );
    Part::service(
        "accounting",
        &[contracts::account::CATEGORY, contracts::payment::CATEGORY],
    )
    .with(commands)
    .reacts(Subscriber::reactor::<AccountingReactor, _>(AskEffects::new))
}
