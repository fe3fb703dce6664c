use crate::{Order, OrderEffects, OrderMenus, OrdersReactor, OrdersService, router};
use aws_sdk_dynamodb::Client;
use contracts::OrderId;
use event_store::EventStore;
use lambda_runtime::Error;
use projection::{Options, Reactor, ReactorRunner, View, ViewReader};
use telemetry::lambda;
use uuid::Uuid;
use view_function::SourceTables;

/// Runs the function that its `Handler` names: `command` takes HTTP, `menus` takes the restaurants' commits, `reactor` takes
/// the commits of payments, tickets and deliveries.
///
/// Reads `VIEW_TABLE` and `SOURCE_TABLES`, and `EVENT_TABLE` unless it is `menus`.
///
/// # Errors
/// When the environment lacks something or a table does not answer: the init phase ends, and Lambda says so at once.
pub async fn run() -> Result<(), Error> {
    telemetry::init_lambda();
    let role = lambda::role(&["command", "menus", "reactor"])?;
    if role == "menus" {
        return view_function::project::<OrderMenus>().await;
    }
    let client = Client::new(lambda::sdk_config().await);
    let view_table = lambda::required("VIEW_TABLE")?;
    if role == "reactor" {
        let tables = SourceTables::from_environment(&client, OrdersReactor::SOURCES)?;
        let effects = OrderEffects {
            orders: orders(&client).await?,
        };
        let options = Options::default();
        return view_function::serve_batches(ReactorRunner::<OrdersReactor, _>::new(
            client,
            view_table,
            tables.sources(),
            effects,
            options,
        ))
        .await;
    }
    let tables = SourceTables::from_environment(&client, OrderMenus::SOURCES)?;
    let service = OrdersService {
        orders: orders(&client).await?,
        menus: ViewReader::new(client, view_table, tables.sources()),
    };
    let (router, _) = router(service).split_for_parts();
    lambda_http::run(http_api::finish(router)).await
}

/// The service's own event table, warm: one call takes name resolution, TLS and credentials out of the first request, into
/// the phase that has a full CPU. 0.5–1 RU.
async fn orders(client: &Client) -> Result<EventStore<Order>, Error> {
    let orders = EventStore::new(client.clone(), lambda::required("EVENT_TABLE")?);
    orders.load(&OrderId::from_uuid(Uuid::nil())).await?;
    Ok(orders)
}
