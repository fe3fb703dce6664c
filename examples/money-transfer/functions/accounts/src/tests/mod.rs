//! The rules of accounts, the service over HTTP, and the accounts' part of transfers.

mod http;
mod reactor;
mod rules;

use crate::Posting;
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

/// Returns the part of the transfer with this number whose other account is account 2.
fn posting(number: u128, amount: &str) -> Posting {
    Posting {
        transfer_id: transfer(number),
        other: account(2),
        amount: money(amount),
    }
}
