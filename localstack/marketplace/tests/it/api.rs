//! The HTTP requests of the tests.

use fixtures::amazing_view_json;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// The deadline of every wait. It is long because other tests run in parallel on two cores, and after a build the machine still
/// writes to its disk. Only a failing test waits this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A client of a running stack.
#[derive(Clone)]
pub(crate) struct Api {
    url: String,
    http: reqwest::Client,
}

impl Api {
    pub(crate) fn new(url: &str) -> Self {
        Self::sending(url, HeaderMap::new())
    }

    /// Creates a client that sends these headers with every request.
    pub(crate) fn with_headers(&self, headers: &[(&'static str, &'static str)]) -> Self {
        let headers = headers.iter().copied();
        let headers = headers.map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        Self::sending(&self.url, headers.collect())
    }

    fn sending(url: &str, headers: HeaderMap) -> Self {
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .timeout(PATIENCE)
            .build()
            .unwrap();
        Self {
            url: url.to_owned(),
            http,
        }
    }

    /// Sends a command and returns the reply, or why it was not acknowledged.
    pub(crate) async fn try_post(&self, path: &str, body: &Value) -> Result<Value, String> {
        let sent = self.http.post(format!("{}{path}", self.url)).json(body).send();
        let answer = sent.await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| error.to_string())?;
        if status.is_success() {
            Ok(serde_json::from_str(&text).unwrap())
        } else {
            Err(format!("{path} replied {status}: {text}"))
        }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        self.try_post(path, body).await.unwrap()
    }

    /// Sends a GET and returns status and body.
    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    /// Sends a GET, which must succeed, and returns a header of the reply.
    pub(crate) async fn header(&self, path: &str, name: &str) -> Option<String> {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "GET {path}");
        let value = answer.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    }

    /// Repeats a GET that reports by itself that it ran out of time: operations and compositions. A 503 that comes at once
    /// fails the test.
    pub(crate) async fn get_patiently(&self, path: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let asked = Instant::now();
            let (status, answer) = self.get(path).await;
            if status != 503 || asked.elapsed() < Duration::from_secs(1) || asked > deadline {
                assert_eq!(status, 200, "GET {path}: {answer}");
                return answer;
            }
        }
    }

    pub(crate) async fn consumer(&self) -> String {
        let body = json!({ "name": { "firstName": "Ada", "lastName": "Lovelace" } });
        id(&self.post("/consumers", &body).await, "consumerId")
    }

    pub(crate) async fn restaurant(&self) -> String {
        let body = json!({
            "name": "Ajanta",
            "address": { "street1": "1888 Solano Avenue", "city": "Berkeley", "state": "CA", "zip": "94707" },
            "menu": { "menuItems": [{ "id": "1", "name": "Chicken Vindaloo", "price": "12.34" }] },
            "openingHours": [{ "dayOfWeek": "MONDAY", "opens": "08:00", "closes": "22:00" }],
            "serviceArea": ["94612"],
        });
        id(&self.post("/restaurants", &body).await, "restaurantId")
    }

    pub(crate) async fn try_order(&self, consumer: &str, restaurant: &str) -> Result<String, String> {
        let body = json!({
            "consumerId": consumer,
            "restaurantId": restaurant,
            "deliveryAddress": amazing_view_json(),
            "deliveryTime": "2040-01-01T19:00:00Z",
            "lineItems": [{ "menuItemId": "1", "quantity": 5 }],
        });
        self.try_post("/orders", &body)
            .await
            .map(|answer| id(&answer, "orderId"))
    }

    pub(crate) async fn order(&self, consumer: &str, restaurant: &str) -> String {
        self.try_order(consumer, restaurant).await.unwrap()
    }

    pub(crate) async fn status(&self, order: &str) -> String {
        let (status, body) = self.get(&format!("/orders/{order}")).await;
        assert_eq!(status, 200, "{body}");
        id(&body, "status")
    }

    /// Waits until the order is approved.
    pub(crate) async fn approved(&self, order: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let status = self.status(order).await;
            if status == "APPROVED" {
                return;
            }
            assert!(Instant::now() < deadline, "{order} is still {status}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Returns the ids and statuses of the consumer's orders, of all pages.
    pub(crate) async fn listed(&self, consumer: &str) -> Vec<(String, String)> {
        let mut all = vec![];
        let mut cursor = String::new();
        loop {
            let (status, page) = self
                .get(&format!("/orders?consumerId={consumer}&limit=100{cursor}"))
                .await;
            assert_eq!(status, 200, "{page}");
            all.extend(
                page["orders"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|o| (id(o, "orderId"), id(o, "status"))),
            );
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }
}

fn id(value: &Value, name: &str) -> String {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {value}"))
        .to_owned()
}
