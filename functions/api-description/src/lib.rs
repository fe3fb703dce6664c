//! Serves the OpenAPI document and the health check.
//!
//! The document is the system's committed `openapi.json`, compiled into the program: the served document is the reviewed one.
//!
//! ```
//! use axum::{body::{Body, to_bytes}, http::Request};
//! use tower::ServiceExt;
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let (router, _) = api_description::routes("{}").split_for_parts();
//! let answer = router.oneshot(Request::get("/health").body(Body::empty())?).await?;
//! assert_eq!(to_bytes(answer.into_body(), 1024).await?, r#"{"status":"ok"}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(test)]
mod tests;

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use function::{Function, Part, Wiring};
use http_api::openapi::{ConditionalHeaders, StateRead};
use http_api::{Access, ETag, Guarded, IfNoneMatch, unless_known};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The response of the health check.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`; a function that cannot start does not answer.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Checks whether the API answers.
///
/// Reads no table, so it costs nothing and does not fail with a dependency.
#[utoipa::path(
    get,
    path = "/health",
    tag = "api",
    responses((status = 200, body = Health, headers(("Cache-Control" = String, description = "`no-store`."))))
)]
async fn health() -> Response {
    let headers = [(CACHE_CONTROL, "no-store")];
    (headers, Json(Health { status: "ok" })).into_response()
}

/// The document, with its tag.
#[derive(Debug, Clone)]
struct Document {
    text: &'static str,
    tag: ETag,
}

/// Returns this document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "api",
    params(ConditionalHeaders),
    responses((status = 200, description = "The OpenAPI document.", body = Object), StateRead)
)]
async fn openapi(State(document): State<Document>, asked: IfNoneMatch) -> Response {
    unless_known(&asked, &document.tag, None, document.text)
}

/// Returns `GET /health`, and `GET /openapi.json` with this document.
pub fn routes(openapi_json: &'static str) -> OpenApiRouter {
    let document = Document {
        text: openapi_json,
        tag: ETag::of(&[openapi_json.as_bytes()]),
    };
    OpenApiRouter::default()
        .routes(routes!(health).allow(Access::ANYBODY))
        .routes(routes!(openapi).allow(Access::ANYBODY))
        .with_state(document)
}

/// The function, with the system's `openapi.json`. It calls nothing: 128 MB are enough.
#[must_use]
pub fn part(openapi_json: &'static str) -> Part {
    let router = move |_: &Wiring| routes(openapi_json);
    Part::function("api-description").with(Function::http("api-description", "query", router).memory(128))
}
