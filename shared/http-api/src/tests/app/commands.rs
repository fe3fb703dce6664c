use crate::tests::app::{JSON, post_};
use serde_json::Value;

const BODY: &str = r#"{"name":"a","lineItems":[]}"#;

async fn command(headers: &[(&str, &str)], body: &'static str) -> Value {
    let headers: Vec<_> = [JSON].iter().chain(headers).copied().collect();
    let answer = post_("/lamps", &headers, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn repeated_key_gives_the_same_command() {
    let key = ("idempotency-key", "k-1");
    let (first, second) = (command(&[key], BODY).await, command(&[key], BODY).await);
    for part in ["id", "command", "fingerprint"] {
        assert_eq!(first[part], second[part], "{part}");
    }
}

#[tokio::test]
async fn another_body_has_another_fingerprint() {
    let key = ("idempotency-key", "k-1");
    let first = command(&[key], BODY).await;
    let second = command(&[key], r#"{"name":"b","lineItems":[]}"#).await;
    assert_eq!(first["command"], second["command"]);
    assert_ne!(first["fingerprint"], second["fingerprint"]);
}

/// Returns the command and the fingerprint of a command with the key `k-1`.
async fn identity(path: &str, body: &'static str) -> (Value, Value) {
    let answer = post_(path, &[JSON, ("idempotency-key", "k-1")], body).await;
    assert_eq!(answer.status, 201, "{path} {body}: {}", answer.text);
    let answer = answer.json();
    (answer["command"].clone(), answer["fingerprint"].clone())
}

#[tokio::test]
async fn a5_key_is_bound_to_the_operation_its_parameters_and_the_value_of_the_body() {
    const LINE: &str = r#"{"name":"é/1","lineItems":[{"quantity":2}]}"#;
    let first = identity("/lamps/lamp_1/parts", LINE).await;
    for (path, body) in [
        ("/lamps/l%61mp_1/parts", LINE),
        ("/lamps/%6Camp%5f1/parts", LINE),
        (
            "/lamps/lamp_1/parts",
            r#" { "lineItems": [ {"quantity": 2} ], "name": "\u00e9\/1" } "#,
        ),
    ] {
        assert_eq!(identity(path, body).await, first, "{path} {body}");
    }
    let another_body = identity(
        "/lamps/lamp_1/parts",
        r#"{"name":"é/1","lineItems":[{"quantity":3}]}"#,
    )
    .await;
    assert_eq!(another_body.0, first.0);
    assert_ne!(another_body.1, first.1);
    for another in ["/lamps/lamp_2/parts", "/lamps"] {
        assert_ne!(identity(another, LINE).await.0, first.0, "{another}");
    }
}

#[tokio::test]
async fn another_key_gives_another_command() {
    let first = command(&[("idempotency-key", "k-1")], BODY).await;
    let second = command(&[("idempotency-key", "k-2")], BODY).await;
    assert_ne!(first["command"], second["command"]);
    assert_ne!(first["id"], second["id"]);
}

#[tokio::test]
async fn without_a_key_every_command_is_new() {
    let (first, second) = (command(&[], BODY).await, command(&[], BODY).await);
    assert_ne!(first["command"], second["command"]);
    assert_ne!(first["id"], second["id"]);
}

#[tokio::test]
async fn invalid_key_is_refused() {
    for bad in ["", "two words", "schl\u{fc}ssel", &"k".repeat(256)] {
        let answer = post_("/lamps", &[JSON, ("idempotency-key", bad)], BODY).await;
        let expected = (400, "INVALID_IDEMPOTENCY_KEY".into(), "Idempotency-Key".into());
        assert_eq!(answer.problem(), expected, "{bad}");
    }
    let twice = [JSON, ("idempotency-key", "a"), ("idempotency-key", "b")];
    assert_eq!(post_("/lamps", &twice, BODY).await.status, 400);
}

#[tokio::test]
async fn the_commit_time_has_milliseconds() {
    assert_eq!(command(&[], BODY).await["nanos"], 0);
}

#[tokio::test]
async fn command_and_response_have_the_same_correlation_id() {
    let answer = post_("/lamps", &[JSON, ("x-correlation-id", "shop-7")], BODY).await;
    assert_eq!(
        (answer.header("x-correlation-id"), &answer.json()["correlation"]),
        ("shop-7", &"shop-7".into())
    );

    let answer = post_("/lamps", &[JSON, ("x-correlation-id", "not one!")], BODY).await;
    assert_eq!(answer.json()["correlation"], answer.header("x-correlation-id"));
}

#[tokio::test]
async fn creation_returns_location_and_token() {
    let answer = post_("/lamps", &[JSON], BODY).await;
    assert_eq!((answer.status, answer.header("location")), (201, "/lamps/lamp_1"));
    let token: crate::ConsistencyToken = answer.header("consistency-token").parse().unwrap();
    assert_eq!(
        (token.stream.to_string().as_str(), token.version),
        ("lamp#lamp_1", 3)
    );
}

#[tokio::test]
async fn command_that_needs_no_body_accepts_none_or_an_empty_object() {
    assert_eq!(post_("/lamps/lamp_1/on", &[], "").await.status, 200);
    assert_eq!(post_("/lamps/lamp_1/on", &[JSON], "").await.status, 200);
    assert_eq!(post_("/lamps/lamp_1/on", &[JSON], "{}").await.status, 200);
}

#[tokio::test]
async fn command_that_needs_no_body_refuses_any_other_body() {
    for bad in ["{\"a\":1}", "3", "[", "\"x\""] {
        assert_eq!(post_("/lamps/lamp_1/on", &[JSON], bad).await.status, 400, "{bad}");
    }
    assert_eq!(post_("/lamps/lamp_1/on", &[], "{}").await.status, 415);
}
