use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use commit::Fingerprint;
use http::header::{ETAG, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use std::convert::Infallible;

/// The entity tag of an answer, strong, quotes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// The tag of what these parts determine, for example the body's bytes, or a document's revision and versions.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        Self(format!(
            "\"{}\"",
            URL_SAFE_NO_PAD.encode(Fingerprint::of(parts).bytes())
        ))
    }

    /// As it stands in the header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The answer with this tag, or 304 without a body when the client has it already.
    #[must_use]
    pub fn answer(&self, asked: &IfNoneMatch, answer: impl IntoResponse) -> Response {
        let mut response = if asked.matches(self) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            answer.into_response()
        };
        if let Ok(value) = HeaderValue::from_str(&self.0) {
            response.headers_mut().insert(ETAG, value);
        }
        response
    }
}

/// The `If-None-Match` of a request. One that cannot be read matches nothing: the client gets the whole answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IfNoneMatch(Vec<String>);

impl IfNoneMatch {
    /// The one in these headers.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let tags = headers.get_all(IF_NONE_MATCH).iter();
        Self(
            tags.filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
                // Weak comparison, as RFC 9110 asks for here.
                .map(|tag| tag.trim().trim_start_matches("W/").to_owned())
                .collect(),
        )
    }

    /// Whether the client has this already.
    #[must_use]
    pub fn matches(&self, tag: &ETag) -> bool {
        self.0.iter().any(|own| own == "*" || *own == tag.0)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::from_headers(&parts.headers))
    }
}
