//! One consumer's account: what may be spent, and what is held back for orders under way.

use contracts::account::{AccountEvent, CATEGORY};
use contracts::payment::DeclineReason;
use contracts::{Money, OrderId};
use event_store::Decider;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

// Events: contracts::account.

// State.

/// An account as it now is. It grows with the orders under way, never with the orders ever placed: what is declined
/// leaves no trace here.
///
/// The names are stored in snapshots: a change of their meaning takes a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountState {
    /// Whether the consumer is known to exist.
    #[serde(rename = "o")]
    pub opened: bool,
    /// What the open authorizations may add up to; nothing means no limit.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub credit_limit: Option<Money>,
    /// What is held back, by order.
    #[serde(rename = "a", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open_authorizations: BTreeMap<OrderId, Money>,
}

impl AccountState {
    /// The sum of the open authorizations in minor units. Each is at most 12 digits, and fewer of them than would
    /// overflow fit into an item.
    #[must_use]
    pub fn held_back(&self) -> i64 {
        self.open_authorizations
            .values()
            .fold(0, |sum, amount| sum.saturating_add(amount.minor()))
    }
}

fn evolve(mut state: AccountState, event: &AccountEvent) -> AccountState {
    match event {
        AccountEvent::AccountOpened {} => state.opened = true,
        AccountEvent::CreditLimitSet { credit_limit } => state.credit_limit = Some(*credit_limit),
        AccountEvent::PaymentAuthorized { order_id, amount } => {
            state.open_authorizations.insert(*order_id, *amount);
        }
        AccountEvent::PaymentDeclined { .. } => {}
    }
    state
}

// Decide.

/// What can be asked of an account.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountCommand {
    /// The consumer was created.
    Open,
    /// The open authorizations may not add up to more from now on. What is already held back stays.
    SetLimit {
        /// The limit.
        credit_limit: Money,
        /// What is known of the consumer.
        consumer: Consumer,
    },
    /// An order is to be paid.
    Authorize {
        /// What is paid.
        order_id: OrderId,
        /// The order's total.
        amount: Money,
        /// What is known of the consumer.
        consumer: Consumer,
    },
}

/// What the sender of a command knows of the consumer when the account is not open. Asking costs a query on the
/// consumers' event table, so nobody asks before an account has refused ([`AccountError::NotOpened`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consumer {
    /// Nobody asked.
    NotAsked,
    /// The consumers' event table has it: the account's opening is only late.
    Exists,
    /// The consumers' event table does not have it.
    Unknown,
}

/// Why an account refuses a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The account is not open, and nobody asked whether the consumer exists: ask, and repeat the command.
    #[error("the account is not open")]
    NotOpened,
    /// There is no such consumer.
    #[error("there is no such consumer")]
    UnknownConsumer,
}

fn decide(state: &AccountState, command: &AccountCommand) -> Result<Vec<AccountEvent>, AccountError> {
    match *command {
        AccountCommand::Open if state.opened => Ok(vec![]),
        AccountCommand::Open => Ok(vec![AccountEvent::AccountOpened {}]),
        AccountCommand::SetLimit {
            credit_limit,
            consumer,
        } => {
            let mut events = match (state.opened, consumer) {
                (true, _) => vec![],
                (false, Consumer::Exists) => vec![AccountEvent::AccountOpened {}],
                (false, Consumer::NotAsked) => return Err(AccountError::NotOpened),
                (false, Consumer::Unknown) => return Err(AccountError::UnknownConsumer),
            };
            if state.credit_limit != Some(credit_limit) {
                events.push(AccountEvent::CreditLimitSet { credit_limit });
            }
            Ok(events)
        }
        AccountCommand::Authorize {
            order_id,
            amount,
            consumer,
        } => authorize(state, order_id, amount, consumer),
    }
}

fn authorize(
    state: &AccountState,
    order_id: OrderId,
    amount: Money,
    consumer: Consumer,
) -> Result<Vec<AccountEvent>, AccountError> {
    let declined = |reason| AccountEvent::PaymentDeclined {
        order_id,
        amount,
        reason,
    };
    // An order has one total, so an open authorization of it is this very one.
    if state.open_authorizations.contains_key(&order_id) {
        return Ok(vec![]);
    }
    let mut events = match (state.opened, consumer) {
        (true, _) => vec![],
        (false, Consumer::Exists) => vec![AccountEvent::AccountOpened {}],
        (false, Consumer::NotAsked) => return Err(AccountError::NotOpened),
        (false, Consumer::Unknown) => return Ok(vec![declined(DeclineReason::UnknownConsumer)]),
    };
    let covered = state
        .credit_limit
        .is_none_or(|limit| state.held_back().saturating_add(amount.minor()) <= limit.minor());
    events.push(if covered {
        AccountEvent::PaymentAuthorized { order_id, amount }
    } else {
        declined(DeclineReason::InsufficientCredit)
    });
    Ok(events)
}

/// The decider of accounts.
#[derive(Debug, Clone, Copy)]
pub struct Account;

impl Decider for Account {
    type Command = AccountCommand;
    type Event = AccountEvent;
    type State = AccountState;
    type Error = AccountError;
    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 1;

    fn decide(state: &AccountState, command: &AccountCommand) -> Result<Vec<AccountEvent>, AccountError> {
        decide(state, command)
    }

    fn evolve(state: AccountState, event: &AccountEvent) -> AccountState {
        evolve(state, event)
    }
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
