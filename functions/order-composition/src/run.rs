use crate::{LambdaService, Service, Services, router};
use aws_sdk_lambda::Client;
use lambda_http::Error;
use std::sync::Arc;
use telemetry::lambda;

/// Runs the query function.
///
/// Reads `ORDERS_FUNCTION`, `KITCHEN_FUNCTION`, `ACCOUNTING_FUNCTION` and `DELIVERY_FUNCTION`: the command functions of the
/// services, by name or ARN.
///
/// # Errors
/// When the environment lacks one of them: the init phase ends, and Lambda says so at once.
pub async fn run() -> Result<(), Error> {
    telemetry::init_lambda();
    lambda::role(&["query"])?;
    let client = Client::new(lambda::sdk_config().await);
    let service = |variable| -> Result<Arc<dyn Service>, Error> {
        Ok(Arc::new(LambdaService::new(
            client.clone(),
            lambda::required(variable)?,
        )))
    };
    let services = Services::new(
        service("ORDERS_FUNCTION")?,
        service("KITCHEN_FUNCTION")?,
        service("ACCOUNTING_FUNCTION")?,
        service("DELIVERY_FUNCTION")?,
    );
    let (router, _) = router(services).split_for_parts();
    lambda_http::run(http_api::finish(router)).await
}
