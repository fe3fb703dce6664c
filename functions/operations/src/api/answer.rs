use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};
use http_api::Problem;
use jiff::Timestamp;
use serde::Serialize;

/// Returns the JSON response to a command, which must not be cached.
pub(super) fn answer(status: StatusCode, body: &impl Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_vec(body).map_err(Problem::internal)?;
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    Ok((status, headers, body).into_response())
}

/// Returns a 202 response with the path at which progress can be read.
pub(super) fn accepted(location: &str, body: &impl Serialize) -> Result<Response, Problem> {
    let mut response = answer(StatusCode::ACCEPTED, body)?;
    let location = HeaderValue::from_str(location).map_err(Problem::internal)?;
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

/// Rounds a time to whole milliseconds, the precision that is stored.
pub(super) fn told(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}
