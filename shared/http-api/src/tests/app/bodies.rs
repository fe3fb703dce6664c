use crate::tests::app::{JSON, application, post_};
use axum::body::Body;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

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
async fn a7_hidden_character_in_any_text_is_refused_with_its_path() {
    for hidden in [
        "\u{61c}",
        "\\u061c",
        "\u{3164}",
        "\\uffff",
        "\u{200b}",
        "\u{e0041}",
        "\\n",
    ] {
        let body = format!(r#"{{"name":"a{hidden}b","lineItems":[]}}"#);
        assert_eq!(refused(body).await, malformed("name"), "{hidden}");
    }
    for unseen in ["\u{3164}", "\u{2800}", "\u{ad}", " ", "\u{3000}"] {
        let body = format!(r#"{{"name":"{unseen}","lineItems":[]}}"#);
        assert_eq!(refused(body).await, malformed("name"), "{unseen:?}");
    }
    for fine in [
        "چلوکباب\u{200c}ها",
        "👩\u{200d}🍳",
        "ශ\u{dca}\u{200d}ර\u{dd3}",
        "",
    ] {
        let body = format!(r#"{{"name":"{fine}","lineItems":[]}}"#);
        assert_eq!(post_("/echo", &[JSON], body.clone()).await.text, body);
    }
}

#[tokio::test]
async fn a8_json_may_be_declared_as_utf_8_in_any_way() {
    for fine in [
        "application/json;charset=utf-8",
        "Application/JSON; Charset=\"UTF-8\"",
        "application/json; charset=utf8",
        "application/json; charset=US-ASCII",
        "application/json; profile=\"a;charset=latin1\"",
        "application/json;",
    ] {
        let answer = post_("/lamps/lamp_1/on", &[("content-type", fine)], "{}").await;
        assert_eq!(answer.status, 200, "{fine}");
    }
    for other in [
        "application/json; charset=\"latin1\"",
        "application/json; charset=utf-16",
        "application/json; charset=",
        "application/json; charset=utf-8; charset=latin1",
        "application/json, application/json",
        ";application/json",
    ] {
        let answer = post_("/lamps/lamp_1/on", &[("content-type", other)], "{}").await;
        assert_eq!(answer.problem().1, "UNSUPPORTED_MEDIA_TYPE", "{other}");
        assert_eq!(answer.header("accept"), "application/json");
    }
}

#[tokio::test]
async fn a8_encoded_body_is_refused() {
    for encoding in [
        "gzip",
        "GZIP",
        "br, identity",
        "deflate",
        "zstd",
        "aws-chunked",
        "\u{e9}",
    ] {
        let headers = [JSON, ("content-encoding", encoding)];
        for path in ["/echo", "/lamps"] {
            let answer = post_(path, &headers, &b"\x1f\x8b\x08"[..]).await;
            let expected = (
                415,
                "UNSUPPORTED_CONTENT_ENCODING".into(),
                "Content-Encoding".into(),
            );
            assert_eq!(answer.problem(), expected, "{encoding}");
            assert_eq!(answer.header("accept-encoding"), "identity");
        }
    }
    for none in ["identity", "", ",", "Identity,"] {
        let headers = [JSON, ("content-encoding", none)];
        assert_eq!(
            post_("/lamps/lamp_1/on", &headers, "{}").await.status,
            200,
            "{none}"
        );
    }
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

/// Sends these bytes to a server of the application, and returns everything that it answers until it closes the connection.
async fn over_a_connection(request: &str) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, application()).await });
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let end = timeout(Duration::from_secs(20), client.read_to_end(&mut answer)).await;
    server.abort();
    let answer = String::from_utf8(answer).unwrap();
    assert!(end.is_ok(), "the connection stays open after: {answer}");
    answer
}

#[tokio::test]
async fn a12_client_that_asks_first_is_refused_before_it_sends() {
    let head = "Host: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n";
    for path in ["/echo", "/lamps", "/nowhere"] {
        for length in ["65537", "10737418240"] {
            let request = format!("POST {path} HTTP/1.1\r\n{head}Content-Length: {length}\r\n\r\n");
            let answer = over_a_connection(&request).await;
            assert!(answer.starts_with("HTTP/1.1 413 "), "{path} {length}: {answer}");
            assert!(answer.contains("BODY_TOO_LARGE"), "{path} {length}: {answer}");
        }
    }
}
