//! A stack with one delivered order, whose commits are the pattern of all others.

use crate::client::{Client, PRICE, menu};
use crate::rebuild::history::History;
use anyhow::{Context, ensure};
use embedded::{Stack, StackOptions};
use event_store::CommitReader;
use projection::View;
use projection::operations::Control;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(600);
pub(crate) const VIEW: &str = order_history::OrderHistory::NAME;

const TOKEN: &str = "Consistency-Token";
/// Enough restaurants that their commands do not wait for one another, because commands on one stream are serialized. Half of
/// it is a prime, so that every n-th command reaches all of them in turn.
const RESTAURANTS: usize = 202;

/// The versions of an order in a read, by source, and the read's token.
#[derive(Clone)]
pub(crate) struct Read {
    pub(crate) token: String,
    pub(crate) versions: BTreeMap<String, u64>,
}

pub(crate) struct Market {
    pub(crate) stack: Stack,
    pub(crate) client: Client,
    pub(crate) consumer: String,
    pub(crate) restaurants: Vec<String>,
}

impl Market {
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let stack = Stack::start(system::belvedere(), StackOptions::default()).await?;
        let client = Client::new(stack.url())?;
        let consumer = client.consumer("Ada").await?;
        let mut restaurants = Vec::with_capacity(RESTAURANTS);
        for _ in 0..RESTAURANTS {
            restaurants.push(client.restaurant(&menu(PRICE)).await?);
        }
        client.courier().await?;
        Ok(Self {
            stack,
            client,
            consumer,
            restaurants,
        })
    }

    /// Returns the commits of a delivered order, multiplied.
    pub(crate) async fn history(&self, orders: usize) -> anyhow::Result<History> {
        let order = self.order(&self.consumer, 0).await?;
        self.client.pick_up(&order).await?;
        self.client.hand_over(&order).await?;
        self.quiet().await?;
        let mut commits = Vec::new();
        for category in order_history::OrderHistory::SOURCES {
            let table = system::belvedere()
                .owner(category)
                .context("a category has an owner")?
                .name;
            let reader = CommitReader::new(self.stack.dynamodb(), &table);
            let stream = format!("{category}#{order}").parse()?;
            commits.push((table, reader.after(&stream, 0).await?));
        }
        History::of(&order, &self.consumer, commits, orders)
    }

    pub(crate) async fn order(&self, consumer: &str, n: usize) -> anyhow::Result<String> {
        let restaurant = &self.restaurants[n % self.restaurants.len()];
        self.client.order(consumer, restaurant).await
    }

    /// Changes the price in the menu of a restaurant of the first half.
    pub(crate) async fn revise_menu(&self, n: usize) -> anyhow::Result<()> {
        let half = self.restaurants.len() / 2;
        self.put_menu(n % half, &format!("12.{:02}", n / half % 100))
            .await
    }

    /// Sends the unchanged menu of a restaurant of the second half.
    pub(crate) async fn repeat_menu(&self, n: usize) -> anyhow::Result<()> {
        let half = self.restaurants.len() / 2;
        self.put_menu(half + n % half, PRICE).await
    }

    async fn put_menu(&self, restaurant: usize, price: &str) -> anyhow::Result<()> {
        let restaurant = &self.restaurants[restaurant];
        self.client.revise_menu(restaurant, &menu(price)).await
    }

    /// Reads an order that is at least as new as the token.
    pub(crate) async fn read(&self, path: &str, token: Option<&str>) -> anyhow::Result<Read> {
        let answer = self
            .client
            .answer(path, token.map(|token| (TOKEN, token)))
            .await?;
        let token = answer.headers().get(TOKEN).context("no token")?;
        Ok(Read {
            token: token.to_str()?.to_owned(),
            versions: serde_json::from_value(answer.json::<Value>().await?["versions"].take())?,
        })
    }

    /// Returns the entity tag of a reply.
    pub(crate) async fn tag(&self, path: &str) -> anyhow::Result<String> {
        let answer = self.client.answer(path, None).await?;
        let tag = answer.headers().get("etag");
        Ok(tag.context("no entity tag")?.to_str()?.to_owned())
    }

    pub(crate) fn control(&self) -> anyhow::Result<&Control> {
        self.stack.control(VIEW).context("the order history is operated")
    }

    pub(crate) async fn quiet(&self) -> anyhow::Result<()> {
        Ok(self.stack.quiet(PATIENCE).await?)
    }

    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        let dead = self.stack.dead_letter_counts();
        ensure!(dead.values().all(|count| *count == 0), "dead letters: {dead:?}");
        self.stack.stop().await;
        Ok(())
    }
}
