//! Composition when services answer, fail, lag or time out.

use crate::{Services, routes};
use axum::body::Body;
use bytes::Bytes;
use contracts::access::CONSUMERS;
use function::{Asking, CallError, Neighbour, Reply, Wiring};
use futures::future::BoxFuture;
use http::{Request, StatusCode};
use http_api::{Caller, CallerId};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;

const ORDER: &str = "ord_0193a5b2c4d67e8f9a0b1c2d3e4f5061";

/// The behaviour of a service.
#[derive(Clone, Copy)]
enum Fake {
    /// Answers with the request.
    Answers,
    /// Answers with this status and a problem.
    Refuses(u16),
    /// Answers 200 with a body that is not JSON.
    Babbles,
    /// Refuses the connection.
    IsDown,
    /// Never answers.
    Hangs,
}

impl Neighbour for Fake {
    fn get<'a>(&'a self, path: &'a str, asking: &'a Asking) -> BoxFuture<'a, Result<Reply, CallError>> {
        let reply = |status, body: String| {
            Ok(Reply {
                status: StatusCode::from_u16(status).unwrap(),
                token: Some(http::HeaderValue::from_static("t")),
                body: Bytes::from(body),
            })
        };
        Box::pin(async move {
            match *self {
                Self::Answers => reply(
                    200,
                    json!({ "asked": path, "correlation": asking.correlation_id }).to_string(),
                ),
                Self::Refuses(status) => reply(status, json!({ "code": "X" }).to_string()),
                Self::Babbles => reply(200, "<html>".to_owned()),
                Self::IsDown => Err(CallError("connection refused".to_owned())),
                Self::Hangs => std::future::pending().await,
            }
        })
    }
}

fn caller() -> Caller {
    Caller::unrestricted(CallerId::named("test"))
}

fn services(orders: Fake, kitchen: Fake, accounting: Fake, delivery: Fake) -> Services {
    let client =
        aws_sdk_dynamodb::Client::from_conf(local_dynamodb::config_for("http://127.0.0.1:1").build());
    let wiring = Wiring::new(client)
        .neighbour("orders", Arc::new(orders))
        .neighbour("kitchen", Arc::new(kitchen))
        .neighbour("accounting", Arc::new(accounting))
        .neighbour("delivery", Arc::new(delivery));
    Services::new(&wiring)
}

async fn composed(orders: Fake, kitchen: Fake, accounting: Fake, delivery: Fake) -> (u16, Value) {
    composed_for(caller(), services(orders, kitchen, accounting, delivery)).await
}

async fn composed_for(caller: Caller, services: Services) -> (u16, Value) {
    let services = services.with_deadline(Duration::from_millis(20));
    let (router, _) = routes(services).split_for_parts();
    let request = Request::get(format!("/orders/{ORDER}/composed"))
        .header("X-Correlation-Id", "shop-7")
        .extension(caller)
        .body(Body::empty())
        .unwrap();
    let answer = http_api::finish(router).oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn every_service_is_queried_with_one_correlation_id() {
    let (status, body) = composed(Fake::Answers, Fake::Answers, Fake::Answers, Fake::Answers).await;
    let asked = |path: String| json!({ "asked": path, "correlation": "shop-7" });
    assert_eq!(status, 200);
    assert_eq!(
        body,
        json!({
            "orderId": ORDER,
            "order": asked(format!("/orders/{ORDER}/current")),
            "ticket": asked(format!("/tickets/{ORDER}")),
            "payment": asked(format!("/payments/{ORDER}")),
            "delivery": asked(format!("/deliveries/{ORDER}")),
            "missing": [],
        })
    );
}

#[tokio::test]
async fn missing_parts_are_named_with_their_reason() {
    let (status, body) = composed(Fake::Answers, Fake::Hangs, Fake::IsDown, Fake::Refuses(409)).await;
    assert_eq!(status, 200);
    assert!(body["order"].is_object(), "{body}");
    assert_eq!(
        body["missing"],
        json!([
            { "part": "ticket", "why": "TIMED_OUT" },
            { "part": "payment", "why": "FAILED" },
            { "part": "delivery", "why": "NOT_READY" },
        ])
    );
}

#[tokio::test]
async fn unreadable_answer_is_a_missing_part() {
    let (status, body) = composed(Fake::Answers, Fake::Babbles, Fake::Refuses(500), Fake::Answers).await;
    assert_eq!(status, 200);
    assert_eq!(
        body["missing"],
        json!([{ "part": "ticket", "why": "FAILED" }, { "part": "payment", "why": "FAILED" }])
    );
}

#[tokio::test]
async fn other_parts_are_shown_when_the_orders_service_is_down() {
    let (status, body) = composed(Fake::Hangs, Fake::Answers, Fake::Answers, Fake::Answers).await;
    assert_eq!(status, 200);
    assert!(body["ticket"].is_object(), "{body}");
    assert_eq!(body["missing"], json!([{ "part": "order", "why": "TIMED_OUT" }]));
}

#[tokio::test]
async fn consumer_sees_no_part_of_an_order_that_the_orders_service_did_not_return() {
    let consumer = || Caller::new(CallerId::named("test")).role(CONSUMERS.role);
    let answers = Fake::Answers;
    for orders in [Fake::Hangs, Fake::IsDown, Fake::Babbles] {
        let services = services(orders, answers, answers, answers);
        let (status, body) = composed_for(consumer(), services).await;
        assert_eq!((status, &body["code"]), (503, &json!("TEMPORARILY_UNAVAILABLE")));
    }
    let (status, _) = composed_for(
        consumer(),
        services(Fake::Refuses(404), answers, answers, answers),
    )
    .await;
    assert_eq!(status, 404);
    let (status, body) = composed_for(consumer(), services(answers, answers, answers, answers)).await;
    assert_eq!((status, &body["missing"]), (200, &json!([])));
}

#[tokio::test]
async fn order_unknown_to_the_orders_service_is_404() {
    let unknown = Fake::Refuses(404);
    let (status, body) = composed(unknown, unknown, unknown, unknown).await;
    assert_eq!((status, &body["code"]), (404, &json!("UNKNOWN_ORDER")));
}

#[tokio::test]
async fn answer_without_any_part_is_503() {
    let (status, body) = composed(Fake::Hangs, Fake::IsDown, Fake::Hangs, Fake::IsDown).await;
    assert_eq!((status, &body["code"]), (503, &json!("TEMPORARILY_UNAVAILABLE")));
}

#[tokio::test]
async fn id_of_another_kind_is_refused_without_a_query() {
    let hangs = Fake::Hangs;
    let (router, _) = routes(services(hangs, hangs, hangs, hangs)).split_for_parts();
    let request = Request::get("/orders/con_0193a5b2c4d67e8f9a0b1c2d3e4f5061/composed")
        .extension(caller())
        .body(Body::empty())
        .unwrap();
    let answer = http_api::finish(router).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 400);
}
