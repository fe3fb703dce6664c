//! One consumer's account: the credit limit, and the amounts that are held back for open orders.

use contracts::account::{AccountEvent, CATEGORY};
use contracts::payment::DeclineReason;
use contracts::{ConsumerId, Money, OrderId};
use event_store::Decider;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

// Events: contracts::account.

// State.

/// The maximum number of orders that one account holds amounts back for at a time. One more is declined as
/// [`DeclineReason::InsufficientCredit`], like an order that the limit does not cover. No consumer has that many open
/// orders, and an account without a credit limit must not grow without bound. Each takes about 60 bytes of a snapshot, so
/// a full account is far under the 350 KB of a commit.
pub const MAX_OPEN_AUTHORIZATIONS: usize = 1_000;

/// The state of an account. It grows with the open orders ([`MAX_OPEN_AUTHORIZATIONS`]), not with the orders ever placed:
/// a declined order leaves nothing here, and a captured one is added to a single sum.
///
/// The names are stored in snapshots; a change of their meaning requires a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountState {
    /// Whether the consumer is known to exist.
    #[serde(rename = "o")]
    pub opened: bool,
    /// The limit of the open authorizations' sum; `None` means no limit.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub credit_limit: Option<Money>,
    /// The amounts that are held back, by order.
    #[serde(rename = "a", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open_authorizations: BTreeMap<OrderId, Authorization>,
    /// The sum of all captured payments, in minor units. It saturates at the largest number, which nine million orders of
    /// the largest amount reach.
    #[serde(rename = "c", default)]
    pub captured: i64,
}

/// The amount that is held back for one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// The amount.
    #[serde(rename = "m")]
    pub amount: Money,
    /// The last revision of the order that was answered, whatever the answer.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
}

impl AccountState {
    /// Returns the sum of the open authorizations in minor units. 1,000 amounts of 12 digits do not overflow.
    #[must_use]
    pub fn held_back(&self) -> i64 {
        self.open_authorizations
            .values()
            .fold(0, |sum, open| sum.saturating_add(open.amount.minor()))
    }

    /// Returns whether the limit allows this sum, in minor units, to be held back.
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

/// The commands of an account.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountCommand {
    /// Opens the account: the consumer was created.
    Open,
    /// Sets the limit of the open authorizations' sum. Amounts that are already held back stay.
    SetLimit {
        /// The new limit.
        credit_limit: Money,
        /// Whether the consumer exists.
        consumer: Consumer,
    },
    /// Authorizes the payment of an order, or declines it.
    Authorize {
        /// The order that is paid for.
        order_id: OrderId,
        /// The order's total.
        amount: Money,
        /// Whether the consumer exists.
        consumer: Consumer,
    },
    /// Changes the amount of an order, or declines. Each revision is answered once.
    ReviseAuthorization {
        /// The order that is paid for.
        order_id: OrderId,
        /// The revised order's total.
        amount: Money,
        /// The number of the order's revision.
        revision: u32,
    },
    /// Reverts a revision that was rejected: the previous amount is held back again, whatever the current limit. The
    /// account had agreed to that amount, and the order continues unchanged.
    UndoRevision {
        /// The order that is paid for.
        order_id: OrderId,
        /// The number of the order's revision.
        revision: u32,
        /// The total that the order keeps.
        amount: Money,
    },
    /// Releases the amount: the order ended without a delivery.
    Reverse {
        /// The order that is not paid for.
        order_id: OrderId,
    },
    /// Captures the amount: the order was delivered.
    Capture {
        /// The order that is paid for.
        order_id: OrderId,
    },
}

/// What the sender of a command knows of the consumer when the account is not open. Asking costs a query on the
/// consumers' event table, so the sender asks only after an account has refused ([`AccountError::NotOpened`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consumer {
    /// The consumers' event table was not read.
    NotAsked,
    /// The consumer exists in the consumers' event table; the account is not opened yet.
    Exists,
    /// The consumer does not exist in the consumers' event table.
    Unknown,
}

/// Why an account refuses a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The account is not open, and the command does not say whether the consumer exists: look it up and repeat the command.
    #[error("the account is not open")]
    NotOpened,
    /// The consumer does not exist.
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
    // An order is created once, so an open authorization is the one of this order, even if it was revised since.
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

/// The order's own authorization does not count against its revision. A revision that costs no more than the amount held
/// back is granted even if the limit was lowered below that, because declining it would hold back more.
///
/// The revision of an order without an open authorization (never authorized, or ended) is declined, so that the order
/// does not wait forever. The account does not store that answer; the payment's stream does, once.
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
    // The order has continued with another revision: this is a late repetition.
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
