//! Which error to use when: a command handler turns [`ExecuteError`] into a response; [`StoreError`] is a failure
//! between this process and the table or in the stored data.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use commit::{CodecError, InvalidStreamId, StreamId};
use std::error::Error;
use std::fmt::Debug;

/// The error when a command was not executed.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError<E: Error + 'static> {
    /// The aggregate refused the command. Nothing was stored.
    #[error(transparent)]
    Refused(E),
    /// The command id was used before, for a command with another fingerprint (G4). Nothing was stored.
    #[error("this command id was already used for another command; use a new one")]
    KeyReused,
    /// Other writers won every race. Nothing was stored; the same command may be sent again.
    #[error("{attempts} attempts to append conflicted with commits of other writers; send the command again")]
    Conflict {
        /// The number of refused appends.
        attempts: u32,
    },
    /// The command's events do not fit into one item. Nothing was stored.
    #[error("the commit has {bytes} bytes, more than the limit of {limit}; split the command")]
    TooLarge {
        /// The size of the item by DynamoDB's rules.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The table could not be reached, or contains data that cannot be read. When [`StoreError::is_retryable`], it is
    /// unknown whether the command was stored; it is safe to send it again under the same command id.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The error of an operation on an event table.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The aggregate's id is not valid in a stream id.
    #[error(transparent)]
    InvalidStream(#[from] InvalidStreamId),
    /// DynamoDB did not respond, throttled, or failed, after all retries of the SDK.
    #[error("{operation} failed after all retries; try again later")]
    Unavailable {
        /// The DynamoDB operation.
        operation: &'static str,
        /// The SDK's error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// DynamoDB refused the request: a table or permission is missing, or this crate has a defect. A retry does not
    /// help.
    #[error("{operation} was refused ({code}): {detail}")]
    Rejected {
        /// The DynamoDB operation.
        operation: &'static str,
        /// DynamoDB's error code.
        code: String,
        /// The full message.
        detail: String,
    },
    /// A stored event cannot be decoded, or a new event cannot be encoded.
    #[error("{stream} at version {version}: {source}")]
    Codec {
        /// The stream.
        stream: StreamId,
        /// The event's version.
        version: u64,
        /// The cause.
        source: CodecError,
    },
    /// An item is not a commit, or its version does not follow the one before it.
    #[error("{place} is damaged: {reason}")]
    Damaged {
        /// The stream and version, or the table, as far as known.
        place: String,
        /// The cause.
        reason: String,
    },
}

impl StoreError {
    /// Returns whether the same call may succeed later.
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

/// Returns whether a retry cannot help. Every other error (throttling, limits, internal errors) is temporary.
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
