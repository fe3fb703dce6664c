use commit::StreamId;

/// Why nothing can be expected of a history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpectedError {
    /// What follows from a document cannot be stored.
    #[error("what follows from {document} cannot be stored: {reason}")]
    Unstorable {
        /// The document's key.
        document: String,
        /// What DynamoDB or the engine does not take.
        reason: String,
    },
    /// A commit cannot be applied, or one before it is missing.
    #[error("{stream} {version} cannot be applied")]
    Inapplicable {
        /// The commit's stream.
        stream: StreamId,
        /// The commit's first version.
        version: u64,
    },
}
