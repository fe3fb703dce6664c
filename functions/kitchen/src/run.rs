use crate::{Kitchen, Tables, reactor, router};
use aws_sdk_dynamodb::Client;
use lambda_runtime::Error;
use serde::Deserialize;
use telemetry::lambda;

/// `SOURCE_TABLES`: the event tables of others, by category.
#[derive(Deserialize)]
struct SourceTables {
    order: String,
}

/// Runs the function that its `Handler` names: `command` takes HTTP, `reactor` takes the orders' commits.
///
/// Reads `EVENT_TABLE` and `SOURCE_TABLES` (`{"order": …}`), the reactor also `VIEW_TABLE`.
///
/// # Errors
/// When the environment lacks something or a table does not answer: the init phase ends, and Lambda says so at once.
pub async fn run() -> Result<(), Error> {
    telemetry::init_lambda();
    let role = lambda::role(&["command", "reactor"])?;
    let client = Client::new(lambda::sdk_config().await);
    let SourceTables { order } = lambda::json("SOURCE_TABLES")?;
    let kitchen = Kitchen::new(
        client.clone(),
        Tables {
            tickets: lambda::required("EVENT_TABLE")?,
            orders: order,
        },
    );
    // Takes name resolution, TLS and credentials out of the first request, into the phase that has a full CPU. 0.5–1 RU.
    kitchen
        .load(contracts::OrderId::from_uuid(uuid::Uuid::nil()))
        .await?;
    if role == "reactor" {
        return view_function::serve_batches(reactor(client, lambda::required("VIEW_TABLE")?, &kitchen))
            .await;
    }
    let (router, _) = router(kitchen).split_for_parts();
    lambda_http::run(http_api::finish(router)).await
}
