use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use http_api::VIEW_FILLED;
use projection::tell_filled;

/// Adds `View-Filled` to an answer that is made of many documents of a view. A view that is not filled is no error: what is there
/// is right, and most clients rather have it than wait.
///
/// It is said in both cases, because an answer of 304 changes the headers that a client has kept and removes none.
pub(crate) async fn say_filled(request: Request, next: Next) -> Response {
    let (mut answer, filled) = tell_filled(next.run(request)).await;
    if let Some(filled) = filled {
        let value = HeaderValue::from_static(if filled { "true" } else { "false" });
        answer.headers_mut().insert(VIEW_FILLED, value);
    }
    answer
}
