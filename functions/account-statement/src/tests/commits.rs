//! Commits as accounting writes them.

use commit::{CommandId, Commit, CommitId, Event, Metadata, StreamId};
use contracts::account::{AccountEvent, CATEGORY};
use contracts::{ConsumerId, DeclineReason, Money, OrderId};
use http_api::ConsistencyToken;
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

/// Writes the commits of one account, with versions that count up, a second apart.
pub(crate) struct Life {
    stream: StreamId,
    version: u64,
}

impl Life {
    pub(crate) fn new(number: u128) -> Self {
        let stream = StreamId::new(CATEGORY, &consumer(number).to_string()).unwrap();
        Self { stream, version: 0 }
    }

    pub(crate) fn commit(&mut self, events: &[AccountEvent]) -> Commit {
        let first = self.version + 1;
        self.version += events.len() as u64;
        let parts = [&*self.stream.to_string(), &first.to_string()];
        Commit {
            id: CommitId::from_bytes(CommandId::derive(&parts).bytes()),
            command_id: CommandId::random(),
            stream: self.stream.clone(),
            first,
            count: events.len() as u64,
            time: format!("2026-11-23T17:{:02}:{:02}Z", first / 60 % 60, first % 60)
                .parse()
                .unwrap(),
            metadata: Metadata::default(),
            events: events.iter().map(|event| event.encode().unwrap()).collect(),
        }
    }
}

pub(crate) fn token_of(commit: &Commit) -> String {
    ConsistencyToken {
        stream: commit.stream.clone(),
        version: commit.last(),
    }
    .to_string()
}
