use aws_sdk_dynamodb::error::BuildError;

/// The error when a table was not created.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The definition is invalid: a defect in the code that built it.
    #[error("the definition of the table {table} is not valid")]
    Invalid {
        /// The table.
        table: String,
        /// The error of the DynamoDB client.
        source: BuildError,
    },
    /// The DynamoDB call failed. Creating the table again is safe.
    #[error("{operation} of the table {table} failed: {detail}")]
    Failed {
        /// The DynamoDB operation.
        operation: &'static str,
        /// The table.
        table: String,
        /// The SDK's message.
        detail: String,
    },
    /// The table was created but is not active yet. Check again later.
    #[error("the table {table} did not become active within a minute")]
    NotActive {
        /// The table.
        table: String,
    },
}
