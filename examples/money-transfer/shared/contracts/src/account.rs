//! The events of one account. What it is asked is asked for a transfer, and every answer is an event with the transfer's id:
//! also the refusal, because the transfer waits for it.
//!
//! The names and fields are stored and published; version them with care.

use crate::transfer::{TransferId, TransferStatus};
use commit::Event;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::{Money, id, text};

/// The category of the streams: `account#acc_…`.
pub const CATEGORY: &str = "account";

id! {
    /// One account.
    AccountId, "acc_"
}

text! {
    /// The owner of an account.
    Owner, "an owner", max = 100
}

/// Why an account does not take its part in a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RejectionReason {
    /// Nobody opened the account.
    UnknownAccount,
    /// The account is closed.
    AccountClosed,
    /// The amount is more than the balance.
    InsufficientFunds,
    /// The balance would be more than the largest amount of money.
    BalanceTooLarge,
}

/// What happened to one account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
pub enum AccountEvent {
    /// The account was opened.
    #[serde(rename_all = "camelCase")]
    AccountOpened {
        /// Whose it is.
        owner: Owner,
        /// What was paid in.
        initial_balance: Money,
    },
    /// A transfer took its amount from the account.
    #[serde(rename_all = "camelCase")]
    AccountDebited {
        /// The transfer.
        transfer_id: TransferId,
        /// The account that is to get the amount.
        to: AccountId,
        /// The amount.
        amount: Money,
    },
    /// The account gives nothing to a transfer.
    #[serde(rename_all = "camelCase")]
    DebitRejected {
        /// The transfer.
        transfer_id: TransferId,
        /// The account that was to get the amount.
        to: AccountId,
        /// The amount.
        amount: Money,
        /// Why.
        reason: RejectionReason,
    },
    /// A transfer brought its amount.
    #[serde(rename_all = "camelCase")]
    AccountCredited {
        /// The transfer.
        transfer_id: TransferId,
        /// The account that the amount was taken from.
        from: AccountId,
        /// The amount.
        amount: Money,
    },
    /// The account takes nothing from a transfer.
    #[serde(rename_all = "camelCase")]
    CreditRejected {
        /// The transfer.
        transfer_id: TransferId,
        /// The account that the amount was taken from.
        from: AccountId,
        /// The amount.
        amount: Money,
        /// Why.
        reason: RejectionReason,
    },
    /// The amount came back, because the other account did not take it.
    #[serde(rename_all = "camelCase")]
    AccountRefunded {
        /// The transfer.
        transfer_id: TransferId,
        /// The account that did not take the amount.
        to: AccountId,
        /// The amount.
        amount: Money,
    },
    /// The transfer has ended, and the account need not remember it any longer.
    #[serde(rename_all = "camelCase")]
    TransferSettled {
        /// The transfer.
        transfer_id: TransferId,
        /// The other account.
        other: AccountId,
        /// The amount.
        amount: Money,
        /// How the transfer ended.
        status: TransferStatus,
    },
    /// The account was closed for good.
    #[serde(rename_all = "camelCase")]
    AccountClosed {},
}

impl Event for AccountEvent {
    const TYPES: &'static [(&'static str, u32)] = &[
        ("AccountOpened", 1),
        ("AccountDebited", 1),
        ("DebitRejected", 1),
        ("AccountCredited", 1),
        ("CreditRejected", 1),
        ("AccountRefunded", 1),
        ("TransferSettled", 1),
        ("AccountClosed", 1),
    ];
}
