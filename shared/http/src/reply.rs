use crate::Problem;
use crate::consistency::{CONSISTENCY_TOKEN, ConsistencyToken};
use axum::response::{IntoResponse, Response};
use commit::StreamId;
use event_store::{Decider, Executed};
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Where a stream stands after a command: what becomes the `Consistency-Token` of the answer.
pub trait Position {
    /// The stream.
    fn stream(&self) -> &StreamId;
    /// Its version; 0 when there is no such stream, and then no token.
    fn version(&self) -> u64;
    /// Whether this had been answered before: the answer then says `Idempotent-Replayed: true`.
    fn replayed(&self) -> bool {
        false
    }
}

impl<D: Decider> Position for Executed<D> {
    fn stream(&self) -> &StreamId {
        &self.stream
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn replayed(&self) -> bool {
        self.replayed
    }
}

impl Position for (StreamId, u64) {
    fn stream(&self) -> &StreamId {
        &self.0
    }
    fn version(&self) -> u64 {
        self.1
    }
}

/// 201 with `Location`, the body and the `Consistency-Token`.
pub fn created(location: &str, body: &impl Serialize, position: &impl Position) -> Response {
    let mut response = ok(body, position);
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

/// 200 with the body and the `Consistency-Token`.
pub fn ok(body: &impl Serialize, position: &impl Position) -> Response {
    let body = match serde_json::to_vec(body) {
        Ok(body) => body,
        Err(error) => return Problem::internal(error).into_response(),
    };
    let mut response = (StatusCode::OK, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if position.version() > 0 {
        let token = ConsistencyToken {
            stream: position.stream().clone(),
            version: position.version(),
        };
        if let Some(value) = ConsistencyToken::header([&token]) {
            headers.insert(CONSISTENCY_TOKEN, value);
        }
    }
    if position.replayed() {
        headers.insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
