use crate::answer::Answer;
use axum::body::{Body, to_bytes};
use axum::http::{Request, request};
use axum::{Extension, Router};
use identity::{Caller, CallerId};
use serde_json::Value;
use std::borrow::Borrow;
use tower::ServiceExt;
use utoipa_axum::router::OpenApiRouter;

/// A client of a function's router, without a network in between.
#[derive(Debug, Clone)]
pub struct Client {
    router: Router,
}

impl Client {
    /// Creates a client of these routes, served as a function serves them, that may use every operation.
    #[must_use]
    pub fn new(routes: OpenApiRouter) -> Self {
        Self::of(routes, Caller::unrestricted(CallerId::named("test")))
    }

    /// Creates a client of these routes that is this caller, or has no credentials.
    #[must_use]
    pub fn of(routes: OpenApiRouter, caller: impl Into<Option<Caller>>) -> Self {
        let (router, _) = routes.split_for_parts();
        let router = http_api::finish(router);
        Self {
            router: match caller.into() {
                Some(caller) => router.layer(Extension(caller)),
                None => router,
            },
        }
    }

    /// Sends a GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    /// Sends a GET with these headers.
    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(with(Request::get(path), headers, Body::empty())).await
    }

    /// Sends a GET with this tag in `If-None-Match`.
    pub async fn get_unless(&self, path: &str, etag: &str) -> Answer {
        self.get_with(path, &[("if-none-match", etag)]).await
    }

    /// Sends a POST with JSON.
    pub async fn post(&self, path: &str, body: impl Borrow<Value>) -> Answer {
        self.post_with(path, &[], body).await
    }

    /// Sends a POST with JSON under this `Idempotency-Key`.
    pub async fn post_once(&self, path: &str, key: &str, body: impl Borrow<Value>) -> Answer {
        self.post_with(path, &[("idempotency-key", key)], body).await
    }

    /// Sends a POST with JSON and these headers.
    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: impl Borrow<Value>) -> Answer {
        let request = Request::post(path).header("content-type", "application/json");
        let body = Body::from(body.borrow().to_string());
        self.send(with(request, headers, body)).await
    }

    /// Sends a POST with any bytes, which need not match the content type.
    pub async fn post_bytes(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        let headers = [("content-type", content_type)];
        self.send(with(Request::post(path), &headers, body.into())).await
    }

    /// Sends a request with any method, with JSON or without a body.
    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = match body {
            Some(body) => with(
                request,
                &[("content-type", "application/json")],
                Body::from(body.to_string()),
            ),
            None => with(request, &[], Body::empty()),
        };
        self.send(request).await
    }

    /// Sends any request.
    ///
    /// # Panics
    /// When the response is incomplete.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let what = format!("{} {}", request.method(), request.uri());
        let Ok(answer) = self.router.clone().oneshot(request).await;
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, usize::MAX)
            .await
            .expect("the response is complete");
        Answer {
            request: what,
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            bytes: bytes.to_vec(),
        }
    }
}

fn with(request: request::Builder, headers: &[(&str, &str)], body: Body) -> Request<Body> {
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(body).expect("the request is valid")
}
