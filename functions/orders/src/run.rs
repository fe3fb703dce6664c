use crate::{Order, OrderEffects, OrderMenus, OrdersReactor, OrdersService, router};
use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_dynamodb::Client;
use contracts::{OrderId, RestaurantId, delivery, payment, restaurant, ticket};
use event_store::{CommitReader, EventStore};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use projection::{BatchHandler, Options, Projector, ReactorRunner, Sources, ViewReader};
use std::collections::BTreeMap;
use std::sync::Arc;
use telemetry::lambda;
use uuid::Uuid;

/// Runs the function that its `Handler` names: `command` takes HTTP, `menus` takes the restaurants' commits, `reactor` takes
/// the commits of payments, tickets and deliveries.
///
/// Reads `VIEW_TABLE` and `SOURCE_TABLES`, and `EVENT_TABLE` unless it is `menus`.
///
/// # Errors
/// When the environment lacks something or a table does not answer: the init phase ends, and Lambda says so at once.
pub async fn run() -> Result<(), Error> {
    telemetry::init_lambda();
    match lambda::role(&["command", "menus", "reactor"])? {
        "menus" => {
            let (client, view_table) = client_and_view_table().await?;
            let restaurants = source(&client, restaurant::CATEGORY)?;
            let nowhere = stream(restaurant::CATEGORY, RestaurantId::from_uuid(Uuid::nil()))?;
            // The cheap call of the init phase, see below.
            restaurants.after(&nowhere, 0).await?;
            let sources = Sources::new().with(restaurant::CATEGORY, restaurants);
            serve(Projector::<OrderMenus>::new(
                client,
                view_table,
                sources,
                Options::default(),
            ))
            .await
        }
        "reactor" => {
            let (client, view_table) = client_and_view_table().await?;
            let sources = Sources::new()
                .with(payment::CATEGORY, source(&client, payment::CATEGORY)?)
                .with(ticket::CATEGORY, source(&client, ticket::CATEGORY)?)
                .with(delivery::CATEGORY, source(&client, delivery::CATEGORY)?);
            let effects = OrderEffects {
                orders: orders(&client).await?,
            };
            serve(ReactorRunner::<OrdersReactor, _>::new(
                client,
                view_table,
                sources,
                effects,
                Options::default(),
            ))
            .await
        }
        _ => {
            let (client, view_table) = client_and_view_table().await?;
            let sources = Sources::new().with(restaurant::CATEGORY, source(&client, restaurant::CATEGORY)?);
            let service = OrdersService {
                orders: orders(&client).await?,
                menus: ViewReader::new(client, view_table, sources),
            };
            let (router, _) = router(service).split_for_parts();
            lambda_http::run(http_api::finish(router)).await
        }
    }
}

async fn client_and_view_table() -> Result<(Client, String), Error> {
    let client = Client::new(lambda::sdk_config().await);
    Ok((client, lambda::required("VIEW_TABLE")?))
}

/// The service's own event table, warm: one call takes name resolution, TLS and credentials out of the first request, into
/// the phase that has a full CPU. 0.5–1 RU.
async fn orders(client: &Client) -> Result<EventStore<Order>, Error> {
    let orders = EventStore::new(client.clone(), lambda::required("EVENT_TABLE")?);
    orders.load(&OrderId::from_uuid(Uuid::nil()).to_string()).await?;
    Ok(orders)
}

fn source(client: &Client, category: &str) -> Result<CommitReader, Error> {
    let tables: BTreeMap<String, String> = lambda::json("SOURCE_TABLES")?;
    let table = tables
        .get(category)
        .ok_or_else(|| format!("SOURCE_TABLES has no {category:?}"))?;
    Ok(CommitReader::new(client.clone(), table))
}

fn stream(category: &str, id: impl ToString) -> Result<commit::StreamId, Error> {
    Ok(commit::StreamId::new(category, &id.to_string())?)
}

async fn serve(handler: impl BatchHandler + 'static) -> Result<(), Error> {
    let handler = Arc::new(handler);
    lambda_runtime::run_concurrent(service_fn(move |event: LambdaEvent<SqsEvent>| {
        let handler = handler.clone();
        async move { Ok::<_, Error>(handler.handle(event.payload).await) }
    }))
    .await
}
