use crate::{Accounting, Tables, reactor, router};
use aws_sdk_dynamodb::Client;
use lambda_runtime::Error;
use serde::Deserialize;
use telemetry::lambda;

/// `SOURCE_TABLES`: the event tables of others, by category.
#[derive(Deserialize)]
struct SourceTables {
    consumer: String,
    order: String,
}

/// Runs the function that its `Handler` names: `command` takes HTTP, `reactor` takes the commits of consumers, orders and
/// accounts.
///
/// Reads `EVENT_TABLE` and `SOURCE_TABLES` (`{"consumer": …, "order": …}`), the reactor also `VIEW_TABLE`.
///
/// # Errors
/// When the environment lacks something or a table does not answer: the init phase ends, and Lambda says so at once.
pub async fn run() -> Result<(), Error> {
    telemetry::init_lambda();
    let role = lambda::role(&["command", "reactor"])?;
    let client = Client::new(lambda::sdk_config().await);
    let sources: SourceTables = lambda::json("SOURCE_TABLES")?;
    let accounting = Accounting::new(
        client.clone(),
        Tables {
            accounts: lambda::required("EVENT_TABLE")?,
            consumers: sources.consumer,
            orders: sources.order,
        },
    );
    // Takes name resolution, TLS and credentials out of the first request, into the phase that has a full CPU. 0.5–1 RU.
    accounting
        .load(contracts::ConsumerId::from_uuid(uuid::Uuid::nil()))
        .await?;
    if role == "reactor" {
        let reactor = reactor(client, lambda::required("VIEW_TABLE")?, &accounting);
        return view_function::serve_batches(reactor).await;
    }
    let (router, _) = router(accounting).split_for_parts();
    lambda_http::run(http_api::finish(router)).await
}
