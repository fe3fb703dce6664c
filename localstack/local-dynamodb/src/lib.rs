//! DynamoDB in this process, behind its real wire API.
//!
//! The engine is dynoxide (on SQLite), served on a free loopback port, so that everything above it runs the same code as
//! against Amazon's DynamoDB: SDK, signing, JSON, retries. It has one shard, no throttling and no stale reads; tests inject
//! faults with transports.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let dynamo = local_dynamodb::LocalDynamo::in_memory().await?;
//! let tables = dynamo.client().list_tables().send().await?;
//! assert!(tables.table_names().is_empty());
//! dynamo.shutdown().await;
//! # anyhow::Ok(()) }).unwrap();
//! ```

mod faults;
mod overlaps;
mod plain_http;

pub use faults::{Fault, Faults};

use anyhow::{Context, anyhow};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Credentials, Region};
use plain_http::{CONNECT_TIMEOUT, plain_http};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A running engine. Dropping it stops it; [`LocalDynamo::shutdown`] also waits for the end.
#[derive(Debug)]
pub struct LocalDynamo {
    endpoint: String,
    client: Client,
    stop: oneshot::Sender<()>,
    stopped: oneshot::Receiver<()>,
}

impl LocalDynamo {
    /// Starts an empty engine in memory.
    ///
    /// # Errors
    /// When no loopback port or no thread is available.
    pub async fn in_memory() -> anyhow::Result<Self> {
        let database = dynoxide::Database::memory().map_err(|e| anyhow!("{e}"))?;
        Self::serve(database).await
    }

    /// Starts an engine with its data in a file, which is created if it is missing.
    ///
    /// # Errors
    /// When the file cannot be opened as a database, and the errors of [`Self::in_memory`].
    pub async fn at(file: &Path) -> anyhow::Result<Self> {
        let path = file.to_str().context("the file's name is not valid UTF-8")?;
        let database = dynoxide::Database::new(path).map_err(|e| anyhow!("{}: {e}", file.display()))?;
        Self::serve(database).await
    }

    /// SQLite blocks its thread, so the engine has its own runtime: no caller's task waits for it, and tests with
    /// single-threaded runtimes may share one engine.
    async fn serve(database: dynoxide::Database) -> anyhow::Result<Self> {
        let (stop, stop_requested) = oneshot::channel();
        let (end, stopped) = oneshot::channel();
        let (bound, address) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("dynamodb")
            .enable_all()
            .build()?;
        std::thread::Builder::new()
            .name("dynamodb".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await {
                        Ok(listener) => listener,
                        Err(error) => {
                            let _ = bound.send(Err(error));
                            return;
                        }
                    };
                    let _ = bound.send(listener.local_addr());
                    // A dropped sender counts as a request to stop.
                    let shutdown = async move {
                        let _ = stop_requested.await;
                    };
                    if let Err(error) =
                        dynoxide::server::serve_with_shutdown(listener, database, shutdown).await
                    {
                        tracing::error!(%error, "the local DynamoDB ended");
                    }
                });
                drop(runtime);
                let _ = end.send(());
            })?;
        let address = address.await.context("the local DynamoDB did not start")??;
        let endpoint = format!("http://{address}");
        let client = Client::from_conf(config_for(&endpoint).build());
        Ok(Self {
            endpoint,
            client,
            stop,
            stopped,
        })
    }

    /// Returns its address, for example `http://127.0.0.1:43210`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns a client. All clones share one connection pool.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Returns the configuration of such a client, to which interceptors or another transport can be added.
    #[must_use]
    pub fn config(&self) -> Builder {
        config_for(&self.endpoint)
    }

    /// Stops it and waits until requests in progress have replies and a file is closed.
    pub async fn shutdown(self) {
        // The server closes idle connections of the pool; only requests in progress keep it running.
        drop(self.client);
        let _ = self.stop.send(());
        let _ = self.stopped.await;
    }
}

/// Returns the configuration of a client of any DynamoDB emulator: dummy credentials, retries as in production.
#[must_use]
pub fn config_for(endpoint: &str) -> Builder {
    Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .endpoint_url(endpoint)
        .http_client(plain_http())
        .retry_config(RetryConfig::standard().with_max_attempts(4))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .operation_attempt_timeout(Duration::from_secs(10))
                .operation_timeout(Duration::from_secs(30))
                .build(),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    };

    async fn create_table(client: &Client) {
        client
            .create_table()
            .table_name("things")
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(
                AttributeDefinition::builder()
                    .attribute_name("pk")
                    .attribute_type(ScalarAttributeType::S)
                    .build()
                    .unwrap(),
            )
            .key_schema(
                KeySchemaElement::builder()
                    .attribute_name("pk")
                    .key_type(KeyType::Hash)
                    .build()
                    .unwrap(),
            )
            .send()
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn file_keeps_written_items() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data.db");

        let dynamo = LocalDynamo::at(&file).await.unwrap();
        create_table(&dynamo.client()).await;
        let put = dynamo.client().put_item().table_name("things");
        put.item("pk", AttributeValue::S("a".into()))
            .send()
            .await
            .unwrap();
        dynamo.shutdown().await;

        let dynamo = LocalDynamo::at(&file).await.unwrap();
        let get = dynamo.client().get_item().table_name("things");
        let found = get.key("pk", AttributeValue::S("a".into())).send().await.unwrap();
        assert!(found.item().is_some());
    }

    #[tokio::test]
    async fn engines_are_independent() {
        let (one, other) = (
            LocalDynamo::in_memory().await.unwrap(),
            LocalDynamo::in_memory().await.unwrap(),
        );
        create_table(&one.client()).await;
        assert_ne!(one.endpoint(), other.endpoint());
        assert!(
            other
                .client()
                .list_tables()
                .send()
                .await
                .unwrap()
                .table_names()
                .is_empty()
        );
    }
}
