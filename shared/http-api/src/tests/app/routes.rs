use crate::tests::app::{get_, post_, send};
use axum::body::Body;
use http::{HeaderMap, Request};

#[tokio::test]
async fn valid_id_is_accepted() {
    assert_eq!(get_("/lamps/lamp_7", &[]).await.text, "lamp_7");
}

#[tokio::test]
async fn invalid_id_is_refused() {
    for bad in [
        "room_7",
        "lamp_..%2Fx",
        "lamp_%00",
        "%ff",
        "lamp_%C3%BC",
        "%2e%2e",
    ] {
        let answer = get_(&format!("/lamps/{bad}"), &[]).await;
        assert_eq!(answer.problem(), (400, "INVALID_ID".into(), "id".into()), "{bad}");
    }
}

#[tokio::test]
async fn two_ids_are_extracted_in_path_order() {
    assert_eq!(get_("/rooms/3/lamps/lamp_7", &[]).await.text, "3 lamp_7");
}

#[tokio::test]
async fn first_invalid_id_of_two_is_named() {
    for (path, field) in [
        ("/rooms/kitchen/lamps/lamp_7", "room"),
        ("/rooms/3/lamps/7", "lamp"),
        ("/rooms/kitchen/lamps/7", "room"),
    ] {
        let answer = get_(path, &[]).await;
        assert_eq!(
            answer.problem(),
            (400, "INVALID_ID".into(), field.into()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_problem() {
    assert_eq!(get_("/nowhere", &[]).await.problem().1, "NO_SUCH_RESOURCE");
    assert_eq!(get_("/lamps/lamp_1/..%2f", &[]).await.problem().0, 404);
}

#[tokio::test]
async fn unsupported_method_is_a_problem_with_allow_header() {
    let answer = get_("/echo", &[]).await;
    assert_eq!(answer.problem().1, "METHOD_NOT_ALLOWED");
    assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
}

#[tokio::test]
async fn a8_head_has_the_headers_of_get_and_no_body() {
    for path in ["/tagged", "/lamps/lamp_7", "/lamps/7", "/timed", "/nowhere"] {
        let correlation = ("x-correlation-id", "c-1");
        let whole = get_(path, &[correlation]).await;
        let request = Request::head(path).header(correlation.0, correlation.1);
        let head = send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((head.status, head.text.as_str()), (whole.status, ""), "{path}");
        let length = head.headers.get("content-length").cloned();
        assert_eq!(
            length.unwrap().to_str().unwrap(),
            whole.text.len().to_string(),
            "{path}"
        );
        let without_length = |mut headers: HeaderMap| {
            headers.remove("content-length");
            headers
        };
        assert_eq!(
            without_length(head.headers),
            without_length(whole.headers),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a6_times_of_an_answer_have_the_same_width() {
    let answer = get_("/timed", &[]).await;
    assert_eq!(answer.text, r#"{"at":"2026-11-23T18:30:08.400Z"}"#);
}

#[tokio::test]
async fn defect_returns_an_error_id_without_details() {
    for path in ["/panic", "/broken"] {
        let answer = get_(path, &[]).await;
        assert_eq!(
            answer.problem(),
            (500, "INTERNAL_ERROR".into(), String::new()),
            "{path}"
        );
        assert!(!answer.text.contains("secret"), "{}", answer.text);
        assert_eq!(answer.json()["errorId"].as_str().unwrap().len(), 32);
    }
}

#[tokio::test]
async fn other_error_is_converted_to_a_problem() {
    assert_eq!(
        get_("/plain", &[]).await.problem(),
        (400, "BAD_REQUEST".into(), String::new())
    );
}

#[tokio::test]
async fn unread_body_is_limited() {
    assert_eq!(
        post_("/nowhere", &[], vec![0; 70_000]).await.problem().1,
        "BODY_TOO_LARGE"
    );
}

#[tokio::test]
async fn every_answer_has_a_correlation_id() {
    for path in ["/lamps/lamp_1", "/nowhere", "/panic"] {
        assert_eq!(
            get_(path, &[]).await.header("x-correlation-id").len(),
            22,
            "{path}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a13_request_that_takes_too_long_is_answered_before_the_function_ends() {
    let answer = tokio::time::timeout(settings::HTTP_TIMEOUT, get_("/stuck", &[]));
    let answer = answer.await.expect("an answer before the function's timeout");
    assert_eq!(
        answer.problem(),
        (503, "TEMPORARILY_UNAVAILABLE".into(), String::new())
    );
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.header("x-correlation-id").len(), 22);
}
