use crate::state::panic_text;
use crate::view::ApplyError;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why a source of a document was not brought up to date.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A later try can succeed: a table does not answer, or refuses for now.
    Technical(String),
    /// The code is at fault: a later try fails in the same way.
    Defect(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Technical(reason) | Self::Defect(reason) => f.write_str(reason),
        }
    }
}

/// Calls code of a subscriber. A panic is a failure of this document (G7).
pub(crate) fn attempt<T>(call: impl FnOnce() -> Result<T, ApplyError>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(done) => done.map_err(|error| Failure::Defect(error.to_string())),
        Err(panic) => Err(Failure::Defect(format!("panicked: {}", panic_text(&*panic)))),
    }
}
