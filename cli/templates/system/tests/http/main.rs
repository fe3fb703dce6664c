//! The system over HTTP: the embedded stack, or a deployment that `BELVEDERE_URL` names.

use http_suite::{Api, eventually};
use serde_json::json;

fn here() -> Api {
    Api::here(system::__crate__)
}

#[tokio::test]
async fn what_is_created_is_shown_by_the_view() {
    let api = here();
    let created = api.post("/__service__", &json!({ "name": "first" })).await.expect(201);
    let id = created.json()["__idField__"].as_str().unwrap_or_default().to_owned();
    let path = format!("/__view__/{id}");
    eventually("the view has it", async || {
        let shown = api.get(&path).await;
        if shown.status == 200 { Ok(()) } else { Err(shown) }
    })
    .await;
}

#[tokio::test]
async fn a_read_with_the_token_of_a_command_shows_what_it_did() {
    let api = here();
    let created = api.post("/__service__", &json!({ "name": "first" })).await.expect(201);
    let id = created.json()["__idField__"].as_str().unwrap_or_default().to_owned();
    let closed = api.post(&format!("/__service__/{id}/close"), &json!({})).await.expect(200);
    let shown = api.get_after(&format!("/__view__/{id}"), &closed.token()).await.expect(200);
    assert_eq!(shown.json()["events"], 2);
}

#[tokio::test]
async fn the_description_is_served() {
    let described = here().get("/openapi.json").await.expect(200).json();
    assert_eq!(described["info"]["title"], "__Words__");
}
