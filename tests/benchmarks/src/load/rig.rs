//! A stack under load with consumers and restaurants.

use crate::client::{Client, PATIENCE, PRICE, menu};
use crate::load::watch::{Seen, Watch};
use anyhow::ensure;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use embedded::{Stack, StackOptions};
use std::sync::Arc;

pub(crate) struct Rig {
    stack: Stack,
    pub(crate) client: Client,
    pub(crate) seen: Arc<Seen>,
    pub(crate) consumers: Vec<String>,
    pub(crate) restaurants: Vec<String>,
}

/// An account keeps its open authorizations, and no order is delivered here, so consumers with hundreds of orders would measure
/// the size of that state.
const CONSUMERS: usize = 500;

impl Rig {
    /// Starts a stack with this number of restaurants, and enough consumers that none has hundreds of open orders.
    pub(crate) async fn start(restaurants: usize) -> anyhow::Result<Self> {
        let seen = Arc::<Seen>::default();
        let options = StackOptions {
            interceptors: vec![SharedInterceptor::new(Watch(seen.clone()))],
            ..StackOptions::default()
        };
        let stack = Stack::start(system::belvedere(), options).await?;
        let client = Client::new(stack.url())?;
        let mut rig = Self {
            stack,
            client,
            seen,
            consumers: vec![],
            restaurants: vec![],
        };
        for n in 0..CONSUMERS {
            let consumer = rig.client.consumer(&format!("Ada {n}")).await?;
            rig.consumers.push(consumer);
        }
        for _ in 0..restaurants {
            rig.restaurants.push(rig.client.restaurant(&menu(PRICE)).await?);
        }
        rig.quiet().await?;
        Ok(rig)
    }

    pub(crate) async fn quiet(&self) -> anyhow::Result<()> {
        Ok(self.stack.quiet(PATIENCE).await?)
    }

    /// Stops the stack; a dead letter fails the whole benchmark.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.quiet().await?;
        let dead = self.stack.dead_letter_counts();
        ensure!(dead.values().all(|count| *count == 0), "dead letters: {dead:?}");
        self.stack.stop().await;
        Ok(())
    }
}
