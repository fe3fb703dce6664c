use serde::Deserialize;
use utoipa::IntoParams;

/// The headers of every command.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes headers that extractors read")]
pub struct CommandHeaders {
    /// Makes the command safe to repeat: the same key with the same body gets the same response and has one effect; with
    /// another body it is refused with 422. A creation is recognized for ever; a command that changed nothing for a day; any
    /// other as long as at most 16 further commands changed the same resource, and usually many more. A refused command is
    /// not remembered.
    #[serde(rename = "Idempotency-Key")]
    #[param(min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    idempotency_key: Option<String>,
    /// Returned in the response and written to every log line of this request: 1–128 letters, digits, `-`, `_`, `.` or
    /// `:`. An invalid id is replaced, never refused.
    #[serde(rename = "X-Correlation-Id")]
    correlation_id: Option<String>,
}

/// The headers of every read.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes headers that extractors read")]
pub struct ReadHeaders {
    /// The value of this header in the response to a command or to a read of one document; several joined by commas.
    /// The read never returns older state.
    #[serde(rename = "Consistency-Token")]
    consistency_token: Option<String>,
    /// `wait=N`: waits up to N seconds (0–10, of which at most 3 are waited) for the projection before reading the missing
    /// events. Other preferences, and parameters of this one, are ignored (RFC 7240).
    #[serde(rename = "Prefer")]
    #[param(example = "wait=2")]
    prefer: Option<String>,
    /// An `ETag` that the client has. If the state is the same, the response is 304.
    #[serde(rename = "If-None-Match")]
    if_none_match: Option<String>,
}

/// The headers of a read of what no event changes: it takes no `Consistency-Token`.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes headers that extractors read")]
pub struct ConditionalHeaders {
    /// An `ETag` that the client has. If the state is the same, the response is 304.
    #[serde(rename = "If-None-Match")]
    if_none_match: Option<String>,
}
