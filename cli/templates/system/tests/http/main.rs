//! The HTTP suite. It runs against the embedded stack, or against the deployment at `BELVEDERE_URL`.

use http_suite::{Api, eventually};
use serde_json::json;

fn here() -> Api {
    Api::here(system::__crate__)
}

#[tokio::test]
async fn created_aggregate_appears_in_the_view() {
    let api = here();
    let created = api.post("/__service__", &json!({ "name": "first" })).await.expect(201);
    let id = created.json()["__idField__"].as_str().unwrap_or_default().to_owned();
    let path = format!("/__view__/{id}");
    eventually("the view shows the aggregate", async || {
        let shown = api.get(&path).await;
        if shown.status == 200 { Ok(()) } else { Err(shown) }
    })
    .await;
}

#[tokio::test]
async fn read_with_a_token_shows_the_effect_of_the_command() {
    let api = here();
    let created = api.post("/__service__", &json!({ "name": "first" })).await.expect(201);
    let id = created.json()["__idField__"].as_str().unwrap_or_default().to_owned();
    let closed = api.post(&format!("/__service__/{id}/close"), &json!({})).await.expect(200);
    let shown = api.get_after(&format!("/__view__/{id}"), &closed.token()).await.expect(200);
    assert_eq!(shown.json()["events"], 2);
}

#[tokio::test]
async fn openapi_document_is_served() {
    let described = here().get("/openapi.json").await.expect(200).json();
    assert_eq!(described["info"]["title"], "__Words__");
}
