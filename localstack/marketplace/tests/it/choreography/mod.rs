//! Compares the services with a plain model of their tables: at rest the states agree, no order is stuck in a transition, and
//! no amount is held for an order that has ended.

mod agreement;
mod chaos;
mod model;
mod stepwise;

use crate::api::{Api, PATIENCE};
use embedded::{Stack, StackOptions};
use fixtures::amazing_view_json;
use serde_json::{Value, json};
use testkit::in_full;
use tokio::time::Instant;

/// The promised time of all food.
const READY_BY: &str = "2040-01-01T18:30:00Z";

/// Returns the seeds of a property test: all of them [in full](in_full), one otherwise.
fn seeds(all: &[u64]) -> &[u64] {
    if in_full() { all } else { &all[..1] }
}

/// The commands on an order over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Cancel,
    Revise(u32),
    Accept,
    Prepare,
    CompletePreparation,
    PickUpTicket,
    PickUpDelivery,
    Locate,
    Deliver,
}

impl Step {
    fn any(random: &mut fastrand::Rng) -> Self {
        match random.u8(..12) {
            0 => Self::Cancel,
            1 | 2 => Self::Revise(random.u32(1..8)),
            3 | 4 => Self::Accept,
            5 => Self::Prepare,
            6 => Self::CompletePreparation,
            7 => Self::PickUpTicket,
            8 | 9 => Self::PickUpDelivery,
            10 => Self::Locate,
            _ => Self::Deliver,
        }
    }

    fn request(self, order: &str) -> (String, Value) {
        let nothing = json!({});
        match self {
            Self::Cancel => (format!("/orders/{order}/cancel"), nothing),
            Self::Revise(quantity) => (
                format!("/orders/{order}/revise"),
                json!({ "revisedOrderLineItems": [{ "menuItemId": "1", "quantity": quantity }] }),
            ),
            Self::Accept => (format!("/tickets/{order}/accept"), json!({ "readyBy": READY_BY })),
            Self::Prepare => (format!("/tickets/{order}/preparing"), nothing),
            Self::CompletePreparation => (format!("/tickets/{order}/ready-for-pickup"), nothing),
            Self::PickUpTicket => (format!("/tickets/{order}/picked-up"), nothing),
            Self::PickUpDelivery => (format!("/deliveries/{order}/picked-up"), nothing),
            Self::Locate => (
                format!("/deliveries/{order}/location"),
                json!({ "latitude": 37.8, "longitude": -122.2 }),
            ),
            Self::Deliver => (format!("/deliveries/{order}/delivered"), nothing),
        }
    }

    /// Sends it and returns whether it was accepted. A refusal has to be a 4xx.
    async fn send(self, api: &Api, order: &str) -> bool {
        let (path, body) = self.request(order);
        match api.try_post(&path, &body).await {
            Ok(_) => true,
            Err(refusal) => {
                assert!(refusal.contains(" replied 4"), "{self:?}: {refusal}");
                false
            }
        }
    }
}

/// A stack with a restaurant, and consumers with and without a limit.
struct Marketplace {
    stack: Stack,
    api: Api,
    restaurant: String,
    /// With their limits, in minor units.
    consumers: Vec<(String, Option<i64>)>,
    couriers: Vec<String>,
}

impl Marketplace {
    async fn open(consumers: usize, couriers: usize) -> Self {
        let stack = Stack::start(system::belvedere(), StackOptions::default())
            .await
            .unwrap();
        let api = Api::new(stack.url());
        let restaurant = api.restaurant().await;
        let mut marketplace = Self {
            stack,
            api,
            restaurant,
            consumers: Vec::new(),
            couriers: Vec::new(),
        };
        for number in 0..consumers {
            let consumer = marketplace.api.consumer().await;
            let limit = (number % 2 == 0).then_some(10_000);
            if let Some(limit) = limit {
                let body = json!({ "creditLimit": money(limit) });
                marketplace
                    .api
                    .post(&format!("/accounts/{consumer}/limit"), &body)
                    .await;
            }
            marketplace.consumers.push((consumer, limit));
        }
        for _ in 0..couriers {
            let courier = marketplace
                .api
                .post("/couriers", &json!({ "name": "Mia Wong" }))
                .await;
            marketplace
                .couriers
                .push(courier["courierId"].as_str().unwrap().to_owned());
        }
        marketplace.quiet().await;
        marketplace
    }

    async fn quiet(&self) {
        self.stack.quiet(PATIENCE).await.unwrap();
        let dead = self.stack.dead_letter_counts();
        assert!(dead.values().all(|count| *count == 0), "{dead:?}");
    }

    async fn place(&self, consumer: &str, quantity: u32) -> String {
        let body = json!({
            "consumerId": consumer,
            "restaurantId": self.restaurant,
            "deliveryAddress": amazing_view_json(),
            "deliveryTime": "2040-01-01T19:00:00Z",
            "lineItems": [{ "menuItemId": "1", "quantity": quantity }],
        });
        let placed = self.api.post("/orders", &body).await;
        placed["orderId"].as_str().unwrap().to_owned()
    }

    async fn available(&self, courier: &str, available: bool) {
        let path = format!("/couriers/{courier}/availability");
        self.api.post(&path, &json!({ "available": available })).await;
    }

    async fn read(&self, path: &str) -> Value {
        let (status, body) = self.api.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Returns the services' current states of an order. Repeats the request if a part was missing.
    async fn composed(&self, order: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let path = format!("/orders/{order}/composed");
            let composed = self.api.get_patiently(&path).await;
            let late = |part: &Value| part["why"] == "TIMED_OUT";
            if !composed["missing"].as_array().unwrap().iter().any(late) {
                return composed;
            }
            assert!(Instant::now() < deadline, "a part is always missing: {composed}");
        }
    }
}

/// Formats minor units like the API.
fn money(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

/// Parses the API's format into minor units.
fn minor(money: &Value) -> i64 {
    money.as_str().unwrap().replace('.', "").parse().unwrap()
}
