//! A stack with delivered orders.

use crate::client::{Client, PATIENCE, PRICE, menu};
use crate::costs::spent::Purse;
use anyhow::ensure;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use embedded::{Stack, StackOptions};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::json;

/// Five pages of twenty.
const ORDERS: usize = 100;
/// Orders in progress at a time.
const AT_ONCE: usize = 8;

pub(crate) struct Marketplace {
    stack: Stack,
    pub(crate) client: Client,
    pub(crate) purse: Purse,
    pub(crate) consumer: String,
    restaurant: String,
}

impl Marketplace {
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let purse = Purse::default();
        let stack = Stack::start(
            system::belvedere(),
            StackOptions {
                interceptors: vec![SharedInterceptor::new(purse.clone())],
                ..StackOptions::default()
            },
        )
        .await?;
        let client = Client::new(stack.url())?;
        let consumer = client.consumer("Ada").await?;
        let restaurant = client.restaurant(&menu(PRICE)).await?;
        for _ in 0..AT_ONCE {
            client.courier().await?;
        }
        Ok(Self {
            stack,
            client,
            purse,
            consumer,
            restaurant,
        })
    }

    /// Places the orders, delivers each, and returns their ids.
    pub(crate) async fn deliver(&self) -> anyhow::Result<Vec<String>> {
        let orders = stream::iter(0..ORDERS)
            .map(|_| self.deliver_one())
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        self.stack.quiet(PATIENCE).await?;
        Ok(orders)
    }

    async fn deliver_one(&self) -> anyhow::Result<String> {
        let order = self.client.order(&self.consumer, &self.restaurant).await?;
        self.client.pick_up(&order).await?;
        let here = json!({ "latitude": 37.8044, "longitude": -122.2712 });
        self.client
            .post(&format!("/deliveries/{order}/location"), &here)
            .await?;
        self.client.hand_over(&order).await?;
        Ok(order)
    }

    /// Returns a client of the same tables, whose calls are counted separately.
    pub(crate) fn client_of(&self, purse: &Purse) -> aws_sdk_dynamodb::Client {
        let client = self.stack.dynamodb();
        let config = client.config().to_builder().interceptor(purse.clone());
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        let dead = self.stack.dead_letter_counts();
        ensure!(dead.values().all(|count| *count == 0), "dead letters: {dead:?}");
        self.stack.stop().await;
        Ok(())
    }
}
