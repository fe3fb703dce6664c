use crate::new::NewError;
use serde_json::Value;
use std::time::Duration;

/// Why a command failed (exit code 1). The text says what to do next.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The address does not respond.
    #[error(
        "no reply from {url}: {reason}\nStart the API (`cargo run` in the checkout), or give another address with --url or BELVEDERE_URL."
    )]
    Unreachable { url: String, reason: String },
    /// The program was built without TLS.
    #[error(
        "{0} needs TLS, and this program was built without it.\nBuild it with TLS: `cargo install --path cli --features tls` in Belvedere's checkout."
    )]
    NoTls(String),
    /// The API refused the request.
    #[error("{detail} ({status} {code}){next}")]
    Refused {
        status: u16,
        code: String,
        detail: String,
        next: String,
    },
    /// The reply does not come from this API.
    #[error(
        "{url} sent a reply that this program does not understand: {reason}\nIs it the address of Belvedere's API, in the same version as this program?"
    )]
    Strange { url: String, reason: String },
    /// The wait has reached its timeout.
    #[error(
        "{what} within {after:?}; the work continues without this command.\nCheck it later, or wait longer with --timeout."
    )]
    TimedOut { what: String, after: Duration },
    /// The work ended without success.
    #[error("{0}")]
    Ended(String),
    /// The request cannot be signed.
    #[error(transparent)]
    Signature(#[from] aws_signature::SignatureError),
    /// `new` was refused or failed.
    #[error(transparent)]
    New(#[from] NewError),
    /// The output can no longer be written.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

impl Failure {
    /// Reads a problem's body.
    pub(crate) fn refused(status: u16, problem: &Value) -> Self {
        let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
        let code = text("code");
        let next = next(status, &code).map_or_else(String::new, |next| format!("\n{next}"));
        // Errors of API Gateway itself, for example its 403, have `message`.
        let detail = [text("detail"), text("message")]
            .into_iter()
            .find(|text| !text.is_empty());
        Self::Refused {
            status,
            code,
            detail: detail.unwrap_or_else(|| "the request was refused".to_owned()),
            next,
        }
    }

    pub(crate) fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == wanted)
    }
}

fn next(status: u16, code: &str) -> Option<&'static str> {
    Some(match code {
        "UNKNOWN_VIEW" => "`belvedere views` lists them.",
        "UNKNOWN_REBUILD" | "INVALID_STATE_TRANSITION" => {
            "`belvedere rebuilds VIEW` lists them with their states."
        }
        "REBUILD_UNDER_WAY" => {
            "`belvedere rebuilds VIEW` shows it; `belvedere flip VIEW` or `belvedere abort VIEW` ends it."
        }
        "PREVIOUS_NOT_RETIRED" => {
            "`belvedere retire VIEW` deletes the previous generation, `belvedere rollback VIEW` returns to it."
        }
        "SWEEP_UNDER_WAY" => "`belvedere views` shows which.",
        "NOT_QUARANTINED" | "NOT_QUARANTINED_THERE" => {
            "`belvedere quarantine VIEW` lists the quarantined documents."
        }
        _ if status == 401 || status == 403 => {
            "On AWS the API requires signed requests: set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION."
        }
        _ if status == 429 || status >= 500 => "Try again in a moment.",
        _ => return None,
    })
}
