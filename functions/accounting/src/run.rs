use crate::{Accounting, ReactorTables, Tables, reactor, router};
use aws_sdk_dynamodb::Client;
use lambda_runtime::Error;
use serde::Deserialize;
use telemetry::lambda;

/// `SOURCE_TABLES`: the event tables of others, by category. Only the reactor needs the orders.
#[derive(Deserialize)]
struct SourceTables {
    consumer: String,
    order: Option<String>,
}

/// Runs the function that its `Handler` names: `command` takes HTTP, `reactor` takes the commits of consumers, orders and
/// accounts.
///
/// Reads `EVENT_TABLE` and `SOURCE_TABLES` (`{"consumer": …}`), the reactor also `VIEW_TABLE` and the orders' table in
/// `SOURCE_TABLES` (`{"consumer": …, "order": …}`).
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
        },
    );
    // Takes name resolution, TLS and credentials out of the first request, into the phase that has a full CPU. 0.5–1 RU.
    accounting
        .load(contracts::ConsumerId::from_uuid(uuid::Uuid::nil()))
        .await?;
    if role == "reactor" {
        let tables = ReactorTables {
            reactions: lambda::required("VIEW_TABLE")?,
            orders: sources.order.ok_or("SOURCE_TABLES has no \"order\"")?,
        };
        return view_function::serve_batches(reactor(client, tables, &accounting)).await;
    }
    let (router, _) = router(accounting).split_for_parts();
    lambda_http::run(http_api::finish(router)).await
}
