use crate::tests::app::{JSON, post_};
use axum::body::Body;

async fn refused(body: impl Into<Body>) -> (u16, String, String) {
    post_("/echo", &[JSON], body).await.problem()
}

fn malformed(field: &str) -> (u16, String, String) {
    (400, "MALFORMED_BODY".into(), field.into())
}

#[tokio::test]
async fn valid_body_is_accepted() {
    let good = r#"{"name":"a","lineItems":[{"quantity":1}]}"#;
    assert_eq!(post_("/echo", &[JSON], good).await.text, good);
}

#[tokio::test]
async fn body_that_is_not_json_is_refused() {
    for body in [
        "",
        "{",
        "name=a",
        "nul",
        "{'name':'a'}",
        "[1,]",
        "\u{feff}{}",
        "{\"name\":\"\u{1}\"}",
    ] {
        let (status, code, _) = refused(body).await;
        assert_eq!((status, code.as_str()), (400, "MALFORMED_BODY"), "{body}");
    }
}

#[tokio::test]
async fn body_that_is_not_utf_8_is_refused() {
    assert_eq!(refused(&b"{\"name\":\"\xff\"}"[..]).await, malformed(""));
}

#[tokio::test]
async fn unpaired_surrogate_is_refused() {
    assert_eq!(refused(r#"{"name":"\ud800","lineItems":[]}"#).await.0, 400);
}

#[tokio::test]
async fn trailing_data_is_refused() {
    assert_eq!(refused(r#"{"name":"a","lineItems":[]} {}"#).await, malformed(""));
}

#[tokio::test]
async fn wrong_type_is_refused_with_its_field() {
    for wrong in [
        "\"1\"",
        "1.5",
        "-1",
        "4294967296",
        "1e400",
        "null",
        "[]",
        "{}",
        "true",
    ] {
        let body = format!(r#"{{"name":"a","lineItems":[{{"quantity":1}},{{"quantity":{wrong}}}]}}"#);
        assert_eq!(refused(body).await, malformed("lineItems[1].quantity"), "{wrong}");
    }
}

#[tokio::test]
async fn unknown_field_is_refused_with_its_path() {
    let body = r#"{"name":"a","lineItems":[{"quantity":1,"price":"0.01"}]}"#;
    assert_eq!(refused(body).await, malformed("lineItems[0].price"));
}

#[tokio::test]
async fn missing_field_is_refused_with_its_path() {
    assert_eq!(refused(r#"{"lineItems":[]}"#).await, malformed("name"));
    assert_eq!(
        refused(r#"{"name":"a","lineItems":[{}]}"#).await,
        malformed("lineItems[0].quantity")
    );
}

#[tokio::test]
async fn duplicate_key_is_refused_with_its_path() {
    let body = r#"{"name":"a","lineItems":[{"quantity":1,"quantity":2}]}"#;
    assert_eq!(refused(body).await, malformed("lineItems[0].quantity"));
    let body = r#"{"name":"a","lineItems":[],"x":{"k":1,"\u006b":2}}"#;
    assert_eq!(refused(body).await, malformed("x.k"));
}

#[tokio::test]
async fn a_deep_body_is_refused() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let body = format!("{}1{}", open.repeat(33), close.repeat(33));
        let answer = post_("/echo", &[JSON], body).await;
        assert!(
            answer.json()["detail"].as_str().unwrap().contains("32 levels"),
            "{}",
            answer.text
        );
    }
    // Deep enough to overflow the stack, if the parser recursed.
    assert_eq!(refused("[".repeat(60_000)).await.0, 400);
}

#[tokio::test]
async fn a_large_body_is_refused() {
    let large = format!(r#"{{"name":"{}","lineItems":[]}}"#, "x".repeat(64 * 1024));
    assert_eq!(refused(large).await.1, "BODY_TOO_LARGE");
}

#[tokio::test]
async fn a_large_body_of_unknown_length_is_refused() {
    let chunks = (0..70).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1024]));
    let answer = refused(Body::from_stream(futures::stream::iter(chunks))).await;
    assert_eq!(answer, (413, "BODY_TOO_LARGE".into(), String::new()));
}

#[tokio::test]
async fn incomplete_body_is_refused() {
    let chunks = [Ok("{"), Err(std::io::Error::other("reset"))];
    assert_eq!(
        refused(Body::from_stream(futures::stream::iter(chunks))).await,
        malformed("")
    );
}

#[tokio::test]
async fn another_media_type_is_refused() {
    let wrong = [
        "text/plain",
        "application/jsonx",
        "application/json; charset=latin1",
        "",
        "application/xml",
    ];
    for wrong in wrong {
        let answer = post_("/echo", &[("content-type", wrong)], "{}").await;
        let expected = (415, "UNSUPPORTED_MEDIA_TYPE".into(), "Content-Type".into());
        assert_eq!(answer.problem(), expected, "{wrong}");
    }
    assert_eq!(post_("/echo", &[], "{}").await.status, 415);
    assert_eq!(
        post_("/echo", &[JSON, ("content-type", "text/plain")], "{}")
            .await
            .status,
        415
    );
}

#[tokio::test]
async fn charset_utf_8_is_accepted() {
    let good = r#"{"name":"a","lineItems":[]}"#;
    for right in [
        "application/json; charset=utf-8",
        "Application/JSON;charset=\"UTF-8\"",
    ] {
        assert_eq!(
            post_("/echo", &[("content-type", right)], good).await.status,
            200,
            "{right}"
        );
    }
}

#[tokio::test]
async fn huge_key_is_truncated_in_the_problem() {
    let body = format!(r#"{{"{}":1}}"#, "k".repeat(60_000));
    assert!(post_("/echo", &[JSON], body).await.text.len() < 2_000);
}
