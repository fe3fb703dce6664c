use crate::{OrderHistory, router};
use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_dynamodb::Client;
use commit::StreamId;
use contracts::{OrderId, order};
use event_store::CommitReader;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use projection::{BatchHandler, Options, Projector, Sources, View, ViewReader};
use std::collections::BTreeMap;
use std::sync::Arc;
use telemetry::lambda;
use uuid::Uuid;

/// Runs the function that its `Handler` names: `projector` takes the commits of orders, tickets and payments, `query` takes
/// HTTP and only reads.
///
/// Reads `VIEW_TABLE` and `SOURCE_TABLES` (`{"order": …, "ticket": …, "payment": …}`).
///
/// # Errors
/// When the environment lacks something or a table does not answer: the init phase ends, and Lambda says so at once.
pub async fn run() -> Result<(), Error> {
    telemetry::init_lambda();
    let role = lambda::role(&["projector", "query"])?;
    let client = Client::new(lambda::sdk_config().await);
    let view_table = lambda::required("VIEW_TABLE")?;
    let mut tables: BTreeMap<String, String> = lambda::json("SOURCE_TABLES")?;
    let mut sources = Sources::new();
    for category in OrderHistory::SOURCES {
        let table = tables
            .remove(*category)
            .ok_or_else(|| format!("SOURCE_TABLES has no {category:?}"))?;
        let reader = CommitReader::new(client.clone(), table);
        if *category == order::CATEGORY {
            warm(&reader).await?;
        }
        sources = sources.with(*category, reader);
    }
    if role == "projector" {
        let projector = Projector::<OrderHistory>::new(client, view_table, sources, Options::default());
        return project(projector).await;
    }
    let (router, _) = router(ViewReader::new(client, view_table, sources)).split_for_parts();
    lambda_http::run(http_api::finish(router)).await
}

/// One Query for a stream that does not exist (0.5–1 RU) takes name resolution, TLS and credentials out of the first
/// request, into the phase that has a full CPU.
async fn warm(orders: &CommitReader) -> Result<(), Error> {
    let nobody = OrderId::from_uuid(Uuid::nil()).to_string();
    orders.after(&StreamId::new(order::CATEGORY, &nobody)?, 0).await?;
    Ok(())
}

async fn project(projector: Projector<OrderHistory>) -> Result<(), Error> {
    let projector = Arc::new(projector);
    lambda_runtime::run_concurrent(service_fn(move |event: LambdaEvent<SqsEvent>| {
        let projector = projector.clone();
        async move { Ok::<_, Error>(projector.handle(event.payload).await) }
    }))
    .await
}
