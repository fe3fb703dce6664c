use super::task::BellError;

/// Why an operator's request was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// There is no such rebuild, sweep or document. HTTP 404.
    #[error("{0}")]
    NotFound(String),
    /// The state does not allow it; the text says which state it is and what to do instead. HTTP 409.
    #[error("{0}")]
    Refused(String),
    /// A table or a queue does not answer now, or others changed the same thing every time. HTTP 503: try again.
    #[error("it could not be done now, try again: {0}")]
    Unavailable(String),
}

impl From<BellError> for ControlError {
    fn from(error: BellError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// Why a task is to be delivered again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkError {
    /// A table or a queue did not answer.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// A queue did not take a task.
    #[error(transparent)]
    Bell(#[from] BellError),
    /// The task names a subscriber that this worker does not have: it is not wired.
    #[error("no subscriber {0:?} is wired to this worker")]
    Unknown(String),
}
