use aws_sdk_dynamodb::error::BuildError;

/// Why a table was not created.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The definition names something that no table can have: an error in the code that made it.
    #[error("the definition of the table {table} is not valid")]
    Invalid {
        /// The table.
        table: String,
        /// What DynamoDB's client says.
        source: BuildError,
    },
    /// DynamoDB did not do it; creating the table again is safe.
    #[error("{operation} of the table {table} failed: {detail}")]
    Failed {
        /// The DynamoDB operation.
        operation: &'static str,
        /// The table.
        table: String,
        /// What the SDK says.
        detail: String,
    },
    /// It was created and cannot be used yet: look again later.
    #[error("the table {table} did not become active within a minute")]
    NotActive {
        /// The table.
        table: String,
    },
}
