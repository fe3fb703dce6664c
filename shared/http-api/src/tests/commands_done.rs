//! Tests of the responses to the results of command handlers.
use crate::tests::lamp::{NoBulb, executed};
use crate::{Problem, finish, ok};
use axum::response::Response;
use axum::routing::post;
use axum::{Router, body::Body};
use event_store::{ExecuteError, StoreError};
use http::Request;
use serde_json::json;
use tower::ServiceExt;

fn problem(error: ExecuteError<NoBulb>) -> (u16, &'static str, Option<u32>) {
    let problem = Problem::from(error);
    (problem.status.as_u16(), problem.code, problem.retry_after)
}

#[test]
fn refusal_becomes_the_services_own_problem() {
    assert_eq!(problem(ExecuteError::Refused(NoBulb)), (409, "NO_BULB", None));
}

#[test]
fn reused_key_is_422() {
    assert_eq!(
        problem(ExecuteError::KeyReused),
        (422, "IDEMPOTENCY_KEY_REUSED", None)
    );
}

#[test]
fn too_many_conflicts_is_409_with_retry_after() {
    let error = ExecuteError::Conflict { attempts: 5 };
    assert_eq!(problem(error), (409, "TOO_MANY_CONFLICTS", Some(1)));
}

#[test]
fn too_large_commit_is_413() {
    let error = ExecuteError::TooLarge {
        bytes: 400_000,
        limit: 350_000,
    };
    assert_eq!(problem(error), (413, "COMMAND_TOO_LARGE", None));
}

#[test]
fn unavailable_table_is_503_without_details() {
    let error = StoreError::Unavailable {
        operation: "PutItem",
        source: "secret host".into(),
    };
    let problem = Problem::from(error);
    assert_eq!((problem.status.as_u16(), problem.retry_after), (503, Some(1)));
    assert!(!problem.body().to_string().contains("secret"));
}

#[test]
fn damaged_data_is_500_without_details() {
    let error = StoreError::Damaged {
        place: "lamp#1".into(),
        reason: "secret".into(),
    };
    let problem = Problem::from(error);
    assert_eq!(problem.status.as_u16(), 500);
    assert!(!problem.body().to_string().contains("secret"));
}

async fn answer(handler: fn() -> Response) -> Response {
    let app = finish(Router::new().route("/lamps", post(async move || handler())));
    app.oneshot(Request::post("/lamps").body(Body::empty()).unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn an_error_is_logged_with_the_ids_of_its_request() {
    let lines = telemetry::capture_lines("info");
    let app = finish(Router::new().route("/lamps", post(async || Problem::internal("the bulb is missing"))));
    let request = Request::post("/lamps")
        .header("x-correlation-id", "shop-7")
        .header(
            "x-amzn-trace-id",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
        );
    app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (ids, trace) = (json!("shop-7"), json!("5759e988bd862e3fe1be46a994272793"));
    let error = &lines.saying("internal error")[0];
    assert_eq!(
        (&error["span"]["correlationId"], &error["span"]["traceId"]),
        (&ids, &trace)
    );
    let request = &lines.saying("request")[0];
    assert_eq!((&request["correlationId"], &request["traceId"]), (&ids, &trace));
}

#[tokio::test]
async fn replayed_response_has_idempotent_replayed_header() {
    let fresh = answer(|| ok(&(), &executed(false, 1))).await;
    assert!(!fresh.headers().contains_key("idempotent-replayed"));
    let replayed = answer(|| ok(&(), &executed(true, 1))).await;
    assert_eq!(replayed.headers()["idempotent-replayed"], "true");
}

#[tokio::test]
async fn missing_stream_has_no_token() {
    let answer = answer(|| ok(&(), &executed(false, 0))).await;
    assert!(!answer.headers().contains_key("consistency-token"));
}
