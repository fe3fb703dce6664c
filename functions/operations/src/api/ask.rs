use super::codes::UNKNOWN_REBUILD;
use http_api::codes::INVALID_STATE_TRANSITION;
use http_api::{Code, Problem};
use projection::operations::{Control, ControlError, Rebuild};

/// One subscriber.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a>(pub(super) &'a Control);

impl Asked<'_> {
    pub(super) async fn rebuild(self, number: u64) -> Result<Rebuild, Problem> {
        let found = self.0.rebuild(number).await;
        let found = found.map_err(|error| problem(error, UNKNOWN_REBUILD))?;
        found.ok_or_else(|| {
            let name = &self.0.subject().name;
            let detail = format_args!("{name} has no rebuild {number}.");
            UNKNOWN_REBUILD.problem(detail).field("id")
        })
    }
}

/// Returns the problem for the client. `unknown` is the code if something does not exist. Callers handle expected
/// refusals with codes of their own; a refusal reaches this function only if the state changed in between.
pub(super) fn problem(error: ControlError, unknown: Code) -> Problem {
    match error {
        ControlError::NotFound(reason) => unknown.problem(sentence(&reason)),
        ControlError::Refused(reason) => INVALID_STATE_TRANSITION.problem(sentence(&reason)),
        ControlError::Unavailable(_) => Problem::unavailable(error),
    }
}

/// Returns a reason of the engine as a sentence.
pub(super) fn sentence(reason: &str) -> String {
    format!("{reason}.")
}
