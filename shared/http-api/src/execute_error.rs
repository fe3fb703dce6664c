use crate::Problem;
use crate::codes::{COMMAND_TOO_LARGE, IDEMPOTENCY_KEY_REUSED, TOO_MANY_CONFLICTS};
use event_store::{ExecuteError, StoreError};
use std::error::Error;

impl<E: Error + Into<Problem>> From<ExecuteError<E>> for Problem {
    fn from(error: ExecuteError<E>) -> Self {
        match error {
            ExecuteError::Refused(refusal) => refusal.into(),
            ExecuteError::KeyReused => Self::key_reused(),
            ExecuteError::Conflict { .. } => Self::overtaken(),
            ExecuteError::TooLarge { limit, .. } => COMMAND_TOO_LARGE.problem(format_args!(
                "The data that this command stores is larger than {limit} bytes. Split the command."
            )),
            ExecuteError::Store(error) => error.into(),
        }
    }
}

impl Problem {
    /// Returns 422: the client's `Idempotency-Key` was used for another command.
    #[must_use]
    pub fn key_reused() -> Self {
        IDEMPOTENCY_KEY_REUSED
            .problem("This Idempotency-Key was already used with another request.")
            .field("Idempotency-Key")
    }

    /// Returns 409: concurrent commands changed the state, and the command can be repeated.
    #[must_use]
    pub fn overtaken() -> Self {
        TOO_MANY_CONFLICTS
            .problem(
                "Other requests changed the same resource at the same time. Send the same request again.",
            )
            .retry_after(1)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_retryable() {
            Self::unavailable(for_the_log(&error))
        } else {
            Self::internal(for_the_log(&error))
        }
    }
}

/// Returns the error with its causes. Errors of decoders quote no data, which may be personal.
fn for_the_log(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
