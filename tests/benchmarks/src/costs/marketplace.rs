//! A stack with orders that went all the way to the door.

use crate::costs::spent::Purse;
use anyhow::{Context, ensure};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use belvedere_embedded::{Stack, StackOptions};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Five pages of twenty.
const ORDERS: usize = 100;
/// Orders under way at a time.
const AT_ONCE: usize = 8;
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Marketplace {
    stack: Stack,
    http: reqwest::Client,
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
        let mut marketplace = Self {
            stack,
            http: reqwest::Client::builder().no_proxy().build()?,
            purse,
            consumer: String::new(),
            restaurant: String::new(),
        };
        let consumer = json!({ "name": { "firstName": "Ada", "lastName": "Lovelace" } });
        marketplace.consumer = marketplace.create("/consumers", &consumer, "consumerId").await?;
        let restaurant = json!({
            "name": "Ajanta",
            "address": { "street1": "1888 Solano Avenue", "city": "Berkeley", "state": "CA", "zip": "94707" },
            "menu": { "menuItems": [{ "id": "1", "name": "Chicken Vindaloo", "price": "12.34" }] },
            "openingHours": [{ "dayOfWeek": "MONDAY", "opens": "08:00", "closes": "22:00" }],
            "serviceArea": ["94612"],
        });
        marketplace.restaurant = marketplace
            .create("/restaurants", &restaurant, "restaurantId")
            .await?;
        for _ in 0..AT_ONCE {
            let courier = json!({ "name": "Mia Wong" });
            let courier = marketplace.create("/couriers", &courier, "courierId").await?;
            let path = format!("/couriers/{courier}/availability");
            marketplace.post(&path, &json!({ "available": true })).await?;
        }
        Ok(marketplace)
    }

    /// Places the orders, takes each to the door, and returns their ids.
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
        let body = json!({
            "consumerId": self.consumer,
            "restaurantId": self.restaurant,
            "deliveryAddress": { "street1": "9 Amazing View", "city": "Oakland", "state": "CA", "zip": "94612" },
            "deliveryTime": "2040-01-01T19:00:00Z",
            "lineItems": [{ "menuItemId": "1", "quantity": 5 }],
        });
        let order = self.create("/orders", &body, "orderId").await?;
        let ticket = |step: &str| format!("/tickets/{order}/{step}");
        let delivery = |step: &str| format!("/deliveries/{order}/{step}");
        self.until(&ticket(""), "AWAITING_ACCEPTANCE").await?;
        self.post(&ticket("accept"), &json!({ "readyBy": "2040-01-01T18:30:00Z" }))
            .await?;
        for step in ["preparing", "ready-for-pickup", "picked-up"] {
            self.post(&ticket(step), &json!({})).await?;
        }
        self.until(&delivery(""), "SCHEDULED").await?;
        self.post(&delivery("picked-up"), &json!({})).await?;
        let here = json!({ "latitude": 37.8044, "longitude": -122.2712 });
        self.post(&delivery("location"), &here).await?;
        self.post(&delivery("delivered"), &json!({})).await?;
        Ok(order)
    }

    async fn create(&self, path: &str, body: &Value, id: &str) -> anyhow::Result<String> {
        let created = self.post(path, body).await?;
        let id = created[id]
            .as_str()
            .with_context(|| format!("no {id} in {created}"))?;
        Ok(id.to_owned())
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.http.post(format!("{}{path}", self.stack.url()));
        self.send(request.json(body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send(self.http.get(format!("{}{path}", self.stack.url())))
            .await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        let answer = request.send().await?;
        let (status, url) = (answer.status(), answer.url().clone());
        let text = answer.text().await?;
        ensure!(status.is_success(), "{url} answered {status}: {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// Waits until what is at the path has this status. It may not be there yet.
    async fn until(&self, path: &str, status: &str) -> anyhow::Result<()> {
        let path = path.trim_end_matches('/');
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.get(path).await;
            if answer.as_ref().is_ok_and(|answer| answer["status"] == status) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "{path} is not {status}: {answer:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        let dead = self.stack.dead_letter_counts();
        ensure!(dead.values().all(|count| *count == 0), "dead letters: {dead:?}");
        self.stack.stop().await;
        Ok(())
    }
}
