//! The access rule of a route, as it is enforced.

use crate::openapi::without_access;
use crate::{Access, Caller, CallerId, Command, Grant, Guarded, NoBody, Permission, Problem, finish};
use axum::Json;
use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tower::ServiceExt;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

const MANAGERS: Access = Access::to(&[Grant::all("manager")]);
const OWN_OR_ALL: Access = Access::to(&[Grant::own("owner", "lamp"), Grant::all("manager")]);

#[utoipa::path(get, path = "/lamps/{id}", responses((status = 200)))]
async fn get_lamp(
    permission: Permission,
    crate::PathId(id): crate::PathId<String>,
) -> Result<Json<String>, Problem> {
    if !permission.covers("lamp", &id) {
        return Err(crate::codes::NO_SUCH_RESOURCE.problem("There is no such lamp."));
    }
    Ok(Json(id))
}

#[utoipa::path(get, path = "/forgetful/{id}", responses((status = 200)))]
async fn get_without_asking(crate::PathId(id): crate::PathId<String>) -> Json<String> {
    Json(id)
}

#[utoipa::path(get, path = "/forgetful-state/{id}", responses((status = 304)))]
async fn say_unchanged_without_asking() -> StatusCode {
    StatusCode::NOT_MODIFIED
}

#[utoipa::path(get, path = "/health", responses((status = 200)))]
async fn health() -> &'static str {
    "ok"
}

#[utoipa::path(post, path = "/lamps", responses((status = 200)))]
async fn switch(command: Command<NoBody>) -> Json<Value> {
    let context = &command.context;
    Json(json!({
        "command": context.command_id,
        "id": command.new_id("lamp"),
        "actor": context.metadata.actor,
    }))
}

fn routes() -> OpenApiRouter {
    OpenApiRouter::default()
        .routes(routes!(get_lamp).allow(OWN_OR_ALL))
        .routes(routes!(get_without_asking).allow(OWN_OR_ALL))
        .routes(routes!(say_unchanged_without_asking).allow(OWN_OR_ALL))
        .routes(routes!(health).allow(Access::ANYBODY))
        .routes(routes!(switch).allow(MANAGERS))
}

async fn answer(request: http::request::Builder, caller: Option<Caller>) -> (StatusCode, Value) {
    let request = match caller {
        Some(caller) => request.extension(caller),
        None => request,
    };
    let request = request.body(Body::empty()).unwrap();
    let answer = finish(routes().into()).oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), 64 * 1024).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

async fn status(path: &str, caller: Option<Caller>) -> u16 {
    answer(Request::get(path), caller).await.0.as_u16()
}

fn caller(name: &str) -> Caller {
    Caller::new(CallerId::derive(&["issuer", name]))
}

fn owner() -> Caller {
    caller("jane").role("owner").holding("lamp", "lamp_1")
}

#[tokio::test]
async fn request_without_a_caller_is_401_with_a_challenge() {
    let request = Request::get("/lamps/lamp_1").body(Body::empty()).unwrap();
    let answer = finish(routes().into()).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn caller_with_expired_credentials_is_401() {
    let expired = owner().expiring(Timestamp::now() - SignedDuration::from_secs(1));
    assert_eq!(status("/lamps/lamp_1", Some(expired)).await, 401);
    let valid = owner().expiring(Timestamp::now() + SignedDuration::from_secs(60));
    assert_eq!(status("/lamps/lamp_1", Some(valid)).await, 200);
}

#[tokio::test]
async fn caller_without_a_role_of_the_rule_is_403() {
    let (status, body) = answer(Request::get("/lamps/lamp_1"), Some(caller("joe").role("guest"))).await;
    assert_eq!((status.as_u16(), &body["code"]), (403, &json!("NOT_ALLOWED")));
}

#[tokio::test]
async fn own_grant_shows_only_what_the_caller_holds() {
    assert_eq!(status("/lamps/lamp_1", Some(owner())).await, 200);
    assert_eq!(status("/lamps/lamp_2", Some(owner())).await, 404);
    let manager = caller("joe").role("manager");
    assert_eq!(status("/lamps/lamp_2", Some(manager)).await, 200);
}

#[tokio::test]
async fn handler_that_does_not_ask_shows_nothing_to_owners() {
    assert_eq!(status("/forgetful/lamp_1", Some(owner())).await, 500);
    assert_eq!(status("/forgetful-state/lamp_1", Some(owner())).await, 500);
    let manager = caller("joe").role("manager");
    assert_eq!(status("/forgetful/lamp_1", Some(manager)).await, 200);
}

#[tokio::test]
async fn anybody_may_use_what_is_for_anybody() {
    assert_eq!(status("/health", None).await, 200);
    assert_eq!(status("/health", Some(caller("joe"))).await, 200);
}

#[tokio::test]
async fn refused_caller_does_not_reach_the_handler() {
    let reached = Arc::new(AtomicUsize::new(0));
    let counted = reached.clone();
    let counting = axum::routing::post(async move || {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let (schemas, paths, _): UtoipaMethodRouter = routes!(switch);
    let (_, _, router) = (schemas, paths, counting).allow(OWN_OR_ALL);
    let app = finish(axum::Router::new().route("/lamps", router));
    let request = Request::post("/lamps").body(Body::empty()).unwrap();
    assert_eq!(app.oneshot(request).await.unwrap().status(), 401);
    assert_eq!(reached.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn method_that_does_not_exist_is_405_without_credentials_too() {
    let (status, _) = answer(Request::delete("/lamps/lamp_1"), None).await;
    assert_eq!(status, 405);
}

#[tokio::test]
async fn key_of_another_caller_is_another_command() {
    let request = || Request::post("/lamps").header("idempotency-key", "k-1");
    let jane = || Some(caller("jane").role("manager"));
    let (_, first) = answer(request(), jane()).await;
    let (_, again) = answer(request(), jane()).await;
    let (_, other) = answer(request(), Some(caller("joe").role("manager"))).await;
    assert_eq!(first, again);
    assert_ne!(first["command"], other["command"]);
    assert_ne!(first["id"], other["id"]);
}

#[tokio::test]
async fn command_has_its_caller_as_actor() {
    let jane = caller("jane").role("manager");
    let (_, body) = answer(Request::post("/lamps"), Some(jane.clone())).await;
    assert_eq!(body["actor"], jane.id().as_str());
}

#[test]
fn rule_is_part_of_the_description() {
    let document = serde_json::to_value(routes().into_openapi()).unwrap();
    let lamp = &document["paths"]["/lamps/{id}"]["get"];
    assert_eq!(
        lamp["x-access"],
        json!([{ "role": "owner", "own": "lamp" }, { "role": "manager" }])
    );
    assert_eq!(
        lamp["responses"]["401"]["$ref"],
        "#/components/responses/NotAuthenticated"
    );
    assert_eq!(
        lamp["responses"]["403"]["$ref"],
        "#/components/responses/NotAllowed"
    );
    let health = &document["paths"]["/health"]["get"];
    assert_eq!(health["x-access"], "anybody");
    assert!(health["responses"]["401"].is_null());
}

#[test]
fn operation_without_a_rule_is_found() {
    let unruled = OpenApiRouter::<()>::default().routes(routes!(health));
    assert_eq!(without_access(&mut unruled.into_openapi()), ["GET /health"]);
    assert_eq!(without_access(&mut routes().into_openapi()), Vec::<String>::new());
}

#[tokio::test]
async fn line_of_a_request_names_its_caller_by_the_derived_id() {
    let lines = telemetry::capture_lines("info");
    assert_eq!(status("/lamps/lamp_1", Some(owner())).await, 200);
    assert_eq!(status("/lamps/lamp_1", None).await, 401);
    let requests = lines.saying("request");
    assert_eq!(requests[0]["actor"], owner().id().as_str());
    assert!(requests[1]["actor"].is_null());
    assert!(!requests[0].to_string().contains("jane"), "{}", requests[0]);
}
