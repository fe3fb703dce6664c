//! Which error to use when: [`ExecuteError`] is what a command handler turns into an answer, [`StoreError`] is what went
//! wrong between this process and the table or inside the stored data.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use commit::{CodecError, InvalidStreamId, StreamId};
use std::error::Error;
use std::fmt::Debug;

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError<E: Error + 'static> {
    /// The aggregate says no. Nothing was stored.
    #[error(transparent)]
    Refused(E),
    /// The command id was used before, for a command with another fingerprint (G4). Nothing was stored.
    #[error("this command id was used for another command before")]
    KeyReused,
    /// Others were faster every time. Nothing was stored; the same command may be sent again.
    #[error("{attempts} attempts to append met commits of others; send the command again")]
    Conflict {
        /// How many appends were refused.
        attempts: u32,
    },
    /// The command's events do not fit into one item. Nothing was stored.
    #[error("the commit has {bytes} bytes, and {limit} are allowed; split the command")]
    TooLarge {
        /// The size of the item by DynamoDB's rules.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The table could not be reached, or holds what cannot be read. When [`StoreError::is_retryable`], it is unknown
    /// whether the command was stored; sending it again under the same command id is safe.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What goes wrong between a process and its event table.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The aggregate's id cannot name a stream.
    #[error(transparent)]
    InvalidStream(#[from] InvalidStreamId),
    /// DynamoDB did not answer, throttled, or failed, after all retries of the SDK.
    #[error("{operation} failed after all retries; try again later")]
    Unavailable {
        /// The DynamoDB operation.
        operation: &'static str,
        /// What the SDK says.
        source: Box<dyn Error + Send + Sync>,
    },
    /// DynamoDB refused the request: a missing table or permission, or an error in this crate. No retry helps.
    #[error("{operation} was refused ({code}): {detail}")]
    Rejected {
        /// The DynamoDB operation.
        operation: &'static str,
        /// DynamoDB's error code.
        code: String,
        /// The whole message.
        detail: String,
    },
    /// A stored event cannot be decoded, or one cannot be encoded.
    #[error("{stream} at version {version}: {source}")]
    Codec {
        /// The stream.
        stream: StreamId,
        /// The event's version.
        version: u64,
        /// What is wrong with it.
        source: CodecError,
    },
    /// An item is not a commit, or does not join the one before it.
    #[error("{place} is damaged: {reason}")]
    Damaged {
        /// The stream and version, or the table, as far as known.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl StoreError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    pub(crate) fn damaged(place: impl ToString, reason: impl ToString) -> Self {
        Self::Damaged {
            place: place.to_string(),
            reason: reason.to_string(),
        }
    }

    pub(crate) fn from_sdk<E, R>(operation: &'static str, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: Debug + Send + Sync + 'static,
    {
        let refused = match &error {
            SdkError::ConstructionFailure(_) => Some("ConstructionFailure".to_owned()),
            SdkError::ServiceError(service) => service
                .err()
                .code()
                .filter(|code| is_final(code))
                .map(str::to_owned),
            _ => None,
        };
        match refused {
            Some(code) => Self::Rejected {
                operation,
                code,
                detail: DisplayErrorContext(&error).to_string(),
            },
            None => Self::Unavailable {
                operation,
                source: Box::new(error),
            },
        }
    }
}

/// Everything else (throttling, limits, internal errors) passes.
fn is_final(code: &str) -> bool {
    matches!(
        code,
        "ValidationException"
            | "ResourceNotFoundException"
            | "AccessDeniedException"
            | "UnrecognizedClientException"
            | "InvalidSignatureException"
            | "MissingAuthenticationTokenException"
            | "SerializationException"
            | "ItemCollectionSizeLimitExceededException"
            | "ConditionalCheckFailedException"
            | "ResourceInUseException"
    )
}
