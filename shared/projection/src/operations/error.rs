use super::task::BellError;

/// The error when an operator's request was not executed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// The rebuild, sweep or document does not exist. HTTP 404.
    #[error("{0}")]
    NotFound(String),
    /// The state does not allow the request; the text contains the state and what to do instead. HTTP 409.
    #[error("{0}")]
    Refused(String),
    /// A table or a queue does not respond, or every attempt lost a race with other changes. HTTP 503: try again.
    #[error("temporarily unavailable, try again: {0}")]
    Unavailable(String),
}

impl From<BellError> for ControlError {
    fn from(error: BellError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// The error when a task must be delivered again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkError {
    /// A table or a queue did not respond.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// A queue did not accept a task.
    #[error(transparent)]
    Bell(#[from] BellError),
    /// The task names a subscriber or an event table that this worker does not have: the worker is not configured for it.
    #[error("this worker has no subscriber or event table {0:?}")]
    Unknown(String),
    /// An item of an event table is not a commit, and its key names no stream: no subscriber can be told of it. The task
    /// ends in the dead-letter queue of tasks, whose alarm stays until a person has looked at the item.
    #[error("the item {stream:?} {version:?} of {table} is not a commit, and its key names no stream")]
    NotACommit {
        /// The event table.
        table: String,
        /// The partition key, if it can be read.
        stream: Option<String>,
        /// The sort key, if it can be read.
        version: Option<String>,
    },
}
