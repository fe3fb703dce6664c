use crate::SourceTables;
use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_dynamodb::Client;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use projection::{BatchHandler, Options, Projector, View, ViewReader};
use std::sync::Arc;
use telemetry::lambda;
use utoipa_axum::router::OpenApiRouter;

/// Runs the function of the view that its `Handler` names: `projector` takes the commits of the view's sources, `query`
/// takes HTTP and only reads. The `router` is the query function's; it is not called for the projector.
///
/// Reads `VIEW_TABLE` and `SOURCE_TABLES` (`{"order": …}`: an event table for each of [`View::SOURCES`]).
///
/// # Errors
/// When the environment lacks something or a table does not answer: the init phase ends, and Lambda says so at once.
pub async fn run<V: View>(
    router: impl FnOnce(ViewReader<V>, SourceTables) -> OpenApiRouter,
) -> Result<(), Error> {
    telemetry::init_lambda();
    if lambda::role(&["projector", "query"])? == "projector" {
        return project::<V>().await;
    }
    let Environment {
        client,
        view_table,
        tables,
    } = Environment::of::<V>().await?;
    let reader = ViewReader::new(client, view_table, tables.sources());
    let (router, _) = router(reader, tables).split_for_parts();
    lambda_http::run(http_api::finish(router)).await
}

/// The role `projector` alone, for a view that a service keeps for itself. The logs must have been set up; the environment is
/// that of [`run`].
///
/// # Errors
/// As [`run`].
pub async fn project<V: View>() -> Result<(), Error> {
    let Environment {
        client,
        view_table,
        tables,
    } = Environment::of::<V>().await?;
    let projector = Projector::<V>::new(client, view_table, tables.sources(), Options::default());
    serve_batches(projector).await
}

/// Hands every batch of the function's queue to a projector or a reactor.
///
/// # Errors
/// When the Lambda runtime ends.
pub async fn serve_batches(handler: impl BatchHandler + 'static) -> Result<(), Error> {
    let handler = Arc::new(handler);
    lambda_runtime::run_concurrent(service_fn(move |event: LambdaEvent<SqsEvent>| {
        let handler = handler.clone();
        async move { Ok::<_, Error>(handler.handle(event.payload).await) }
    }))
    .await
}

/// What a view's function gets from its environment, with a connection that is open.
struct Environment {
    client: Client,
    view_table: String,
    tables: SourceTables,
}

impl Environment {
    async fn of<V: View>() -> Result<Self, Error> {
        let client = Client::new(lambda::sdk_config().await);
        let view_table = lambda::required("VIEW_TABLE")?;
        let tables = SourceTables::from_environment(&client, V::SOURCES)?;
        tables.warm().await?;
        Ok(Self {
            client,
            view_table,
            tables,
        })
    }
}
