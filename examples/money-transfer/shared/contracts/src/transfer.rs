//! The events of one transfer: from one account to another one.
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

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TransferStatus {
    /// It was asked for.
    Pending,
    /// The amount was taken from one account, and not yet given to the other one.
    Debited,
    /// The other account did not take the amount, which is on its way back.
    Refunding,
    /// The other account has the amount.
    Completed,
    /// No money changed its place.
    Failed,
}

/// What happened to one transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
pub enum TransferEvent {
    /// Somebody wants the amount to be transferred.
    #[serde(rename_all = "camelCase")]
    TransferCreated {
        /// The account that gives it.
        from: AccountId,
        /// The account that gets it.
        to: AccountId,
        /// The amount.
        amount: Money,
    },
    /// The amount was taken from the one account.
    #[serde(rename_all = "camelCase")]
    TransferDebited {},
    /// The other account did not take the amount; it has to be given back.
    #[serde(rename_all = "camelCase")]
    TransferRefused {
        /// Why.
        reason: RejectionReason,
    },
    /// The other account has the amount.
    #[serde(rename_all = "camelCase")]
    TransferCompleted {},
    /// Nothing was taken, or it was given back.
    #[serde(rename_all = "camelCase")]
    TransferFailed {
        /// Why.
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
