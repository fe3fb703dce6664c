//! The accounting service: credit limits, and the payment of orders.
//!
//! [`account`] decides, because the limit belongs to the consumer; [`payment`] publishes the decisions about one order
//! (`docs/decisions/payment-streams.md`). An amount is held back when its order is placed, changed when the order is
//! revised, and reversed or captured when the order ends. [`router`] takes commands over HTTP; [`AccountingReactor`]
//! consumes the events of consumers, orders and accounting's own accounts. An account has its consumer's id, a payment
//! its order's.
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

/// Describes the accounting service.
#[must_use]
pub fn part() -> Part {
    let commands = Function::commands("accounting", router).reads(
        &[consumer::CATEGORY, order::CATEGORY],
        "The consumer or order of a missing account or payment is looked up before the service reports that it does not exist.",
    );
    Part::service(
        "accounting",
        &[contracts::account::CATEGORY, contracts::payment::CATEGORY],
    )
    .with(commands)
    .reacts(Subscriber::reactor::<AccountingReactor, _>(AskEffects::new))
}
