use crate::Code;
use crate::codes::{
    INTERNAL_ERROR, TEMPORARILY_UNAVAILABLE, UNSUPPORTED_CONTENT_ENCODING, UNSUPPORTED_MEDIA_TYPE,
};
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fmt::Display;
use uuid::Uuid;

/// The media type of RFC 9457.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// The maximum length of a text. Longer texts are truncated: a client's own 64 KB key must not be returned as the name
/// of a field.
const MAX_TEXT: usize = 300;

/// The response to a request that did not succeed: `application/problem+json` (RFC 9457) with a stable `code`.
///
/// The client and the log get different messages: [`Problem::internal`] and [`Problem::unavailable`] take the message
/// for the log and respond with an id that connects the two.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The code of the problem, for programs: `UPPER_SNAKE_CASE`, never changed once published.
    pub code: &'static str,
    /// The description of the problem, for people; may change.
    pub detail: String,
    /// The part of the request that caused the problem, for example `lineItems[0].quantity`, a parameter or a header.
    pub field: Option<String>,
    /// Further members, for example the current status of an order.
    pub extra: Map<String, Value>,
    /// The number of seconds after which to try again.
    pub retry_after: Option<u32>,
}

impl Code {
    /// Creates the problem with this code and a text for people.
    #[must_use]
    pub fn problem(self, detail: impl Display) -> Problem {
        Problem {
            status: self.status,
            code: self.name,
            detail: cut(detail.to_string()),
            field: None,
            extra: Map::new(),
            retry_after: None,
        }
    }
}

impl Problem {
    /// Creates a 500 for a defect. The log gets `log`; the client gets an id and nothing else.
    #[must_use]
    pub fn internal(log: impl Display) -> Self {
        let id = Uuid::now_v7().simple().to_string();
        tracing::error!(error_id = id, error = %log, "internal error");
        INTERNAL_ERROR
            .problem("An internal error occurred. It is logged under the errorId.")
            .with("errorId", id)
    }

    /// Creates a 503: a dependency of this service did not respond, and the client may try again. The log gets `log`.
    #[must_use]
    pub fn unavailable(log: impl Display) -> Self {
        let id = Uuid::now_v7().simple().to_string();
        tracing::warn!(error_id = id, error = %log, "temporarily unavailable");
        TEMPORARILY_UNAVAILABLE
            .problem("Please try again. A command with the same Idempotency-Key takes effect once.")
            .with("errorId", id)
            .retry_after(1)
    }

    /// Sets the part of the request that caused the problem.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(cut(field.into()));
        self
    }

    /// Adds a member to the body, for example the current status.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    /// Sets the number of seconds after which to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Returns the body of the response.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = self.extra.clone();
        // Inserted last, so that no extra member can replace a member of RFC 9457.
        body.insert("type".into(), json!("about:blank"));
        body.insert("title".into(), json!(self.title()));
        body.insert("status".into(), json!(self.status.as_u16()));
        body.insert("code".into(), json!(self.code));
        body.insert("detail".into(), json!(self.detail));
        if let Some(field) = &self.field {
            body.insert("field".into(), json!(field));
        }
        Value::Object(body)
    }

    /// Returns the name of the status, which RFC 9457 requires when `type` is `about:blank`.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.status.canonical_reason().unwrap_or("Error")
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status.as_u16(), self.code)
    }
}

impl std::error::Error for Problem {}

impl Serialize for Problem {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.body().serialize(serializer)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        // How to authenticate (RFC 9110, section 11.6.1).
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // What would be accepted instead (RFC 9110, section 15.5.16).
        if self.code == UNSUPPORTED_MEDIA_TYPE.name {
            headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        }
        if self.code == UNSUPPORTED_CONTENT_ENCODING.name {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        response.extensions_mut().insert(Answered(self.code));
        response
    }
}

/// Passes the problem to the request log, which does not read the body again.
#[derive(Clone)]
pub(crate) struct Answered(pub(crate) &'static str);

fn cut(text: String) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
