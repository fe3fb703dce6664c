//! The rules of transfers, the service over HTTP, and the effects of the accounts' answers.

mod http;
mod reactor;
mod rules;

use contracts::{AccountId, Money, TransferId};
use uuid::Uuid;

fn account(number: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(number))
}

fn transfer(number: u128) -> TransferId {
    TransferId::from_uuid(Uuid::from_u128(number))
}

fn money(amount: &str) -> Money {
    amount.parse().unwrap()
}
