//! A client of the marketplace's API.

use anyhow::{Context, bail, ensure};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The timeout for a reply, and for the effects of a command.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(20);

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
        self.answer(path, None).await?.json().await.context("an answer")
    }

    /// Sends a GET with this header and returns the reply.
    pub(crate) async fn answer(&self, path: &str, header: Option<(&str, &str)>) -> anyhow::Result<Response> {
        let request = self.http.get(format!("{}{path}", self.url));
        sent(
            header
                .into_iter()
                .fold(request, |request, (name, value)| request.header(name, value)),
        )
        .await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = sent(self.http.post(format!("{}{path}", self.url)).json(body)).await?;
        answer.json().await.context("an answer")
    }

    async fn create(&self, path: &str, body: &Value, id: &str) -> anyhow::Result<String> {
        let created = self.post(path, body).await?;
        let id = created[id].as_str();
        Ok(id.with_context(|| format!("no id in {created}"))?.to_owned())
    }

    pub(crate) async fn consumer(&self, name: &str) -> anyhow::Result<String> {
        let body = json!({ "name": { "firstName": name, "lastName": "Lovelace" } });
        self.create("/consumers", &body, "consumerId").await
    }

    pub(crate) async fn restaurant(&self, menu: &Value) -> anyhow::Result<String> {
        let body = json!({
            "name": "Ajanta",
            "address": { "street1": "1888 Solano Avenue", "city": "Berkeley", "state": "CA", "zip": "94707" },
            "menu": menu,
            "openingHours": [{ "dayOfWeek": "MONDAY", "opens": "08:00", "closes": "22:00" }],
            "serviceArea": ["94612"],
        });
        self.create("/restaurants", &body, "restaurantId").await
    }

    pub(crate) async fn revise_menu(&self, restaurant: &str, menu: &Value) -> anyhow::Result<()> {
        let path = format!("{}/restaurants/{restaurant}/menu", self.url);
        sent(self.http.put(path).json(menu)).await?;
        Ok(())
    }

    /// Creates a courier who can be assigned deliveries.
    pub(crate) async fn courier(&self) -> anyhow::Result<()> {
        let courier = self
            .create("/couriers", &json!({ "name": "Mia Wong" }), "courierId")
            .await?;
        let path = format!("/couriers/{courier}/availability");
        self.post(&path, &json!({ "available": true })).await?;
        Ok(())
    }

    pub(crate) async fn order(&self, consumer: &str, restaurant: &str) -> anyhow::Result<String> {
        let body = json!({
            "consumerId": consumer,
            "restaurantId": restaurant,
            "deliveryAddress": { "street1": "9 Amazing View", "city": "Oakland", "state": "CA", "zip": "94612" },
            "deliveryTime": "2040-01-01T19:00:00Z",
            "lineItems": [{ "menuItemId": "1", "quantity": 5 }],
        });
        self.create("/orders", &body, "orderId").await
    }

    /// Executes an order's steps in the kitchen, until the courier picks it up.
    pub(crate) async fn pick_up(&self, order: &str) -> anyhow::Result<()> {
        let (ticket, delivery) = (format!("/tickets/{order}"), format!("/deliveries/{order}"));
        self.until(&ticket, "AWAITING_ACCEPTANCE").await?;
        let ready = json!({ "readyBy": "2040-01-01T18:30:00Z" });
        self.post(&format!("{ticket}/accept"), &ready).await?;
        for step in ["preparing", "ready-for-pickup", "picked-up"] {
            self.post(&format!("{ticket}/{step}"), &json!({})).await?;
        }
        self.until(&delivery, "SCHEDULED").await?;
        self.post(&format!("{delivery}/picked-up"), &json!({})).await?;
        Ok(())
    }

    pub(crate) async fn hand_over(&self, order: &str) -> anyhow::Result<()> {
        self.post(&format!("/deliveries/{order}/delivered"), &json!({}))
            .await?;
        Ok(())
    }

    /// Waits until the order history shows the order approved.
    pub(crate) async fn approved(&self, order: &str) -> anyhow::Result<()> {
        self.until(&format!("/orders/{order}"), "APPROVED").await
    }

    /// Waits until the resource at this path has this status. It may not exist yet.
    async fn until(&self, path: &str, status: &str) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.get(path).await;
            if answer.as_ref().is_ok_and(|answer| answer["status"] == status) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "{path} is not {status}: {answer:?}");
            tokio::time::sleep(LOOK / 4).await;
        }
    }

    /// Returns the messages in all queues, including those in flight, and the dead letters.
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

    /// Waits until all queues were empty several times in a row: between two queues, an effect is in neither.
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

    /// Compares every document of every view with the fold of its events. Fails if any document differs or is behind, or if the
    /// sweep of a view takes longer than `patience`.
    pub(crate) async fn swept(&self, patience: Duration) -> anyhow::Result<u64> {
        let mut compared = 0;
        for view in system::belvedere().views() {
            let view = view.name;
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
                bail!("{view} differs from the fold of its events: {sweep:#}");
            }
            compared += counts["compared"].as_u64().unwrap_or(0);
        }
        Ok(compared)
    }
}

async fn sent(request: RequestBuilder) -> anyhow::Result<Response> {
    let answer = request.send().await?;
    let (status, url) = (answer.status(), answer.url().clone());
    if status.is_success() {
        return Ok(answer);
    }
    bail!("{url} answered {status}: {}", answer.text().await?)
}

/// The price of the only dish, unless a benchmark changes it.
pub(crate) const PRICE: &str = "12.34";

/// Returns a menu with one dish at this price.
pub(crate) fn menu(price: &str) -> Value {
    json!({ "menuItems": [{ "id": "1", "name": "Chicken Vindaloo", "price": price }] })
}
