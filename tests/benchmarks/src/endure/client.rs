//! A client of the API.

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(20);
/// The views whose documents are compared with the fold of their events.
pub(crate) const VIEWS: [&str; 7] = [
    "order-menus",
    "order-history",
    "available-restaurants",
    "kitchen-board",
    "order-totals",
    "account-statement",
    "couriers",
];

#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
}

impl Client {
    pub(crate) fn new(url: &str) -> anyhow::Result<Self> {
        Ok(Self {
            http: reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?,
            url: url.to_owned(),
        })
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        send(self.http.get(format!("{}{path}", self.url))).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        send(self.http.post(format!("{}{path}", self.url)).json(body)).await
    }

    pub(crate) async fn consumer(&self) -> anyhow::Result<String> {
        let body = json!({ "name": { "firstName": "Ada", "lastName": "Lovelace" } });
        id(&self.post("/consumers", &body).await?, "consumerId")
    }

    pub(crate) async fn restaurant(&self) -> anyhow::Result<String> {
        let body = json!({
            "name": "Ajanta",
            "address": { "street1": "1888 Solano Avenue", "city": "Berkeley", "state": "CA", "zip": "94707" },
            "menu": { "menuItems": [{ "id": "1", "name": "Chicken Vindaloo", "price": "12.34" }] },
            "openingHours": [{ "dayOfWeek": "MONDAY", "opens": "08:00", "closes": "22:00" }],
            "serviceArea": ["94612"],
        });
        id(&self.post("/restaurants", &body).await?, "restaurantId")
    }

    pub(crate) async fn order(&self, consumer: &str, restaurant: &str) -> anyhow::Result<String> {
        let body = json!({
            "consumerId": consumer,
            "restaurantId": restaurant,
            "deliveryAddress": { "street1": "9 Amazing View", "city": "Oakland", "state": "CA", "zip": "94612" },
            "deliveryTime": "2040-01-01T19:00:00Z",
            "lineItems": [{ "menuItemId": "1", "quantity": 5 }],
        });
        id(&self.post("/orders", &body).await?, "orderId")
    }

    /// Waits until the order history shows the order approved.
    pub(crate) async fn approved(&self, order: &str) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let story = self.get(&format!("/orders/{order}")).await?;
            if story["status"] == "APPROVED" {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "the order is not approved: {story}");
            tokio::time::sleep(LOOK / 4).await;
        }
    }

    /// Messages in all queues, those at work included, and dead letters.
    pub(crate) async fn queued(&self) -> anyhow::Result<(u64, u64)> {
        let overview = self.get("/operations/views").await?;
        let views = overview["views"].as_array().context("the subscribers")?.clone();
        let (mut messages, mut dead) = (0, 0);
        for view in &views {
            let number = |name: &str| view["queue"][name].as_u64();
            let here = number("messages").zip(number("inFlight"));
            let (waiting, at_work) = here.with_context(|| format!("a queue in {view}"))?;
            messages += waiting + at_work;
            dead += number("deadLetters").unwrap_or(0);
        }
        Ok((messages, dead))
    }

    /// Waits until all queues were empty a few times in a row: an effect may be between two of them.
    pub(crate) async fn quiet(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let mut empty = 0;
        while empty < 5 {
            let (messages, _) = self.queued().await?;
            empty = if messages == 0 { empty + 1 } else { 0 };
            ensure!(Instant::now() < deadline, "{messages} messages are still queued");
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Compares every document of every view with the fold of its events. Any difference, and anything behind, is an error,
    /// and so is a view that takes longer than this.
    pub(crate) async fn swept(&self, patience: Duration) -> anyhow::Result<u64> {
        let mut compared = 0;
        for view in VIEWS {
            let path = format!("/operations/views/{view}/sweeps");
            let started = self.post(&path, &json!({ "deep": true })).await?;
            let path = format!("{path}/{}", started["id"]);
            let deadline = Instant::now() + patience;
            let sweep = loop {
                let sweep = self.get(&path).await?;
                if sweep["state"] != "RUNNING" {
                    break sweep;
                }
                ensure!(Instant::now() < deadline, "the sweep takes too long: {sweep}");
                tokio::time::sleep(LOOK).await;
            };
            let counts = &sweep["counts"];
            let fine = sweep["state"] == "DONE"
                && ["differences", "behind", "quarantined"]
                    .iter()
                    .all(|name| counts[*name] == 0);
            if !fine {
                bail!("{view} is not the fold of its events: {sweep:#}");
            }
            compared += counts["compared"].as_u64().unwrap_or(0);
        }
        Ok(compared)
    }
}

async fn send(request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
    let answer = request.send().await?;
    let (status, url) = (answer.status(), answer.url().clone());
    let text = answer.text().await?;
    ensure!(status.is_success(), "{url} answered {status}: {text}");
    Ok(serde_json::from_str(&text)?)
}

fn id(answer: &Value, name: &str) -> anyhow::Result<String> {
    let id = answer[name].as_str();
    Ok(id.with_context(|| format!("no {name} in {answer}"))?.to_owned())
}
