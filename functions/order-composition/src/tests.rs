//! What the composition answers when services answer, fail, lag or hang.

use crate::{Services, routes};
use axum::body::Body;
use bytes::Bytes;
use function::{CallError, Neighbour, Reply, Wiring};
use futures::future::BoxFuture;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;

const ORDER: &str = "ord_0193a5b2c4d67e8f9a0b1c2d3e4f5061";

/// How a service behaves.
#[derive(Clone, Copy)]
enum Fake {
    /// Answers with what it was asked.
    Answers,
    /// Answers with this status and a problem.
    Refuses(u16),
    /// Answers 200 with something that is no JSON.
    Babbles,
    /// Cannot be asked.
    IsDown,
    /// Never answers.
    Hangs,
}

impl Neighbour for Fake {
    fn get<'a>(&'a self, path: &'a str, correlation_id: &'a str) -> BoxFuture<'a, Result<Reply, CallError>> {
        let reply = |status, body: String| {
            Ok(Reply {
                status: StatusCode::from_u16(status).unwrap(),
                body: Bytes::from(body),
            })
        };
        Box::pin(async move {
            match *self {
                Self::Answers => reply(
                    200,
                    json!({ "asked": path, "correlation": correlation_id }).to_string(),
                ),
                Self::Refuses(status) => reply(status, json!({ "code": "X" }).to_string()),
                Self::Babbles => reply(200, "<html>".to_owned()),
                Self::IsDown => Err(CallError("connection refused".to_owned())),
                Self::Hangs => std::future::pending().await,
            }
        })
    }
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
    let services = services(orders, kitchen, accounting, delivery).with_deadline(Duration::from_millis(20));
    let (router, _) = routes(services).split_for_parts();
    let request = Request::get(format!("/orders/{ORDER}/composed"))
        .header("X-Correlation-Id", "shop-7")
        .body(Body::empty())
        .unwrap();
    let answer = http_api::finish(router).oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn every_service_is_asked_for_its_part_under_one_correlation_id() {
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
async fn what_does_not_come_is_named_with_its_reason_and_the_rest_is_there() {
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
async fn an_answer_that_cannot_be_read_is_a_missing_part() {
    let (status, body) = composed(Fake::Answers, Fake::Babbles, Fake::Refuses(500), Fake::Answers).await;
    assert_eq!(status, 200);
    assert_eq!(
        body["missing"],
        json!([{ "part": "ticket", "why": "FAILED" }, { "part": "payment", "why": "FAILED" }])
    );
}

#[tokio::test]
async fn the_parts_of_an_order_whose_own_service_is_down_are_shown_all_the_same() {
    let (status, body) = composed(Fake::Hangs, Fake::Answers, Fake::Answers, Fake::Answers).await;
    assert_eq!(status, 200);
    assert!(body["ticket"].is_object(), "{body}");
    assert_eq!(body["missing"], json!([{ "part": "order", "why": "TIMED_OUT" }]));
}

#[tokio::test]
async fn an_order_that_the_orders_service_does_not_know_is_not_found() {
    let unknown = Fake::Refuses(404);
    let (status, body) = composed(unknown, unknown, unknown, unknown).await;
    assert_eq!((status, &body["code"]), (404, &json!("UNKNOWN_ORDER")));
}

#[tokio::test]
async fn when_nothing_comes_at_all_the_client_may_try_again() {
    let (status, body) = composed(Fake::Hangs, Fake::IsDown, Fake::Hangs, Fake::IsDown).await;
    assert_eq!((status, &body["code"]), (503, &json!("TEMPORARILY_UNAVAILABLE")));
}

#[tokio::test]
async fn an_id_of_another_kind_is_refused_before_anybody_is_asked() {
    let hangs = Fake::Hangs;
    let (router, _) = routes(services(hangs, hangs, hangs, hangs)).split_for_parts();
    let request = Request::get("/orders/con_0193a5b2c4d67e8f9a0b1c2d3e4f5061/composed")
        .body(Body::empty())
        .unwrap();
    let answer = http_api::finish(router).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 400);
}
