//! A stack with one delivered order, whose commits are the pattern of the others.

use crate::rebuild::history::History;
use anyhow::{Context, ensure};
use belvedere_embedded::{Stack, StackOptions};
use event_store::CommitReader;
use projection::View;
use projection::operations::Control;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(600);
pub(crate) const VIEW: &str = order_history::OrderHistory::NAME;

const TOKEN: &str = "Consistency-Token";
/// As many as are needed for their commands not to wait for one another: commands on one stream take turns. Half of it is a
/// prime, so that every command in so many goes round all of them.
const RESTAURANTS: usize = 202;
/// Of the only dish.
const PRICE: &str = "12.34";

/// What a read has shown of an order, by source, and the token that stands for it.
#[derive(Clone)]
pub(crate) struct Read {
    pub(crate) token: String,
    pub(crate) versions: BTreeMap<String, u64>,
}

pub(crate) struct Market {
    pub(crate) stack: Stack,
    http: reqwest::Client,
    pub(crate) consumer: String,
    pub(crate) restaurants: Vec<String>,
}

impl Market {
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let stack = Stack::start(system::belvedere(), StackOptions::default()).await?;
        let mut market = Self {
            stack,
            http: reqwest::Client::builder().no_proxy().build()?,
            consumer: String::new(),
            restaurants: Vec::new(),
        };
        market.consumer = market.consumer("Ada").await?;
        for _ in 0..RESTAURANTS {
            let restaurant = market.post("/restaurants", &restaurant_body()).await?;
            market.restaurants.push(id(&restaurant, "restaurantId")?);
        }
        let courier = id(
            &market.post("/couriers", &json!({ "name": "Mia Wong" })).await?,
            "courierId",
        )?;
        let path = format!("/couriers/{courier}/availability");
        market.post(&path, &json!({ "available": true })).await?;
        Ok(market)
    }

    /// The commits of an order that went all the way to the door, multiplied.
    pub(crate) async fn history(&self, orders: usize) -> anyhow::Result<History> {
        let order = self.deliver().await?;
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

    async fn deliver(&self) -> anyhow::Result<String> {
        let order = self.order(&self.consumer, 0).await?;
        let ticket = |step: &str| format!("/tickets/{order}/{step}");
        let delivery = |step: &str| format!("/deliveries/{order}/{step}");
        self.until(&format!("/tickets/{order}"), "AWAITING_ACCEPTANCE")
            .await?;
        let ready = json!({ "readyBy": "2040-01-01T18:30:00Z" });
        self.post(&ticket("accept"), &ready).await?;
        for step in ["preparing", "ready-for-pickup", "picked-up"] {
            self.post(&ticket(step), &json!({})).await?;
        }
        self.until(&format!("/deliveries/{order}"), "SCHEDULED").await?;
        self.post(&delivery("picked-up"), &json!({})).await?;
        self.post(&delivery("delivered"), &json!({})).await?;
        Ok(order)
    }

    pub(crate) async fn consumer(&self, name: &str) -> anyhow::Result<String> {
        let body = json!({ "name": { "firstName": name, "lastName": "Lovelace" } });
        id(&self.post("/consumers", &body).await?, "consumerId")
    }

    pub(crate) async fn order(&self, consumer: &str, n: usize) -> anyhow::Result<String> {
        let body = json!({
            "consumerId": consumer,
            "restaurantId": self.restaurants[n % self.restaurants.len()],
            "deliveryAddress": { "street1": "9 Amazing View", "city": "Oakland", "state": "CA", "zip": "94612" },
            "deliveryTime": "2040-01-01T19:00:00Z",
            "lineItems": [{ "menuItemId": "1", "quantity": 5 }],
        });
        id(&self.post("/orders", &body).await?, "orderId")
    }

    /// Another price than the one before, in the first half of the restaurants.
    pub(crate) async fn revise_menu(&self, n: usize) -> anyhow::Result<()> {
        let half = self.restaurants.len() / 2;
        self.put_menu(n % half, &format!("12.{:02}", n / half % 100))
            .await
    }

    /// The menu that a restaurant of the second half has had all the time.
    pub(crate) async fn repeat_menu(&self, n: usize) -> anyhow::Result<()> {
        let half = self.restaurants.len() / 2;
        self.put_menu(half + n % half, PRICE).await
    }

    async fn put_menu(&self, restaurant: usize, price: &str) -> anyhow::Result<()> {
        let restaurant = &self.restaurants[restaurant];
        let request = self
            .http
            .put(format!("{}/restaurants/{restaurant}/menu", self.stack.url()));
        send(request.json(&menu(price))).await?;
        Ok(())
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        send(self.http.post(format!("{}{path}", self.stack.url())).json(body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        send(self.http.get(format!("{}{path}", self.stack.url()))).await
    }

    /// Reads an order that is at least as fresh as the token says.
    pub(crate) async fn read(&self, path: &str, token: Option<&str>) -> anyhow::Result<Read> {
        let request = self.http.get(format!("{}{path}", self.stack.url()));
        let request = token
            .into_iter()
            .fold(request, |request, token| request.header(TOKEN, token));
        let answer = request.send().await?.error_for_status()?;
        let token = answer.headers().get(TOKEN).context("no token")?;
        Ok(Read {
            token: token.to_str()?.to_owned(),
            versions: serde_json::from_value(answer.json::<Value>().await?["versions"].take())?,
        })
    }

    /// The entity tag of an answer.
    pub(crate) async fn tag(&self, path: &str) -> anyhow::Result<String> {
        let answer = self
            .http
            .get(format!("{}{path}", self.stack.url()))
            .send()
            .await?;
        let tag = answer.error_for_status()?.headers().get("etag").cloned();
        Ok(tag.context("no entity tag")?.to_str()?.to_owned())
    }

    async fn until(&self, path: &str, status: &str) -> anyhow::Result<()> {
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

async fn send(request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
    let answer = request.send().await?;
    let (status, url) = (answer.status(), answer.url().clone());
    let text = answer.text().await?;
    ensure!(status.is_success(), "{url} answered {status}: {text}");
    Ok(serde_json::from_str(&text)?)
}

fn restaurant_body() -> Value {
    json!({
        "name": "Ajanta",
        "address": { "street1": "1888 Solano Avenue", "city": "Berkeley", "state": "CA", "zip": "94707" },
        "menu": menu(PRICE),
        "openingHours": [{ "dayOfWeek": "MONDAY", "opens": "08:00", "closes": "22:00" }],
        "serviceArea": ["94612"],
    })
}

fn menu(price: &str) -> Value {
    json!({ "menuItems": [{ "id": "1", "name": "Chicken Vindaloo", "price": price }] })
}

fn id(answer: &Value, name: &str) -> anyhow::Result<String> {
    let id = answer[name].as_str();
    Ok(id.with_context(|| format!("no {name} in {answer}"))?.to_owned())
}
