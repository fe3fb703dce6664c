use crate::field;
use axum::extract::FromRequestParts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use commit::Fingerprint;
use http::header::IF_NONE_MATCH;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use std::convert::Infallible;

/// The entity tag of a response, strong, quotes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// Returns the tag determined by these parts, for example the body's bytes, or a document's revision and versions.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        Self(format!(
            "\"{}\"",
            URL_SAFE_NO_PAD.encode(Fingerprint::of(parts).bytes())
        ))
    }

    /// Returns the header's value.
    #[must_use]
    pub fn value(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

/// The `If-None-Match` of a request. An invalid one matches nothing, so the client gets the full response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IfNoneMatch(Vec<String>);

/// Returns the opaque part of an entity tag, quotes included; `None` for anything else. RFC 9110 requires a weak comparison
/// here, which ignores the prefix.
fn opaque(tag: &str) -> Option<&str> {
    let opaque = tag.strip_prefix("W/").unwrap_or(tag);
    let inside = opaque.strip_prefix('"')?.strip_suffix('"')?;
    (!inside.contains('"')).then_some(opaque)
}

impl IfNoneMatch {
    /// Reads it from these headers.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        match &field::elements(headers, IF_NONE_MATCH)[..] {
            [any] if any == "*" => Self(vec!["*".to_owned()]),
            tags => Self(
                tags.iter()
                    .filter_map(|tag| opaque(tag))
                    .map(str::to_owned)
                    .collect(),
            ),
        }
    }

    /// Returns whether the client already has this state.
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
