use super::codes::UNKNOWN_REBUILD;
use http_api::codes::INVALID_STATE_TRANSITION;
use http_api::{Code, Problem};
use projection::operations::{Control, ControlError, Rebuild};
use std::time::Duration;
use tokio::time::timeout;

/// What a request may take of the tables and queues; the function itself has ten seconds.
const PATIENCE: Duration = Duration::from_secs(8);

/// One subscriber, asked with a deadline. Whoever is told that it was not done in time may ask again: everything may be
/// asked twice.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a>(pub(super) &'a Control);

impl Asked<'_> {
    pub(super) async fn within<T>(
        self,
        call: impl Future<Output = Result<T, ControlError>>,
    ) -> Result<T, ControlError> {
        timeout(PATIENCE, call).await.unwrap_or_else(|_| {
            let name = &self.0.subject().name;
            Err(ControlError::Unavailable(format!(
                "{name} took longer than {PATIENCE:?}"
            )))
        })
    }

    pub(super) async fn rebuild(self, number: u64) -> Result<Rebuild, Problem> {
        let found = self.within(self.0.rebuild(number)).await;
        let found = found.map_err(|error| problem(error, UNKNOWN_REBUILD))?;
        found.ok_or_else(|| {
            let name = &self.0.subject().name;
            let detail = format_args!("{name} has no rebuild {number}.");
            UNKNOWN_REBUILD.problem(detail).field("id")
        })
    }
}

/// What the client is told; `unknown` is the code when something is not there. A refusal has a code of its own, and is only
/// met here when the state changed a moment ago.
pub(super) fn problem(error: ControlError, unknown: Code) -> Problem {
    match error {
        ControlError::NotFound(reason) => unknown.problem(sentence(&reason)),
        ControlError::Refused(reason) => INVALID_STATE_TRANSITION.problem(sentence(&reason)),
        ControlError::Unavailable(_) => Problem::unavailable(error),
    }
}

/// A reason of the engine's as a sentence of the API's.
pub(super) fn sentence(reason: &str) -> String {
    format!("{reason}.")
}
