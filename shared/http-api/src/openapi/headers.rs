use serde::Deserialize;
use utoipa::IntoParams;

/// The headers that every command takes.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes headers that extractors read")]
pub struct CommandHeaders {
    /// Makes the command safe to repeat: the same key with the same body gives the same answer and one effect; with
    /// another body it is refused with 422.
    #[serde(rename = "Idempotency-Key")]
    #[param(min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    idempotency_key: Option<String>,
    /// Comes back in the answer and stands in every log line about this request: 1–128 letters, digits, `-`, `_`, `.` or
    /// `:`. Another one is replaced, never refused.
    #[serde(rename = "X-Correlation-Id")]
    correlation_id: Option<String>,
}

/// The headers that every read takes.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes headers that extractors read")]
pub struct ReadHeaders {
    /// What a command, or a read of one document, answered in this header; several joined by commas. The read never answers
    /// older state.
    #[serde(rename = "Consistency-Token")]
    consistency_token: Option<String>,
    /// `wait=N`: wait up to N seconds (0–10) for the projection before catching up from the events.
    #[serde(rename = "Prefer")]
    #[param(example = "wait=2")]
    prefer: Option<String>,
    /// An `ETag` that the client has: the same state is answered with 304.
    #[serde(rename = "If-None-Match")]
    if_none_match: Option<String>,
}
