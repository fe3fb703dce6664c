//! A stack under load, with something to order.

use crate::load::watch::{Seen, Watch};
use anyhow::{Context, ensure};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use belvedere_embedded::{Stack, StackOptions};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Rig {
    stack: Stack,
    http: reqwest::Client,
    pub(crate) seen: Arc<Seen>,
    pub(crate) consumers: Vec<String>,
    pub(crate) restaurants: Vec<String>,
}

/// An account keeps its open authorizations, and nothing here is delivered: a consumer with hundreds of them would measure the
/// size of that state.
const CONSUMERS: usize = 500;

impl Rig {
    /// A fresh stack with that many restaurants, and consumers enough that none has hundreds of orders under way.
    pub(crate) async fn start(restaurants: usize) -> anyhow::Result<Self> {
        let seen = Arc::<Seen>::default();
        let options = StackOptions {
            interceptors: vec![SharedInterceptor::new(Watch(seen.clone()))],
            ..StackOptions::default()
        };
        let stack = Stack::start(system::belvedere(), options).await?;
        let mut rig = Self {
            stack,
            http: reqwest::Client::new(),
            seen,
            consumers: vec![],
            restaurants: vec![],
        };
        for n in 0..CONSUMERS {
            let consumer = rig
                .post(
                    "/consumers",
                    &json!({ "name": { "firstName": "Ada", "lastName": format!("No {n}") } }),
                )
                .await?;
            rig.consumers.push(id(&consumer, "consumerId")?);
        }
        for _ in 0..restaurants {
            let body = json!({
                "name": "Ajanta",
                "address": { "street1": "1888 Solano Avenue", "city": "Berkeley", "state": "CA", "zip": "94707" },
                "menu": menu("12.34"),
                "openingHours": [{ "dayOfWeek": "MONDAY", "opens": "08:00", "closes": "22:00" }],
                "serviceArea": ["94612"],
            });
            let restaurant = rig.post("/restaurants", &body).await?;
            rig.restaurants.push(id(&restaurant, "restaurantId")?);
        }
        rig.quiet().await?;
        Ok(rig)
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(self.http.post(format!("{}{path}", self.stack.url())).json(body))
            .await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(self.http.put(format!("{}{path}", self.stack.url())).json(body))
            .await
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

    pub(crate) async fn quiet(&self) -> anyhow::Result<()> {
        Ok(self.stack.quiet(Duration::from_secs(60)).await?)
    }

    /// Stops it; a dead letter fails the whole benchmark.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.quiet().await?;
        let dead = self.stack.dead_letter_counts();
        ensure!(dead.values().all(|count| *count == 0), "dead letters: {dead:?}");
        self.stack.stop().await;
        Ok(())
    }
}

pub(crate) fn menu(price: &str) -> Value {
    json!({ "menuItems": [
        { "id": "1", "name": "Chicken Vindaloo", "price": price },
        { "id": "2", "name": "Garlic Naan", "price": "3.75" },
    ] })
}

pub(crate) fn id(answer: &Value, name: &str) -> anyhow::Result<String> {
    answer[name]
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("no {name} in {answer}"))
}
