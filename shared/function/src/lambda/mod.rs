//! Runs a part's functions on Lambda, with the feature `lambda`.

mod caller;
#[cfg(test)]
mod caller_tests;
mod config;
mod environment;
mod neighbour;
#[cfg(test)]
mod tests;
mod visibility;
#[cfg(test)]
mod visibility_tests;

pub use config::sdk_config;
pub use environment::{EnvironmentError, json, json_or, optional, required, role};
pub use lambda_http::Error;
pub use neighbour::LambdaNeighbour;

use crate::{Part, Trigger};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use axum::middleware::from_fn;
use http_api::TokenKeys;
use lambda_runtime::{LambdaEvent, service_fn};
use projection::BatchHandler;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use visibility::Visibility;

/// Runs the part's function that `Handler` names, if it takes requests or a subscriber's queue. The part's description
/// determines which variables it reads: `EVENT_TABLE`, `SOURCE_TABLES`, `VIEW_TABLE`, `QUEUE_URL`.
///
/// # Errors
/// When the environment lacks a variable or a table does not respond. The init phase ends, and Lambda reports the error at
/// once.
pub async fn run(part: Part) -> Result<(), Error> {
    telemetry::init_lambda();
    let role = role(&part.roles())?;
    let function = part
        .function_of(role)
        .ok_or_else(|| format!("{} has no function with the handler {role:?}", part.name))?;
    let wiring = environment::wiring(&part, function).await?;
    wiring.warm().await?;
    if let Some(routes) = function.routes(&wiring) {
        return serve(routes).await;
    }
    match &function.trigger {
        Trigger::Queue(subscriber) => {
            let client = aws_sdk_sqs::Client::new(sdk_config().await);
            let visibility = Visibility::new(client, required("QUEUE_URL")?);
            serve_batches(subscriber.handler(&wiring), visibility).await
        }
        Trigger::Http(_) | Trigger::Stream | Trigger::Tasks => Err(format!(
            "{} has its own main function and cannot be started from its description",
            function.name
        )
        .into()),
    }
}

/// Serves HTTP requests. Reads `TOKEN_KEY` and, while the key is being replaced, `PREVIOUS_TOKEN_KEY`.
///
/// # Errors
/// When `TOKEN_KEY` is missing or too short, or the Lambda runtime ends.
pub async fn serve(router: OpenApiRouter) -> Result<(), Error> {
    TokenKeys::new(&required("TOKEN_KEY")?, optional("PREVIOUS_TOKEN_KEY").as_deref())?.install();
    let (router, _) = router.split_for_parts();
    lambda_http::run(http_api::finish(router).layer(from_fn(caller::name))).await
}

/// Passes every batch of the function's queue to a projector or a reactor.
async fn serve_batches(handler: Arc<dyn BatchHandler>, visibility: Visibility) -> Result<(), Error> {
    lambda_runtime::run_concurrent(service_fn(move |event: LambdaEvent<SqsEvent>| {
        let (handler, visibility) = (handler.clone(), visibility.clone());
        async move { Ok::<_, Error>(batch(&*handler, &visibility, event.payload).await) }
    }))
    .await
}

/// Handles one batch, and decides when its failed messages are delivered again.
async fn batch(handler: &dyn BatchHandler, visibility: &Visibility, event: SqsEvent) -> SqsBatchResponse {
    // The handler takes the batch. To copy it costs less than to compute the pause of every message for the few that fail.
    let messages = event.records.clone();
    let response = handler.handle(event).await;
    visibility.hide(&messages, &response).await;
    response
}
