//! The events of one transfer from a source account to a target account.
//!
//! The names and fields are stored and published; version them with care.

use crate::account::{AccountId, RejectionReason};
use commit::Event;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::{Money, id};

/// The category of the streams: `transfer#trf_…`.
pub const CATEGORY: &str = "transfer";

id! {
    /// One transfer.
    TransferId, "trf_"
}

/// The status of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TransferStatus {
    /// The transfer was created.
    Pending,
    /// The source account was debited, and the target account has not answered yet.
    Debited,
    /// The target account rejected the amount, and the source account has not been refunded yet.
    Refunding,
    /// The target account was credited.
    Completed,
    /// No money was moved, or the amount was refunded.
    Failed,
}

/// What happened to one transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
pub enum TransferEvent {
    /// A client requested the transfer.
    #[serde(rename_all = "camelCase")]
    TransferCreated {
        /// The source account.
        from: AccountId,
        /// The target account.
        to: AccountId,
        /// The amount.
        amount: Money,
    },
    /// The source account was debited.
    #[serde(rename_all = "camelCase")]
    TransferDebited {},
    /// The target account rejected the amount, so the source account must be refunded.
    #[serde(rename_all = "camelCase")]
    TransferRefused {
        /// The reason.
        reason: RejectionReason,
    },
    /// The target account was credited.
    #[serde(rename_all = "camelCase")]
    TransferCompleted {},
    /// The debit was rejected, or the amount was refunded.
    #[serde(rename_all = "camelCase")]
    TransferFailed {
        /// The reason.
        reason: RejectionReason,
    },
}

impl Event for TransferEvent {
    const TYPES: &'static [(&'static str, u32)] = &[
        ("TransferCreated", 1),
        ("TransferDebited", 1),
        ("TransferRefused", 1),
        ("TransferCompleted", 1),
        ("TransferFailed", 1),
    ];
}
