use crate::Problem;
use crate::consistency::{CONSISTENCY_TOKEN, ConsistencyToken};
use axum::response::{IntoResponse, Response};
use event_store::{Decider, Executed};
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Responds with 201, `Location`, the body and the `Consistency-Token`.
pub fn created<D: Decider>(location: &str, body: &impl Serialize, executed: &Executed<D>) -> Response {
    let mut response = ok(body, executed);
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::CREATED;
        match HeaderValue::from_str(location) {
            Ok(value) => {
                response.headers_mut().insert(LOCATION, value);
            }
            Err(error) => return Problem::internal(error).into_response(),
        }
    }
    response
}

/// Responds with 200, the body and the `Consistency-Token`; `Idempotent-Replayed: true` when the command was executed
/// before.
pub fn ok<D: Decider>(body: &impl Serialize, executed: &Executed<D>) -> Response {
    let body = match serde_json::to_vec(body) {
        Ok(body) => body,
        Err(error) => return Problem::internal(error).into_response(),
    };
    let mut response = (StatusCode::OK, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let token = ConsistencyToken::of(&executed.stream, executed.version);
    if let Some(value) = ConsistencyToken::header(&token) {
        headers.insert(CONSISTENCY_TOKEN, value);
    }
    marked(executed.replayed, response)
}

/// Adds `Idempotent-Replayed: true` to the response to a command that was executed before.
#[must_use]
pub fn marked(replayed: bool, mut response: Response) -> Response {
    if replayed {
        let value = HeaderValue::from_static("true");
        response.headers_mut().insert(IDEMPOTENT_REPLAYED, value);
    }
    response
}
