use commit::StreamId;

/// The error when the result of a history cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpectedError {
    /// An item derived from a document cannot be stored.
    #[error("the items derived from {document} cannot be stored: {reason}")]
    Unstorable {
        /// The document's key.
        document: String,
        /// The error of DynamoDB or of the engine.
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
