//! The events of one account. The account answers transfers, and every answer is an event with the transfer's id. A rejection is also
//! an event, because the transfer waits for it.
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

/// Why an account rejects a debit or a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RejectionReason {
    /// The account was never opened.
    UnknownAccount,
    /// The account is closed.
    AccountClosed,
    /// The amount is more than the balance.
    InsufficientFunds,
    /// The balance would exceed the largest amount of money.
    BalanceTooLarge,
}

/// What happened to one account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
pub enum AccountEvent {
    /// The account was opened.
    #[serde(rename_all = "camelCase")]
    AccountOpened {
        /// The owner.
        owner: Owner,
        /// The amount that was paid in.
        initial_balance: Money,
    },
    /// The amount of a transfer was taken from the account.
    #[serde(rename_all = "camelCase")]
    AccountDebited {
        /// The transfer.
        transfer_id: TransferId,
        /// The target account.
        to: AccountId,
        /// The amount.
        amount: Money,
    },
    /// The account rejected the debit of a transfer.
    #[serde(rename_all = "camelCase")]
    DebitRejected {
        /// The transfer.
        transfer_id: TransferId,
        /// The target account.
        to: AccountId,
        /// The amount.
        amount: Money,
        /// The reason.
        reason: RejectionReason,
    },
    /// The amount of a transfer was added to the account.
    #[serde(rename_all = "camelCase")]
    AccountCredited {
        /// The transfer.
        transfer_id: TransferId,
        /// The source account.
        from: AccountId,
        /// The amount.
        amount: Money,
    },
    /// The account rejected the credit of a transfer.
    #[serde(rename_all = "camelCase")]
    CreditRejected {
        /// The transfer.
        transfer_id: TransferId,
        /// The source account.
        from: AccountId,
        /// The amount.
        amount: Money,
        /// The reason.
        reason: RejectionReason,
    },
    /// The amount of a transfer was returned to the account, because the target account rejected it.
    #[serde(rename_all = "camelCase")]
    AccountRefunded {
        /// The transfer.
        transfer_id: TransferId,
        /// The target account, which rejected the amount.
        to: AccountId,
        /// The amount.
        amount: Money,
    },
    /// The transfer has ended, and the account no longer needs to remember it.
    #[serde(rename_all = "camelCase")]
    TransferSettled {
        /// The transfer.
        transfer_id: TransferId,
        /// The other account.
        other: AccountId,
        /// The amount.
        amount: Money,
        /// The transfer's final status.
        status: TransferStatus,
    },
    /// The account was permanently closed.
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
