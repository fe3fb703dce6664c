//! One consumer's account: what may be spent, and what is held back for orders under way.

use contracts::account::{AccountEvent, CATEGORY};
use contracts::payment::DeclineReason;
use contracts::{ConsumerId, Money, OrderId};
use event_store::Decider;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

// Events: contracts::account.

// State.

/// The most orders that one account holds money back for at a time. One more is declined as
/// [`DeclineReason::InsufficientCredit`], like an order that the limit does not cover: nobody has that many meals under
/// way, and an account without a limit must not grow without one. Each takes about 60 bytes of a snapshot, so a full
/// account is far under the 350 KB of a commit.
pub const MAX_OPEN_AUTHORIZATIONS: usize = 1_000;

/// An account as it now is. It grows with the orders under way ([`MAX_OPEN_AUTHORIZATIONS`]), never with the orders ever
/// placed: what is declined leaves no trace here, and what is captured only adds to one number.
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
    pub open_authorizations: BTreeMap<OrderId, Authorization>,
    /// What was ever paid, in minor units. It stays at the largest number instead of passing it, after nine million
    /// orders of the largest amount.
    #[serde(rename = "c", default)]
    pub captured: i64,
}

/// What is held back for one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// How much.
    #[serde(rename = "m")]
    pub amount: Money,
    /// The last revision of the order that was answered, whatever the answer was.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
}

impl AccountState {
    /// The sum of the open authorizations in minor units. 1,000 of 12 digits are far from an overflow.
    #[must_use]
    pub fn held_back(&self) -> i64 {
        self.open_authorizations
            .values()
            .fold(0, |sum, open| sum.saturating_add(open.amount.minor()))
    }

    /// Whether the limit allows that so much is held back together, in minor units.
    fn covers(&self, held_back: i64) -> bool {
        self.credit_limit.is_none_or(|limit| held_back <= limit.minor())
    }
}

fn evolve(mut state: AccountState, event: &AccountEvent) -> AccountState {
    match event {
        AccountEvent::AccountOpened {} => state.opened = true,
        AccountEvent::CreditLimitSet { credit_limit } => state.credit_limit = Some(*credit_limit),
        AccountEvent::PaymentAuthorized { order_id, amount } => {
            let authorization = Authorization {
                amount: *amount,
                revision: None,
            };
            state.open_authorizations.insert(*order_id, authorization);
        }
        AccountEvent::PaymentDeclined { .. } => {}
        AccountEvent::PaymentRevised {
            order_id,
            revision,
            amount,
        }
        | AccountEvent::PaymentRevisionUndone {
            order_id,
            revision,
            amount,
        } => {
            if let Some(open) = state.open_authorizations.get_mut(order_id) {
                open.amount = *amount;
                open.revision = open.revision.max(Some(*revision));
            }
        }
        AccountEvent::PaymentRevisionDeclined {
            order_id, revision, ..
        } => {
            if let Some(open) = state.open_authorizations.get_mut(order_id) {
                open.revision = open.revision.max(Some(*revision));
            }
        }
        AccountEvent::PaymentReversed { order_id, .. } => {
            state.open_authorizations.remove(order_id);
        }
        AccountEvent::PaymentCaptured { order_id, amount } => {
            state.open_authorizations.remove(order_id);
            state.captured = state.captured.saturating_add(amount.minor());
        }
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
    /// The order is to cost something else. Each revision is answered once.
    ReviseAuthorization {
        /// What is paid.
        order_id: OrderId,
        /// The revised order's total.
        amount: Money,
        /// Which revision of the order.
        revision: u32,
    },
    /// The revision was rejected: the amount before is held back again, whatever the limit says by now. What was held
    /// back once may be held back again: the order goes on as it was, and the account had agreed to that.
    UndoRevision {
        /// What is paid.
        order_id: OrderId,
        /// Which revision of the order.
        revision: u32,
        /// The total that the order kept.
        amount: Money,
    },
    /// The order ended without a delivery: hold nothing back for it.
    Reverse {
        /// What is not paid.
        order_id: OrderId,
    },
    /// The order was delivered: what is held back is paid.
    Capture {
        /// What is paid.
        order_id: OrderId,
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
        AccountCommand::ReviseAuthorization {
            order_id,
            amount,
            revision,
        } => Ok(revise(state, order_id, amount, revision).into_iter().collect()),
        AccountCommand::UndoRevision {
            order_id,
            revision,
            amount,
        } => Ok(undo(state, order_id, revision, amount).into_iter().collect()),
        AccountCommand::Reverse { order_id } => {
            let open = state.open_authorizations.get(&order_id);
            let reversed = |open: &Authorization| AccountEvent::PaymentReversed {
                order_id,
                amount: open.amount,
            };
            Ok(open.map(reversed).into_iter().collect())
        }
        AccountCommand::Capture { order_id } => {
            let open = state.open_authorizations.get(&order_id);
            let captured = |open: &Authorization| AccountEvent::PaymentCaptured {
                order_id,
                amount: open.amount,
            };
            Ok(open.map(captured).into_iter().collect())
        }
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
    // An order is created once, so an open authorization of it is this very one, even if it was revised since.
    if state.open_authorizations.contains_key(&order_id) {
        return Ok(vec![]);
    }
    let mut events = match (state.opened, consumer) {
        (true, _) => vec![],
        (false, Consumer::Exists) => vec![AccountEvent::AccountOpened {}],
        (false, Consumer::NotAsked) => return Err(AccountError::NotOpened),
        (false, Consumer::Unknown) => return Ok(vec![declined(DeclineReason::UnknownConsumer)]),
    };
    let covered = state.open_authorizations.len() < MAX_OPEN_AUTHORIZATIONS
        && state.covers(state.held_back().saturating_add(amount.minor()));
    events.push(if covered {
        AccountEvent::PaymentAuthorized { order_id, amount }
    } else {
        declined(DeclineReason::InsufficientCredit)
    });
    Ok(events)
}

/// The order's own authorization does not count against its revision. One that costs no more than what is held back is
/// granted even where the limit was lowered below that: declining it would hold back more.
///
/// An order without an open authorization (it was never authorized, or has ended) is declined, so that it is not left
/// waiting. Nothing is remembered of that answer here; the payment's stream keeps it once.
fn revise(state: &AccountState, order_id: OrderId, amount: Money, revision: u32) -> Option<AccountEvent> {
    let declined = AccountEvent::PaymentRevisionDeclined {
        order_id,
        revision,
        amount,
        reason: DeclineReason::InsufficientCredit,
    };
    let Some(open) = state.open_authorizations.get(&order_id) else {
        return Some(declined);
    };
    if open.revision >= Some(revision) {
        return None;
    }
    let held_back = state.held_back() - open.amount.minor() + amount.minor();
    let covered = amount <= open.amount || state.covers(held_back);
    Some(if covered {
        AccountEvent::PaymentRevised {
            order_id,
            revision,
            amount,
        }
    } else {
        declined
    })
}

fn undo(state: &AccountState, order_id: OrderId, revision: u32, amount: Money) -> Option<AccountEvent> {
    let open = state.open_authorizations.get(&order_id)?;
    // The order has gone on to another revision: this is a repetition that comes late.
    if open.revision > Some(revision) || open.amount == amount {
        return None;
    }
    Some(AccountEvent::PaymentRevisionUndone {
        order_id,
        revision,
        amount,
    })
}

/// The decider of accounts.
#[derive(Debug, Clone, Copy)]
pub struct Account;

impl Decider for Account {
    type Id = ConsumerId;
    type Command = AccountCommand;
    type Event = AccountEvent;
    type State = AccountState;
    type Error = AccountError;
    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 2;

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

#[cfg(test)]
#[path = "account_laws.rs"]
mod laws;
