//! What is served, over HTTP.
use axum::body::{Body, to_bytes};
use http::{Request, Response};
use serde_json::Value;
use tower::ServiceExt;

async fn get(path: &str, if_none_match: &str) -> Response<Body> {
    let (router, _) = crate::routes().split_for_parts();
    let request = Request::get(path)
        .header("if-none-match", if_none_match)
        .body(Body::empty())
        .unwrap();
    http_api::finish(router).oneshot(request).await.unwrap()
}

#[tokio::test]
async fn the_document_is_served_as_json() {
    let answer = get("/openapi.json", "").await;
    assert_eq!(answer.headers()["content-type"], "application/json");
    let document: Value =
        serde_json::from_slice(&to_bytes(answer.into_body(), usize::MAX).await.unwrap()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
}

#[tokio::test]
async fn a_client_that_has_the_document_gets_304() {
    let tag = get("/openapi.json", "").await.headers()["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(get("/openapi.json", &tag).await.status(), 304);
}

#[tokio::test]
async fn health_is_a_constant() {
    let answer = get("/health", "").await;
    assert_eq!(
        to_bytes(answer.into_body(), 100).await.unwrap(),
        r#"{"status":"ok"}"#
    );
}

#[tokio::test]
async fn the_router_describes_both() {
    let (_, document) = crate::routes().split_for_parts();
    let paths: Vec<&String> = document.paths.paths.keys().collect();
    assert_eq!(paths, ["/health", "/openapi.json"]);
}
