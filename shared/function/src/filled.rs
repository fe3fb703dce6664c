use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, StatusCode};
use http_api::VIEW_FILLED;
use projection::tell_filled;

/// Adds `View-Filled` to the reply of a list, row or tally read, unless it is a problem. An unfilled view is not an error: its
/// documents are correct, and most clients prefer them to waiting.
///
/// The header is also added when it is `true`, because a 304 can change the headers of a client's cached reply but not remove
/// them.
pub(crate) async fn say_filled(request: Request, next: Next) -> Response {
    let (mut answer, filled) = tell_filled(next.run(request)).await;
    let succeeded = answer.status().is_success() || answer.status() == StatusCode::NOT_MODIFIED;
    if let Some(filled) = filled.filter(|_| succeeded) {
        let value = HeaderValue::from_static(if filled { "true" } else { "false" });
        answer.headers_mut().insert(VIEW_FILLED, value);
    }
    answer
}
