//! The two endpoints over HTTP.
use testkit::Client;

const DOCUMENT: &str = r#"{"openapi":"3.1.0"}"#;

#[tokio::test]
async fn document_is_served_as_json() {
    let answer = Client::new(crate::routes(DOCUMENT)).get("/openapi.json").await;
    assert_eq!(answer.headers["content-type"], "application/json");
    assert!(answer.json()["openapi"].as_str().unwrap().starts_with("3."));
}

#[tokio::test]
async fn document_with_matching_etag_is_304() {
    let client = Client::new(crate::routes(DOCUMENT));
    let first = client.get("/openapi.json").await;
    let again = client.get_unless("/openapi.json", first.header("etag")).await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn health_is_a_constant() {
    let answer = Client::new(crate::routes(DOCUMENT)).get("/health").await;
    assert_eq!(answer.bytes, br#"{"status":"ok"}"#);
}

#[tokio::test]
async fn router_describes_both_endpoints() {
    let (_, document) = crate::routes(DOCUMENT).split_for_parts();
    let paths: Vec<&String> = document.paths.paths.keys().collect();
    assert_eq!(paths, ["/health", "/openapi.json"]);
}
