use contracts::account::{AccountEvent, RejectionReason};
use contracts::{AccountId, Moment, Money, TransferId, TransferStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A movement on an account. The names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Movement {
    /// The commit time.
    #[schema(value_type = Moment)]
    pub at: Timestamp,
    /// The version on the account's stream, from 1, without gaps.
    pub version: u64,
    /// The kind of the movement.
    pub kind: MovementKind,
    /// The amount that was debited or credited, or whose debit or credit was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The transfer; absent if the movement belongs to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<OfTransfer>,
    /// Why the debit or credit was rejected; absent if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<RejectionReason>,
    /// The balance after the movement.
    pub balance: Money,
}

/// The transfer that a movement belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfTransfer {
    /// The transfer's id.
    pub id: TransferId,
    /// The other account of the transfer.
    pub account: AccountId,
    /// The transfer's status after this movement.
    pub status: TransferStatus,
}

/// The kinds of movements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MovementKind {
    /// The account was opened with a balance.
    Opened,
    /// An amount was debited for a transfer.
    Debit,
    /// The debit of a transfer was rejected.
    DebitRejected,
    /// An amount was credited by a transfer.
    Credit,
    /// The credit of a transfer was rejected.
    CreditRejected,
    /// A debited amount was refunded.
    Refund,
    /// A transfer has ended. The balance stays the same.
    Settled,
    /// The account was closed.
    Closed,
}

impl Movement {
    /// Returns the movement of an event, with the balance after it.
    pub(crate) fn of(event: AccountEvent, at: Timestamp, version: u64, balance: Money) -> Self {
        let blank = |kind| Self {
            at,
            version,
            kind,
            amount: None,
            transfer: None,
            reason: None,
            balance,
        };
        let posting = |kind, amount, id, account, status| Self {
            amount: Some(amount),
            transfer: Some(OfTransfer { id, account, status }),
            ..blank(kind)
        };
        match event {
            AccountEvent::AccountOpened { initial_balance, .. } => Self {
                amount: Some(initial_balance),
                ..blank(MovementKind::Opened)
            },
            AccountEvent::AccountDebited {
                transfer_id,
                to,
                amount,
            } => posting(
                MovementKind::Debit,
                amount,
                transfer_id,
                to,
                TransferStatus::Debited,
            ),
            AccountEvent::DebitRejected {
                transfer_id,
                to,
                amount,
                reason,
            } => Self {
                reason: Some(reason),
                ..posting(
                    MovementKind::DebitRejected,
                    amount,
                    transfer_id,
                    to,
                    TransferStatus::Failed,
                )
            },
            AccountEvent::AccountCredited {
                transfer_id,
                from,
                amount,
            } => posting(
                MovementKind::Credit,
                amount,
                transfer_id,
                from,
                TransferStatus::Completed,
            ),
            AccountEvent::CreditRejected {
                transfer_id,
                from,
                amount,
                reason,
            } => Self {
                reason: Some(reason),
                ..posting(
                    MovementKind::CreditRejected,
                    amount,
                    transfer_id,
                    from,
                    TransferStatus::Refunding,
                )
            },
            AccountEvent::AccountRefunded {
                transfer_id,
                to,
                amount,
            } => posting(
                MovementKind::Refund,
                amount,
                transfer_id,
                to,
                TransferStatus::Failed,
            ),
            AccountEvent::TransferSettled {
                transfer_id,
                other,
                amount,
                status,
            } => posting(MovementKind::Settled, amount, transfer_id, other, status),
            AccountEvent::AccountClosed {} => blank(MovementKind::Closed),
        }
    }
}
