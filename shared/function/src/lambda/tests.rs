//! The router as a Lambda function behind a REST API, where `lambda_http` passes the event's whole body.

use axum::Router;
use axum::body::to_bytes;
use axum::routing::{get, post};
use http_api::{Command, Query, finish};
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

fn application() -> Router {
    finish(
        Router::new()
            .route(
                "/lamps",
                post(async |command: Command<Named>| axum::Json(command.body.name)),
            )
            .route("/deaf", post(async || "done"))
            .route("/search", get(async |Query(named): Query<Named>| named.name)),
    )
}

/// Builds the event that API Gateway sends for a REST API.
fn event(method: &str, path: &str, body: &Value) -> Value {
    json!({
        "resource": "/{proxy+}", "path": path, "httpMethod": method,
        "headers": { "content-type": "application/json", "Idempotency-Key": "k-1" },
        "multiValueHeaders": { "content-type": ["application/json"], "Idempotency-Key": ["k-1"] },
        "queryStringParameters": null, "multiValueQueryStringParameters": null,
        "pathParameters": null, "stageVariables": null,
        "requestContext": {
            "accountId": "1", "apiId": "a", "httpMethod": method, "identity": {}, "path": path,
            "protocol": "HTTP/1.1", "requestId": "r", "resourceId": "x", "resourcePath": "/{proxy+}", "stage": "$default"
        },
        "body": body, "isBase64Encoded": false
    })
}

async fn send(event: Value) -> (u16, String) {
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = application().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn command_is_executed() {
    let answer = send(event("POST", "/lamps", &json!(r#"{"name":"a"}"#))).await;
    assert_eq!(answer, (200, "\"a\"".into()));
}

#[tokio::test]
async fn base64_body_is_decoded_and_checked() {
    let mut encoded = event("POST", "/lamps", &json!("eyJuYW1lIjoiYSJ9"));
    encoded["isBase64Encoded"] = json!(true);
    assert_eq!(send(encoded).await, (200, "\"a\"".into()));

    let mut not_utf_8 = event("POST", "/lamps", &json!("eyJuYW1lIjoi/yJ9"));
    not_utf_8["isBase64Encoded"] = json!(true);
    assert_eq!(send(not_utf_8).await.0, 400);
}

#[tokio::test]
async fn missing_body_is_empty() {
    let (status, text) = send(event("POST", "/lamps", &Value::Null)).await;
    assert!(status == 400 && text.contains("\"field\":\"name\""), "{text}");
}

#[tokio::test]
async fn large_body_is_refused_even_if_the_handler_does_not_read_it() {
    for path in ["/lamps", "/deaf"] {
        let (status, text) = send(event("POST", path, &json!("x".repeat(65 * 1024)))).await;
        assert!(status == 413 && text.contains("BODY_TOO_LARGE"), "{path}: {text}");
    }
}

#[tokio::test]
async fn decoded_query_is_not_decoded_again() {
    let mut search = event("GET", "/search", &Value::Null);
    search["queryStringParameters"] = json!({ "name": "a&b=c%20ü +" });
    search["multiValueQueryStringParameters"] = json!({ "name": ["a&b=c%20ü +"] });
    assert_eq!(send(search).await, (200, "a&b=c%20ü +".into()));
}

#[tokio::test]
async fn repeated_parameter_is_refused() {
    let mut search = event("GET", "/search", &Value::Null);
    search["queryStringParameters"] = json!({ "name": "b" });
    search["multiValueQueryStringParameters"] = json!({ "name": ["a", "b"] });
    assert_eq!(send(search).await.0, 400);
}
