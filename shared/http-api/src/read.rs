use crate::consistency::{CONSISTENCY_TOKEN, ConsistencyToken};
use crate::{ETag, IfNoneMatch, Problem};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use event_store::Loaded;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

/// The header of list, row and tally answers that says whether they are complete: `true`, or `false` while the view is being
/// built for the first time.
pub const VIEW_FILLED: HeaderName = HeaderName::from_static("view-filled");

/// Responds to a read of one stream's state: 200 with the body, or 304 when the client already has this version. Both
/// have the `Consistency-Token` of the version.
///
/// The body must depend on the state alone: there is one body per version of the stream, and its `ETag` is made from
/// the version.
///
/// # Errors
/// 500 when the body cannot be serialized as JSON, for example a map whose keys are not strings: a defect.
pub fn found<S>(asked: &IfNoneMatch, loaded: &Loaded<S>, body: &impl Serialize) -> Result<Response, Problem> {
    let tag = ETag::of(&[
        loaded.stream.to_string().as_bytes(),
        &loaded.version.to_be_bytes(),
    ]);
    let token = ConsistencyToken::of(&loaded.stream, loaded.version);
    let body = serde_json::to_vec(body).map_err(Problem::internal)?;
    Ok(unless_known(asked, &tag, ConsistencyToken::header(&token), body))
}

/// Responds to a read with this JSON, or with 304 and no body when the client already has it. Both have the tag, the
/// `Consistency-Token`, if there is one ([`ConsistencyToken::header`]), and `Cache-Control` (RFC 9110, section 15.4.5).
/// Every response to a read is made here.
///
/// A cache must revalidate the response with its tag: it may be about one person, and the next event changes it.
#[must_use]
pub fn unless_known(
    asked: &IfNoneMatch,
    tag: &ETag,
    token: Option<HeaderValue>,
    body: impl Into<Body>,
) -> Response {
    let mut response = if asked.matches(tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, "application/json")], body.into()).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.extend(tag.value().map(|tag| (ETAG, tag)));
    headers.extend(token.map(|token| (CONSISTENCY_TOKEN, token)));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use futures::executor::block_on;
    use http::HeaderMap;
    use http::header::IF_NONE_MATCH;

    fn answer(asked: &IfNoneMatch, tokens: &[ConsistencyToken]) -> Response {
        unless_known(
            asked,
            &ETag::of(&[b"4"]),
            ConsistencyToken::header(tokens),
            "[1,2]",
        )
    }

    fn body_of(response: Response) -> Vec<u8> {
        block_on(to_bytes(response.into_body(), 1024)).unwrap().to_vec()
    }

    #[test]
    fn not_modified_response_has_the_headers_of_the_full_response() {
        let stream = "lamp#lamp_1".parse().unwrap();
        let tokens = [ConsistencyToken { stream, version: 4 }];
        let first = answer(&IfNoneMatch::default(), &tokens);
        let headers = HeaderMap::from_iter([(IF_NONE_MATCH, first.headers()[ETAG].clone())]);
        let again = answer(&IfNoneMatch::from_headers(&headers), &tokens);
        assert_eq!(
            (first.status(), again.status()),
            (StatusCode::OK, StatusCode::NOT_MODIFIED)
        );
        for name in [ETAG, CACHE_CONTROL, CONSISTENCY_TOKEN] {
            assert_eq!(first.headers()[&name], again.headers()[&name], "{name}");
        }
        assert_eq!(first.headers()[CACHE_CONTROL], "private, no-cache");
        assert_eq!(first.headers()[CONTENT_TYPE], "application/json");
        assert_eq!((body_of(first), body_of(again)), (b"[1,2]".to_vec(), vec![]));
    }

    #[test]
    fn response_that_reflects_no_stream_has_no_token() {
        assert_eq!(ConsistencyToken::of(&"lamp#lamp_1".parse().unwrap(), 0), None);
        let response = answer(&IfNoneMatch::default(), &[]);
        assert!(!response.headers().contains_key(CONSISTENCY_TOKEN));
    }
}
