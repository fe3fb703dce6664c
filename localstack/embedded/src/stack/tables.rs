//! The tables of the topology.

use super::StartError;
use crate::topology::topology;
use aws_sdk_dynamodb::Client;
use event_store::event_table;
use futures::future::try_join_all;
use projection::view_table;
use tables::{TableDefinition, TableError};

/// Every table as the services need it. Event tables come without a stream: the feed takes its place.
fn definitions() -> impl Iterator<Item = TableDefinition> {
    let events = topology()
        .event_tables
        .iter()
        .map(|table| event_table(table.name).without_stream());
    let views = topology()
        .view_tables
        .iter()
        .map(|table| view_table(table.name, table.filters, table.indexed));
    events.chain(views)
}

/// Creates what is not there yet.
pub(super) async fn create_missing(client: &Client) -> Result<(), StartError> {
    let failed = |error: TableError| StartError::Engine(error.to_string());
    try_join_all(definitions().map(async |table| table.create(client).await.map_err(failed))).await?;
    Ok(())
}
