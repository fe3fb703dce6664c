//! The tables of the system.

use super::StartError;
use aws_sdk_dynamodb::Client;
use function::System;
use futures::future::try_join_all;
use tables::{TableDefinition, TableError};

/// Creates missing tables. Event tables have no stream, because the feed replaces it.
pub(super) async fn create_missing(system: &System, client: &Client) -> Result<(), StartError> {
    let failed = |error: TableError| StartError::Engine(error.to_string());
    let tables = system.tables().map(TableDefinition::without_stream);
    try_join_all(tables.map(async |table| table.create(client).await.map_err(failed))).await?;
    Ok(())
}
