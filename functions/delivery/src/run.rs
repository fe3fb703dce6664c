use crate::{DeliveryService, ReactorTables, Tables, reactor, router};
use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_dynamodb::Client;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use projection::BatchHandler;
use serde::Deserialize;
use std::sync::Arc;
use telemetry::lambda;

/// `SOURCE_TABLES`: the event tables of others, by category. Only the reactor needs the tickets.
#[derive(Deserialize)]
struct SourceTables {
    order: String,
    ticket: Option<String>,
}

/// Runs the function that its `Handler` names: `command` takes HTTP, `reactor` takes the commits of orders, tickets,
/// deliveries and couriers.
///
/// Reads `EVENT_TABLE` and `SOURCE_TABLES` (`{"order": …}`), the reactor also `VIEW_TABLE` and the tickets' table in
/// `SOURCE_TABLES` (`{"order": …, "ticket": …}`).
///
/// # Errors
/// When the environment lacks something or a table does not answer: the init phase ends, and Lambda says so at once.
pub async fn run() -> Result<(), Error> {
    telemetry::init_lambda();
    let role = lambda::role(&["command", "reactor"])?;
    let client = Client::new(lambda::sdk_config().await);
    let sources: SourceTables = lambda::json("SOURCE_TABLES")?;
    let service = DeliveryService::new(
        client.clone(),
        Tables {
            deliveries: lambda::required("EVENT_TABLE")?,
            orders: sources.order,
        },
    );
    // Takes name resolution, TLS and credentials out of the first request, into the phase that has a full CPU. 0.5–1 RU.
    service
        .load(contracts::OrderId::from_uuid(uuid::Uuid::nil()))
        .await?;
    if role == "reactor" {
        let tables = ReactorTables {
            reactions: lambda::required("VIEW_TABLE")?,
            tickets: sources.ticket.ok_or("SOURCE_TABLES has no \"ticket\"")?,
        };
        let reactor = Arc::new(reactor(client, tables, &service));
        return lambda_runtime::run_concurrent(service_fn(move |event: LambdaEvent<SqsEvent>| {
            let reactor = reactor.clone();
            async move { Ok::<_, Error>(reactor.handle(event.payload).await) }
        }))
        .await;
    }
    let (router, _) = router(service).split_for_parts();
    lambda_http::run(http_api::finish(router)).await
}
