use crate::{Asking, CallError, Neighbour, Reply};
use axum::Router;
use axum::body::{Body, to_bytes};
use futures::future::BoxFuture;
use http::Request;
use http_api::CONSISTENCY_TOKEN;
use tower::ServiceExt;
use utoipa_axum::router::OpenApiRouter;

/// The size limit of a reply; the largest, an order of 100 lines, has about 20 KB.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A function in this process that is called like a Lambda function that is invoked.
pub(crate) struct InProcess(Router);

impl InProcess {
    pub(crate) fn new(router: OpenApiRouter) -> Self {
        Self(http_api::finish(router.into()))
    }
}

impl Neighbour for InProcess {
    fn get<'a>(&'a self, path: &'a str, asking: &'a Asking) -> BoxFuture<'a, Result<Reply, CallError>> {
        let failed = |error: &dyn std::fmt::Display| CallError(error.to_string());
        Box::pin(async move {
            let request = Request::get(path)
                .header("X-Correlation-Id", &asking.correlation_id)
                .extension(asking.caller.clone())
                .body(Body::empty())
                .map_err(|e| failed(&e))?;
            let answer = self.0.clone().oneshot(request).await.map_err(|e| failed(&e))?;
            let status = answer.status();
            let token = answer.headers().get(CONSISTENCY_TOKEN).cloned();
            let body = to_bytes(answer.into_body(), MAX_BODY_BYTES).await;
            Ok(Reply {
                status,
                token,
                body: body.map_err(|e| failed(&e))?,
            })
        })
    }
}
