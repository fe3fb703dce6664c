use axum::response::Response;
use commit::StreamId;
use http_api::codes::INVALID_CONSISTENCY_TOKEN;
use http_api::{Consistency, ConsistencyToken, ETag, IfNoneMatch, Problem, unless_known};
use projection::{Fresh, ReadError, ReadYourWrites};
use serde::{Deserialize, Serialize};

/// The query string of an operation that has no parameters: whatever stands in it is refused, as everywhere.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

/// What the client's headers say of how fresh the answer must be, as a reader takes it (G10).
#[must_use]
pub fn read_your_writes(consistency: Consistency) -> ReadYourWrites {
    ReadYourWrites {
        positions: consistency.positions,
        wait: consistency.wait,
    }
}

/// What the client is told when a view gave no answer: 400 `INVALID_CONSISTENCY_TOKEN` for a token that is not one of ours,
/// 503 for everything else.
#[must_use]
pub fn problem(error: ReadError) -> Problem {
    match error {
        ReadError::ForeignToken { .. } => INVALID_CONSISTENCY_TOKEN
            .problem(error)
            .field("Consistency-Token"),
        ReadError::Quarantined { .. } | ReadError::Unavailable(_) => Problem::unavailable(error),
    }
}

/// Answers a read of one document: 200 with the body as JSON, or 304 when the client has it already. The tag and the
/// `Consistency-Token` come from the versions that it reflects: whoever sends the token with the next read gets nothing
/// older, whichever generation serves by then.
///
/// # Errors
/// 500 when the body has no JSON, for example a map whose keys are not strings: a defect.
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
    Ok(unless_known(asked, &tag, &tokens, encode(body)?))
}

/// As [`answer_document`], with a tag that follows from the body and without a token: for pages and everything else that is
/// more than one document.
///
/// # Errors
/// As [`answer_document`].
pub fn answer_by_content(asked: &IfNoneMatch, body: &impl Serialize) -> Result<Response, Problem> {
    let body = encode(body)?;
    Ok(unless_known(asked, &ETag::of(&[&body]), [], body))
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
    use http_api::Query;
    use std::time::Duration;

    fn body_of(response: Response) -> Vec<u8> {
        block_on(to_bytes(response.into_body(), 1024)).unwrap().to_vec()
    }

    #[test]
    fn an_answer_is_json_that_must_be_asked_for_again() {
        let response = answer_by_content(&IfNoneMatch::default(), &[1, 2]).unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(response.headers()[CACHE_CONTROL], "private, no-cache");
        assert_eq!(body_of(response), b"[1,2]");
    }

    #[test]
    fn who_has_it_already_is_told_so_and_nothing_else() {
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
    fn the_answer_with_a_document_says_which_versions_it_reflects() {
        let fresh = Fresh {
            document: (),
            revision: 3,
            versions: [("order".to_owned(), 4), ("ticket".to_owned(), 2)].into(),
            time: None,
            caught_up: false,
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
    fn what_the_client_asked_for_reaches_the_reader() {
        let positions = vec![("order#ord_1".parse().unwrap(), 4)];
        let wait = Some(Duration::from_secs(2));
        let read = read_your_writes(Consistency {
            positions: positions.clone(),
            wait,
        });
        assert_eq!(read, ReadYourWrites { positions, wait });
    }

    #[test]
    fn a_foreign_token_is_the_clients_error() {
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
    fn what_cannot_be_read_now_may_be_asked_for_later_and_says_nothing_of_the_inside() {
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
    fn who_takes_no_parameters_refuses_all() {
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
