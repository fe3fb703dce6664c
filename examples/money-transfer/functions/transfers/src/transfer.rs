//! One transfer: its accounts and amount, and the answers of the two accounts.

use contracts::transfer::{CATEGORY, TransferEvent, TransferStatus};
use contracts::{AccountId, Money, RejectionReason, TransferId};
use event_store::Decider;
use serde::{Deserialize, Serialize};

// State.

/// The state of a transfer; `None` before its creation.
///
/// The names are stored in snapshots; a change of their meaning requires a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TransferState(pub Option<TransferDetails>);

/// A transfer that was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferDetails {
    /// The source account.
    #[serde(rename = "f")]
    pub from: AccountId,
    /// The target account.
    #[serde(rename = "t")]
    pub to: AccountId,
    /// The amount.
    #[serde(rename = "m")]
    pub amount: Money,
    /// The transfer's status.
    #[serde(rename = "s")]
    pub status: TransferStatus,
    /// Whether the source account was ever debited.
    #[serde(rename = "d", default)]
    pub debited: bool,
    /// Why an account rejected the transfer.
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<RejectionReason>,
}

fn evolve(TransferState(state): TransferState, event: &TransferEvent) -> TransferState {
    let became = |status, reason| {
        state.map(|details| TransferDetails {
            status,
            reason,
            ..details
        })
    };
    TransferState(match *event {
        TransferEvent::TransferCreated { from, to, amount } => Some(TransferDetails {
            from,
            to,
            amount,
            status: TransferStatus::Pending,
            debited: false,
            reason: None,
        }),
        TransferEvent::TransferDebited {} => {
            became(TransferStatus::Debited, None).map(|details| TransferDetails {
                debited: true,
                ..details
            })
        }
        TransferEvent::TransferRefused { reason } => became(TransferStatus::Refunding, Some(reason)),
        TransferEvent::TransferCompleted {} => became(TransferStatus::Completed, None),
        TransferEvent::TransferFailed { reason } => became(TransferStatus::Failed, Some(reason)),
    })
}

// Decide.

/// The commands of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferCommand {
    /// Creates the transfer.
    Create {
        /// The source account.
        from: AccountId,
        /// The target account.
        to: AccountId,
        /// The amount.
        amount: Money,
    },
    /// Records an account's answer.
    Note(Answer),
}

/// An account's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The source account was debited.
    Debited,
    /// The source account rejected the debit.
    DebitRejected(RejectionReason),
    /// The target account was credited.
    Credited,
    /// The target account rejected the credit.
    CreditRejected(RejectionReason),
    /// The source account was refunded.
    Refunded,
}

/// Why a transfer refuses a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// Another command has already used the id.
    #[error("the id is taken")]
    Exists,
    /// No transfer was created under the id.
    #[error("there is no such transfer")]
    NotCreated,
    /// The source and the target are the same account.
    #[error("a transfer must have two different accounts")]
    SameAccount,
    /// The amount is 0.00.
    #[error("the amount of a transfer must be more than 0.00")]
    NoAmount,
    /// The answer does not fit the transfer's status. The transfer does not change.
    #[error("the answer contradicts the status of the transfer")]
    Contradiction,
}

fn decide(
    TransferState(state): &TransferState,
    command: &TransferCommand,
) -> Result<Vec<TransferEvent>, TransferError> {
    match (*command, state) {
        (TransferCommand::Create { .. }, Some(_)) => Err(TransferError::Exists),
        (TransferCommand::Create { from, to, .. }, None) if from == to => Err(TransferError::SameAccount),
        (TransferCommand::Create { amount, .. }, None) if amount == Money::ZERO => {
            Err(TransferError::NoAmount)
        }
        (TransferCommand::Create { from, to, amount }, None) => {
            Ok(vec![TransferEvent::TransferCreated { from, to, amount }])
        }
        (TransferCommand::Note(_), None) => Err(TransferError::NotCreated),
        (TransferCommand::Note(answer), Some(details)) => Ok(note(details, answer)?.into_iter().collect()),
    }
}

/// Records an answer. A transfer's status only moves forward, so a repeated answer is always recognized: the transfer already has the
/// status that the answer leads to, or a later one.
fn note(details: &TransferDetails, answer: Answer) -> Result<Option<TransferEvent>, TransferError> {
    let refunded = details.debited && details.status == TransferStatus::Failed;
    match (answer, details.status) {
        (Answer::Debited, TransferStatus::Pending) => Ok(Some(TransferEvent::TransferDebited {})),
        (Answer::Debited, _) if details.debited => Ok(None),
        (Answer::DebitRejected(reason), TransferStatus::Pending) => {
            Ok(Some(TransferEvent::TransferFailed { reason }))
        }
        (Answer::DebitRejected(_), TransferStatus::Failed) if !details.debited => Ok(None),
        (Answer::Credited, TransferStatus::Debited) => Ok(Some(TransferEvent::TransferCompleted {})),
        (Answer::Credited, TransferStatus::Completed) => Ok(None),
        (Answer::CreditRejected(reason), TransferStatus::Debited) => {
            Ok(Some(TransferEvent::TransferRefused { reason }))
        }
        (Answer::CreditRejected(_), TransferStatus::Refunding) => Ok(None),
        (Answer::CreditRejected(_) | Answer::Refunded, TransferStatus::Failed) if refunded => Ok(None),
        (Answer::Refunded, TransferStatus::Refunding) => {
            let reason = details.reason.ok_or(TransferError::Contradiction)?;
            Ok(Some(TransferEvent::TransferFailed { reason }))
        }
        _ => Err(TransferError::Contradiction),
    }
}

/// The decider of transfers.
#[derive(Debug, Clone, Copy)]
pub struct Transfer;

impl Decider for Transfer {
    type Id = TransferId;
    type Command = TransferCommand;
    type Event = TransferEvent;
    type State = TransferState;
    type Error = TransferError;
    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 1;

    fn decide(state: &TransferState, command: &TransferCommand) -> Result<Vec<TransferEvent>, TransferError> {
        decide(state, command)
    }

    fn evolve(state: TransferState, event: &TransferEvent) -> TransferState {
        evolve(state, event)
    }
}
