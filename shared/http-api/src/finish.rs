use crate::codes::{BAD_REQUEST, METHOD_NOT_ALLOWED, NO_SUCH_RESOURCE};
use crate::correlation::{Trace, X_CORRELATION_ID};
use crate::problem::{Answered, PROBLEM_JSON};
use crate::{CorrelationId, MAX_BODY_BYTES, Problem, json, times};
use axum::Router;
use axum::body::HttpBody as _;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http::header::{ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, StatusCode};
use identity::{Caller, CallerId};
use settings::REQUEST_BUDGET;
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use tracing::Instrument;

/// Adds to a complete router what every request and every response needs:
///
/// - every error is `application/problem+json`: unknown paths 404 `NO_SUCH_RESOURCE`, other methods 405
///   `METHOD_NOT_ALLOWED` with `Allow`, bodies over [`MAX_BODY_BYTES`] 413, panics 500;
/// - a handler that takes longer than [`REQUEST_BUDGET`] is dropped, and the response is 503 with `Retry-After`: a write that
///   it has sent may still take effect, and the same `Idempotency-Key` returns its outcome;
/// - every time in a JSON answer has the same width ([`times`]);
/// - the correlation id and the trace in the request's extensions, the correlation id in the response, and both in every
///   log line that is written while the request is handled;
/// - one log line per request: the caller's id, method, route (the pattern, not the path), status, code, milliseconds. No body,
///   no query, no personal data.
///
/// Add the layer that inserts the [`Caller`] around the result. Pass that to `lambda_http::run` or `axum::serve`, in a Tokio runtime
/// with its timers enabled.
pub fn finish(router: Router) -> Router {
    router
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(from_fn(around))
}

async fn around(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let correlation = CorrelationId::from_headers(request.headers());
    let trace = Trace::from_headers(request.headers());
    let caller = request.extensions().get::<Caller>();
    let actor = caller.map(|caller| caller.id().clone());
    request.extensions_mut().insert(correlation.clone());
    request.extensions_mut().insert(trace.clone());
    let (correlation_id, trace_id) = (correlation.as_str(), trace.id());
    let span = tracing::info_span!("request", correlationId = correlation_id, traceId = trace_id);

    let answer = if declares_too_much(&request) {
        let unread = json::discard(request).await;
        let mut refused = json::body_too_large().into_response();
        if unread {
            // What the client may still send is not the next request.
            let close = HeaderValue::from_static("close");
            refused.headers_mut().insert(CONNECTION, close);
        }
        refused
    } else {
        let handled = AssertUnwindSafe(next.run(request).instrument(span)).catch_unwind();
        match tokio::time::timeout(REQUEST_BUDGET, handled).await {
            Ok(Ok(response)) => times::in_full_width(as_problem(response)).await,
            // The panic hook has logged the location. The message of a panic may quote a request, so it is not logged.
            Ok(Err(_)) => Problem::internal("a handler panicked").into_response(),
            Err(_) => Problem::unavailable("the request did not finish within its time").into_response(),
        }
    };

    let status = answer.status();
    tracing::info!(
        actor = actor.as_ref().map(CallerId::as_str),
        method = %method,
        route = route.as_ref().map_or("-", MatchedPath::as_str),
        status = status.as_u16(),
        code = answer.extensions().get::<Answered>().map(|answered| answered.0),
        ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        correlationId = correlation_id,
        traceId = trace_id,
        "request"
    );
    with_common_headers(answer, &correlation)
}

/// Returns whether the declared size of the body is too large. Such a request is refused before its handler runs, even
/// if the handler would not read the body. Behind Lambda the whole body is in memory and its size is known; a body
/// without a declared size is counted by the extractors.
fn declares_too_much(request: &Request) -> bool {
    let declared = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let known = request.body().size_hint().lower();
    declared.unwrap_or(0).max(known) > MAX_BODY_BYTES as u64
}

/// Converts an error that is not a problem yet, which comes from the router (404, 405) or from one of axum's own
/// extractors.
fn as_problem(response: Response) -> Response {
    let status = response.status();
    let is_problem = |headers: &HeaderMap| {
        headers
            .get(CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes() == PROBLEM_JSON.as_bytes())
    };
    if !(status.is_client_error() || status.is_server_error()) || is_problem(response.headers()) {
        return response;
    }
    let (code, detail) = match status {
        StatusCode::NOT_FOUND => (NO_SUCH_RESOURCE, "There is nothing at this path."),
        StatusCode::METHOD_NOT_ALLOWED => (
            METHOD_NOT_ALLOWED,
            "This resource does not support this method. The Allow header lists the supported methods.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => return json::body_too_large().into_response(),
        status if status.is_client_error() => (BAD_REQUEST, "The request could not be understood."),
        _ => return Problem::internal(format_args!("a handler returned {status}")).into_response(),
    };
    let mut problem = code.problem(detail).into_response();
    if let Some(allow) = response.headers().get(ALLOW) {
        problem.headers_mut().insert(ALLOW, allow.clone());
    }
    problem
}

fn with_common_headers(mut response: Response, correlation: &CorrelationId) -> Response {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(correlation.as_str()) {
        headers.insert(X_CORRELATION_ID, value);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
