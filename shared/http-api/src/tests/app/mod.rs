//! Tests of every extractor and every response, through a small application.
mod bodies;
mod commands;
mod headers;
mod queries;
mod routes;

use crate::tests::lamp::executed;
use crate::{
    Command, Consistency, ETag, IfNoneMatch, Json, NoBody, PathId, PathIds, Problem, Query, created, finish,
    ok, unless_known,
};
use axum::body::{Body, to_bytes};
use axum::routing::{get, post};
use axum::{Json as Answer, Router};
use http::{HeaderMap, Request, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::str::FromStr;
use tower::ServiceExt;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Order {
    name: String,
    line_items: Vec<Line>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    quantity: u32,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Open,
    Closed,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
struct Search {
    limit: Option<u16>,
    keywords: Option<String>,
    status: Vec<Status>,
    all: bool,
}

struct LampId(String);

impl FromStr for LampId {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("lamp_") {
            Some(rest) if rest.bytes().all(|b| b.is_ascii_alphanumeric()) => Ok(Self(text.to_owned())),
            _ => Err("A lamp's id starts with lamp_.".to_owned()),
        }
    }
}

fn application() -> Router {
    let done = || executed(false, 3);
    let ids = |command: &Command<Order>| {
        let context = &command.context;
        json!({
            "id": command.new_id("lamp"),
            "command": context.command_id,
            "fingerprint": context.fingerprint,
            "correlation": context.metadata.correlation_id,
            "trace": context.metadata.traceparent,
            "nanos": context.now.subsec_nanosecond() % 1_000_000,
        })
    };
    finish(
        Router::new()
            .route("/echo", post(async |Json(order): Json<Order>| Answer(order)))
            .route(
                "/lamps",
                post(async move |command: Command<Order>| created("/lamps/lamp_1", &ids(&command), &done())),
            )
            .route(
                "/lamps/{id}/parts",
                post(async move |command: Command<Order>| created("/lamps/lamp_1", &ids(&command), &done())),
            )
            .route(
                "/lamps/{id}/on",
                post(async move |_: Command<NoBody>| ok(&json!({ "on": true }), &done())),
            )
            .route("/lamps/{id}", get(async |PathId(LampId(id)): PathId<LampId>| id))
            .route(
                "/rooms/{room}/lamps/{lamp}",
                get(async |PathIds(room, LampId(lamp)): PathIds<u8, LampId>| format!("{room} {lamp}")),
            )
            .route(
                "/search",
                get(async |Query(search): Query<Search>| Answer(search)),
            )
            .route(
                "/seen",
                get(async |seen: Consistency| {
                    let positions: Vec<_> = seen.positions.iter().map(|(s, v)| json!([s, v])).collect();
                    Answer(json!({ "positions": positions, "wait": seen.wait.map(|w| w.as_secs()) }))
                }),
            )
            .route(
                "/tagged",
                get(async |asked: IfNoneMatch| {
                    unless_known(&asked, &ETag::of(&[b"state 7"]), None, "the state")
                }),
            )
            .route("/stuck", get(std::future::pending::<String>))
            .route(
                "/timed",
                get(async || Answer(json!({ "at": "2026-11-23T18:30:08.4Z" }))),
            )
            .route("/panic", get(async || -> String { panic!("secret of the log") }))
            .route(
                "/broken",
                get(async || -> Result<String, Problem> { Err(Problem::internal("secret of the log")) }),
            )
            .route("/plain", get(async || (StatusCode::BAD_REQUEST, "plain text"))),
    )
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Reply {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Returns status, code and field of a problem, and asserts that the response is one.
    #[track_caller]
    fn problem(&self) -> (u16, String, String) {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text
        );
        let body = self.json();
        assert_eq!(body["status"], self.status);
        assert!(body["title"].is_string() && body["detail"].is_string(), "{body}");
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        (self.status, text("code"), text("field"))
    }
}

async fn send(request: Request<Body>) -> Reply {
    let response = application().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    Reply {
        status: parts.status.as_u16(),
        headers: parts.headers,
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

async fn get_(path: &str, headers: &[(&str, &str)]) -> Reply {
    let request = headers
        .iter()
        .fold(Request::get(path), |r, (name, value)| r.header(*name, *value));
    send(request.body(Body::empty()).unwrap()).await
}

async fn post_(path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Reply {
    let request = headers
        .iter()
        .fold(Request::post(path), |r, (name, value)| r.header(*name, *value));
    send(request.body(body.into()).unwrap()).await
}

const JSON: (&str, &str) = ("content-type", "application/json");
