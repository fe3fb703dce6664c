use axum::response::Response;
use commit::StreamId;
use http::HeaderValue;
use http_api::codes::INVALID_CONSISTENCY_TOKEN;
use http_api::{Consistency, ConsistencyToken, ETag, IfNoneMatch, Problem, cursor, unless_known};
use projection::{Fresh, ReadError, ReadYourWrites};
use serde::Serialize;

/// Converts the client's headers to the versions that the read must reflect (G10).
#[must_use]
pub fn read_your_writes(consistency: Consistency) -> ReadYourWrites {
    ReadYourWrites {
        positions: consistency.positions,
        wait: consistency.wait,
    }
}

/// Converts the error of a read to a problem: 400 `INVALID_CONSISTENCY_TOKEN` for a token that this API did not make,
/// 400 `INVALID_CURSOR` for a position that its list cannot have, 503 for everything else.
#[must_use]
pub fn problem(error: ReadError) -> Problem {
    match error {
        ReadError::ForeignToken { .. } => INVALID_CONSISTENCY_TOKEN
            .problem(error)
            .field("Consistency-Token"),
        ReadError::ForeignPosition => cursor::foreign(),
        ReadError::Quarantined { .. } | ReadError::Unavailable(_) => Problem::unavailable(error),
    }
}

/// Responds to a read of one document: 200 with the body as JSON, or 304 when the client already has it. The tag and
/// the `Consistency-Token` come from the versions that the document reflects: a later read with the token returns
/// nothing older, whichever generation serves.
///
/// # Errors
/// 500 when the body cannot be serialized as JSON, for example a map whose keys are not strings: a defect.
pub fn answer_document<D>(
    key: &str,
    fresh: &Fresh<D>,
    asked: &IfNoneMatch,
    body: &impl Serialize,
) -> Result<Response, Problem> {
    let mut tokens = Vec::with_capacity(fresh.versions.len());
    for (source, version) in &fresh.versions {
        let stream = StreamId::new(source, key).map_err(Problem::internal)?;
        tokens.extend(ConsistencyToken::of(&stream, *version));
    }
    let tag = ETag::of(&[fresh.tag().as_bytes()]);
    let token = ConsistencyToken::header(&tokens);
    Ok(unless_known(asked, &tag, token, encode(body)?))
}

/// Responds as [`answer_document`] does, with a tag that depends on the body and without a token: for pages and
/// everything else that is more than one document.
///
/// # Errors
/// See [`answer_document`].
pub fn answer_by_content(asked: &IfNoneMatch, body: &impl Serialize) -> Result<Response, Problem> {
    answer_with_token(asked, None, body)
}

/// Responds as [`answer_by_content`] does, with this `Consistency-Token`.
///
/// # Errors
/// See [`answer_document`].
pub fn answer_with_token(
    asked: &IfNoneMatch,
    token: Option<HeaderValue>,
    body: &impl Serialize,
) -> Result<Response, Problem> {
    let body = encode(body)?;
    Ok(unless_known(asked, &ETag::of(&[&body]), token, body))
}

fn encode(body: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(body).map_err(Problem::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use axum::extract::FromRequestParts;
    use futures::executor::block_on;
    use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
    use http::{HeaderMap, Request, StatusCode};
    use http_api::{NoParameters, Query};
    use std::time::Duration;

    fn body_of(response: Response) -> Vec<u8> {
        block_on(to_bytes(response.into_body(), 1024)).unwrap().to_vec()
    }

    #[test]
    fn response_is_json_that_must_be_revalidated() {
        let response = answer_by_content(&IfNoneMatch::default(), &[1, 2]).unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(response.headers()[CACHE_CONTROL], "private, no-cache");
        assert_eq!(body_of(response), b"[1,2]");
    }

    #[test]
    fn matching_etag_gets_304_without_body() {
        let first = answer_by_content(&IfNoneMatch::default(), &"soup").unwrap();
        let headers = HeaderMap::from_iter([(IF_NONE_MATCH, first.headers()[ETAG].clone())]);
        let asked = IfNoneMatch::from_headers(&headers);

        let same = answer_by_content(&asked, &"soup").unwrap();
        assert_eq!(same.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(same.headers()[CACHE_CONTROL], "private, no-cache");
        assert_eq!(body_of(same), b"");
        let another = answer_by_content(&asked, &"salad").unwrap();
        assert_eq!(another.status(), StatusCode::OK);
    }

    #[test]
    fn document_response_has_a_token_of_its_versions() {
        let fresh = Fresh {
            document: (),
            revision: 3,
            versions: [("order".to_owned(), 4), ("ticket".to_owned(), 2)].into(),
            time: None,
            caught_up: false,
            links: [].into(),
            generation: 1,
        };
        let response = answer_document("ord_1", &fresh, &IfNoneMatch::default(), &"soup").unwrap();
        let (mut parts, ()) = Request::get("/").body(()).unwrap().into_parts();
        parts.headers = response.headers().clone();
        let sent = block_on(Consistency::from_request_parts(&mut parts, &())).unwrap();
        let expected = [("order#ord_1", 4), ("ticket#ord_1", 2)];
        assert_eq!(
            sent.positions,
            expected.map(|(stream, version)| (stream.parse().unwrap(), version))
        );
    }

    #[test]
    fn consistency_headers_are_passed_to_the_reader() {
        let positions = vec![("order#ord_1".parse().unwrap(), 4)];
        let wait = Some(Duration::from_secs(2));
        let read = read_your_writes(Consistency {
            positions: positions.clone(),
            wait,
        });
        assert_eq!(read, ReadYourWrites { positions, wait });
    }

    #[test]
    fn invalid_token_is_a_client_error() {
        let refused = problem(ReadError::ForeignToken {
            stream: "order#ord_1".parse().unwrap(),
            version: 7,
        });
        assert_eq!(
            (refused.status, refused.code, refused.field.as_deref()),
            (
                StatusCode::BAD_REQUEST,
                "INVALID_CONSISTENCY_TOKEN",
                Some("Consistency-Token")
            )
        );
    }

    #[test]
    fn a10_position_that_a_list_cannot_have_is_a_client_error() {
        let refused = problem(ReadError::ForeignPosition);
        assert_eq!(
            (refused.status, refused.code),
            (StatusCode::BAD_REQUEST, "INVALID_CURSOR")
        );
    }

    #[test]
    fn unavailable_view_is_503_without_details() {
        for error in [
            ReadError::Unavailable("the table sleeps".into()),
            ReadError::Quarantined {
                stream: "order#ord_1".parse().unwrap(),
                version: 7,
                error: "the table sleeps".into(),
            },
        ] {
            let told = problem(error);
            assert_eq!(told.status, StatusCode::SERVICE_UNAVAILABLE);
            assert!(!told.detail.contains("sleeps"), "{}", told.detail);
        }
    }

    #[test]
    fn operation_without_parameters_refuses_any() {
        let parse = |uri: &str| {
            let (mut parts, ()) = Request::get(uri).body(()).unwrap().into_parts();
            block_on(Query::<NoParameters>::from_request_parts(&mut parts, &()))
        };
        assert!(parse("/orders/ord_1").is_ok());
        assert_eq!(
            parse("/orders/ord_1?page=2").unwrap_err().code,
            "INVALID_PARAMETER"
        );
    }
}
