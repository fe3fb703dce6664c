//! Commits as the accounting service writes them.

use commit::Commit;
use contracts::account::{AccountEvent, CATEGORY};
use contracts::{ConsumerId, DeclineReason, Money, OrderId};
use testkit::commit;
use uuid::Uuid;

pub(crate) fn consumer(number: u128) -> ConsumerId {
    ConsumerId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn order(number: u128) -> OrderId {
    OrderId::from_uuid(Uuid::from_u128(number))
}

fn money(amount: &str) -> Money {
    amount.parse().unwrap()
}

pub(crate) fn opened() -> AccountEvent {
    AccountEvent::AccountOpened {}
}

pub(crate) fn limit_set(limit: &str) -> AccountEvent {
    let credit_limit = money(limit);
    AccountEvent::CreditLimitSet { credit_limit }
}

pub(crate) fn authorized(number: u128, amount: &str) -> AccountEvent {
    AccountEvent::PaymentAuthorized {
        order_id: order(number),
        amount: money(amount),
    }
}

pub(crate) fn declined(number: u128, amount: &str) -> AccountEvent {
    AccountEvent::PaymentDeclined {
        order_id: order(number),
        amount: money(amount),
        reason: DeclineReason::InsufficientCredit,
    }
}

pub(crate) fn revised(number: u128, revision: u32, amount: &str) -> AccountEvent {
    AccountEvent::PaymentRevised {
        order_id: order(number),
        revision,
        amount: money(amount),
    }
}

pub(crate) fn revision_declined(number: u128, revision: u32, amount: &str) -> AccountEvent {
    AccountEvent::PaymentRevisionDeclined {
        order_id: order(number),
        revision,
        amount: money(amount),
        reason: DeclineReason::InsufficientCredit,
    }
}

pub(crate) fn revision_undone(number: u128, revision: u32, amount: &str) -> AccountEvent {
    AccountEvent::PaymentRevisionUndone {
        order_id: order(number),
        revision,
        amount: money(amount),
    }
}

pub(crate) fn reversed(number: u128, amount: &str) -> AccountEvent {
    AccountEvent::PaymentReversed {
        order_id: order(number),
        amount: money(amount),
    }
}

pub(crate) fn captured(number: u128, amount: &str) -> AccountEvent {
    AccountEvent::PaymentCaptured {
        order_id: order(number),
        amount: money(amount),
    }
}

/// Writes the commits of one account, with increasing versions, one second apart.
pub(crate) struct Life {
    stream: String,
    version: u64,
}

impl Life {
    pub(crate) fn new(number: u128) -> Self {
        let stream = format!("{CATEGORY}#{}", consumer(number));
        Self { stream, version: 0 }
    }

    pub(crate) fn commit(&mut self, events: &[AccountEvent]) -> Commit {
        let first = self.version + 1;
        self.version += events.len() as u64;
        let time = format!("2026-11-23T17:{:02}:{:02}Z", first / 60 % 60, first % 60);
        commit(&self.stream, first, time.parse().unwrap(), events)
    }
}
