use crate::{RestaurantsService, router};
use aws_sdk_dynamodb::Client;
use contracts::RestaurantId;
use event_store::EventStore;
use lambda_runtime::Error;
use telemetry::lambda;

/// Runs the function that its `Handler` names: `command` takes HTTP. Reads `EVENT_TABLE`.
///
/// # Errors
/// When the environment lacks something or the table does not answer: the init phase ends, and Lambda says so at once.
pub async fn run() -> Result<(), Error> {
    telemetry::init_lambda();
    lambda::role(&["command"])?;
    let client = Client::new(lambda::sdk_config().await);
    let restaurants = EventStore::new(client, lambda::required("EVENT_TABLE")?);
    // Takes name resolution, TLS and credentials out of the first request, into the phase that has a full CPU. 0.5–1 RU.
    let nobody = RestaurantId::from_uuid(uuid::Uuid::nil());
    restaurants.load(&nobody).await?;
    let (router, _) = router(RestaurantsService { restaurants }).split_for_parts();
    lambda_http::run(http_api::finish(router)).await
}
