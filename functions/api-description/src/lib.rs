//! Serves the OpenAPI document and the health check.
//!
//! The document is the committed `openapi.json` at the root, compiled in, so the reviewed document is served. The suite in
//! `tests/` compares it with the running API.
//!
//! ```
//! use axum::{body::{Body, to_bytes}, http::Request};
//! use tower::ServiceExt;
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let (router, _) = api_description::routes().split_for_parts();
//! let answer = router.oneshot(Request::get("/health").body(Body::empty())?).await?;
//! assert_eq!(to_bytes(answer.into_body(), 1024).await?, r#"{"status":"ok"}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(test)]
mod tests;

use axum::Json;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use function::{Function, Part, Wiring};
use http_api::{ETag, IfNoneMatch};
use serde::Serialize;
use std::sync::LazyLock;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const OPENAPI: &str = include_str!("../../../openapi.json");

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
#[utoipa::path(get, path = "/health", tag = "api", responses((status = 200, body = Health)))]
async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Returns this document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "api",
    params(("If-None-Match" = Option<String>, Header, description = "An `ETag` that the client has.")),
    responses(
        (status = 200, description = "The OpenAPI document.", body = Object),
        (status = 304, description = "The document has not changed since the given `ETag`."),
    )
)]
async fn openapi(asked: IfNoneMatch) -> Response {
    static TAG: LazyLock<ETag> = LazyLock::new(|| ETag::of(&[OPENAPI.as_bytes()]));
    TAG.answer(
        &asked,
        ([(CONTENT_TYPE, "application/json")], OPENAPI).into_response(),
    )
}

/// Returns the endpoints `GET /health` and `GET /openapi.json`.
pub fn router(_: &Wiring) -> OpenApiRouter {
    routes()
}

/// Returns the same endpoints without a wiring, which they do not need.
pub fn routes() -> OpenApiRouter {
    OpenApiRouter::default()
        .routes(routes!(health))
        .routes(routes!(openapi))
}

/// The function. It calls nothing: 128 MB are enough.
#[must_use]
pub fn part() -> Part {
    Part::function("api-description").with(Function::http("api-description", "query", router).memory(128))
}
