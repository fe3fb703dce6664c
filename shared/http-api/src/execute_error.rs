use crate::Problem;
use crate::codes::{COMMAND_TOO_LARGE, IDEMPOTENCY_KEY_REUSED, TOO_MANY_CONFLICTS};
use commit::CodecError;
use event_store::{ExecuteError, StoreError};
use std::error::Error;

impl<E: Error + Into<Problem>> From<ExecuteError<E>> for Problem {
    fn from(error: ExecuteError<E>) -> Self {
        match error {
            ExecuteError::Refused(refusal) => refusal.into(),
            ExecuteError::KeyReused => Self::key_reused(),
            ExecuteError::Conflict { .. } => Self::overtaken(),
            ExecuteError::TooLarge { limit, .. } => COMMAND_TOO_LARGE.problem(format_args!(
                "What this command stores is larger than {limit} bytes. Split it."
            )),
            ExecuteError::Store(error) => error.into(),
        }
    }
}

impl Problem {
    /// 422: the client's `Idempotency-Key` is that of another command.
    #[must_use]
    pub fn key_reused() -> Self {
        IDEMPOTENCY_KEY_REUSED
            .problem("This Idempotency-Key was used with another request before.")
            .field("Idempotency-Key")
    }

    /// 409: others changed what the command is about, and it can be repeated.
    #[must_use]
    pub fn overtaken() -> Self {
        TOO_MANY_CONFLICTS
            .problem("Others changed it at the same time. Send the same request again.")
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

/// With its causes, and without the data that could not be decoded: that may be personal.
fn for_the_log(error: &StoreError) -> String {
    if let StoreError::Codec {
        stream,
        version,
        source: CodecError::Malformed { kind, schema, .. },
    } = error
    {
        return format!("{stream} at version {version}: {kind} v{schema} cannot be read");
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
