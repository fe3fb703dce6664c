//! One transfer: what was asked for, and what the two accounts have answered.

use contracts::transfer::{CATEGORY, TransferEvent, TransferStatus};
use contracts::{AccountId, Money, RejectionReason, TransferId};
use event_store::Decider;
use serde::{Deserialize, Serialize};

// State.

/// The state; nothing before the creation.
///
/// The names are stored in snapshots; a change of their meaning requires a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TransferState(pub Option<TransferDetails>);

/// A transfer that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferDetails {
    /// The account that gives the amount.
    #[serde(rename = "f")]
    pub from: AccountId,
    /// The account that gets it.
    #[serde(rename = "t")]
    pub to: AccountId,
    /// The amount.
    #[serde(rename = "m")]
    pub amount: Money,
    /// How far the transfer is.
    #[serde(rename = "s")]
    pub status: TransferStatus,
    /// Whether the amount was taken from the one account at some time.
    #[serde(rename = "d", default)]
    pub debited: bool,
    /// Why an account did not take its part.
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
    /// Begins it.
    Create {
        /// The account that gives the amount.
        from: AccountId,
        /// The account that gets it.
        to: AccountId,
        /// The amount.
        amount: Money,
    },
    /// Notes what an account has answered.
    Note(Answer),
}

/// An account's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The amount was taken from the one account.
    Debited,
    /// The one account does not give it.
    DebitRejected(RejectionReason),
    /// The other account has it.
    Credited,
    /// The other account does not take it.
    CreditRejected(RejectionReason),
    /// The one account has it back.
    Refunded,
}

/// Why a transfer refuses a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// The id is taken, by another command than this one.
    #[error("the id is taken")]
    Exists,
    /// Nothing was created under the id.
    #[error("there is no such transfer")]
    NotCreated,
    /// From an account to itself.
    #[error("a transfer is from one account to another one")]
    SameAccount,
    /// Nothing is to be transferred.
    #[error("a transfer is of more than 0.00")]
    NoAmount,
    /// An account answered what it cannot have been asked. The first answer stands.
    #[error("the answer contradicts what the transfer knows")]
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

/// A transfer only goes forward, so it recognizes the repetition of an answer for ever: it is where that answer leads, or further.
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
