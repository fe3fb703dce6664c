use http_suite::{Answer, Api, eventually};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The delivery address of the fixtures' orders.
pub static ADDRESS: LazyLock<Value> = LazyLock::new(
    || json!({ "street1": "9 Amazing View", "city": "Oakland", "state": "CA", "zip": "94612" }),
);

/// Returns a name that is unique across tests and runs, made of words that a search can find.
#[must_use]
pub fn unique(prefix: &str) -> String {
    format!("{prefix}{}", uuid::Uuid::now_v7().simple())
}

/// Returns the delivery time of the fixtures' orders.
///
/// # Panics
/// When tomorrow is not a valid date.
#[must_use]
pub fn a_day_from_now() -> String {
    let tomorrow = Timestamp::now().checked_add(24.hours());
    tomorrow.expect("there is a tomorrow").to_string()
}

/// Returns the body that creates the restaurant Ajanta: item `1`, Chicken Vindaloo at 12.34, and these menu items.
#[must_use]
pub fn ajanta(name: &str, items: &[(&str, &str, &str)]) -> Value {
    let items: Vec<Value> = items
        .iter()
        .map(|(id, name, price)| json!({ "id": id, "name": name, "price": price }))
        .collect();
    json!({
        "name": name,
        "address": { "street1": "1 Main Street", "city": "Oakland", "state": "CA", "zip": "94612" },
        "menu": { "menuItems": items },
        "openingHours": [{ "dayOfWeek": "MONDAY", "opens": "08:00", "closes": "22:00" }],
        "serviceArea": ["94612"],
    })
}

/// A created restaurant.
#[derive(Debug, Clone)]
pub struct Restaurant {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The token for reads that must show it.
    pub token: String,
}

impl Restaurant {
    /// Creates Ajanta, with Chicken Vindaloo at 12.34 as item `1`.
    pub async fn ajanta(api: &Api) -> Self {
        Self::create(api, "Ajanta", &[("1", "Chicken Vindaloo", "12.34")]).await
    }

    /// Creates a restaurant with this menu: id, name and price of each item.
    ///
    /// # Panics
    /// When it is not created.
    pub async fn create(api: &Api, name: &str, items: &[(&str, &str, &str)]) -> Self {
        let answer = api.post("/restaurants", &ajanta(name, items)).await.expect(201);
        Self {
            id: text(&answer, "restaurantId"),
            name: name.to_owned(),
            token: answer.token(),
        }
    }
}

/// A created consumer.
#[derive(Debug, Clone)]
pub struct Consumer {
    /// Its id.
    pub id: String,
    /// The token for reads that must show it.
    pub token: String,
}

impl Consumer {
    /// Creates a consumer without a credit limit.
    pub async fn create(api: &Api) -> Self {
        let body = json!({ "name": { "firstName": "Anya", "lastName": "Lee" } });
        let answer = api.post("/consumers", &body).await.expect(201);
        Self {
            id: text(&answer, "consumerId"),
            token: answer.token(),
        }
    }

    /// Creates a consumer with this credit limit.
    ///
    /// # Panics
    /// When the limit is refused.
    pub async fn with_limit(api: &Api, limit: &str) -> Self {
        let consumer = Self::create(api).await;
        consumer.limit(api, limit).await;
        consumer
    }

    /// Changes this consumer's credit limit.
    ///
    /// # Panics
    /// When the limit is refused.
    pub async fn limit(&self, api: &Api, limit: &str) {
        let path = format!("/accounts/{}/limit", self.id);
        let _ = api
            .post(&path, &json!({ "creditLimit": limit }))
            .await
            .expect(200);
    }

    /// Returns the path of this consumer's orders with further parameters (`status=APPROVED`, or nothing).
    #[must_use]
    pub fn orders(&self, parameters: &str) -> String {
        let and = if parameters.is_empty() { "" } else { "&" };
        format!("/orders?consumerId={}{and}{parameters}", self.id)
    }
}

/// A placed order.
#[derive(Debug, Clone)]
pub struct Order {
    /// Its id.
    pub id: String,
    /// The token for reads that must show it.
    pub token: String,
    /// The command's reply.
    pub answer: Answer,
}

impl Order {
    /// Returns the body that orders this quantity of item `1`.
    #[must_use]
    pub fn body(consumer: &Consumer, restaurant: &Restaurant, quantity: u32) -> Value {
        Self::body_of(consumer, restaurant, "1", quantity)
    }

    /// Returns the body that orders this quantity of this item.
    #[must_use]
    pub fn body_of(consumer: &Consumer, restaurant: &Restaurant, item: &str, quantity: u32) -> Value {
        json!({
            "consumerId": consumer.id,
            "restaurantId": restaurant.id,
            "deliveryAddress": *ADDRESS,
            "deliveryTime": a_day_from_now(),
            "lineItems": [{ "menuItemId": item, "quantity": quantity }],
        })
    }

    /// Orders this quantity of item `1`.
    pub async fn place(api: &Api, consumer: &Consumer, restaurant: &Restaurant, quantity: u32) -> Self {
        Self::place_body(api, &Self::body(consumer, restaurant, quantity)).await
    }

    /// Places the order in this body.
    ///
    /// # Panics
    /// When the order is not accepted.
    pub async fn place_body(api: &Api, body: &Value) -> Self {
        let answer = api.post("/orders", body).await.expect(201);
        Self {
            id: text(&answer, "orderId"),
            token: answer.token(),
            answer,
        }
    }

    /// Returns the order's path.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/orders/{}", self.id)
    }

    /// Returns the order's story, at least as new as its creation.
    pub async fn story(&self, api: &Api) -> Value {
        api.get_after(&self.path(), &self.token).await.expect(200).json()
    }

    /// Waits for this status and returns the order's story.
    pub async fn eventually_is(&self, api: &Api, status: &str) -> Value {
        self.eventually(api, &format!("the order is {status}"), |story| {
            story["status"] == status
        })
        .await
    }

    /// Waits until the order's story satisfies the condition, and returns it.
    pub async fn eventually(&self, api: &Api, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        eventually(&format!("{}: {what}", self.id), async || {
            let story = self.story(api).await;
            if is_so(&story) { Ok(story) } else { Err(story) }
        })
        .await
    }

    /// Waits until the order is approved and its ticket waits to be accepted.
    pub async fn eventually_in_the_kitchen(&self, api: &Api) -> Value {
        self.eventually(api, "the ticket waits to be accepted", |story| {
            story["status"] == "APPROVED" && story["ticket"]["status"] == "AWAITING_ACCEPTANCE"
        })
        .await
    }

    /// Sends a request about the order: `cancel`, or `revise` with its body.
    pub async fn ask(&self, api: &Api, what: &str, body: &Value) -> Answer {
        api.post(&format!("/orders/{}/{what}", self.id), body).await
    }

    /// Executes a step of the ticket: `accept` with its body, `preparing`, `ready-for-pickup`, `picked-up`.
    pub async fn ticket(&self, api: &Api, step: &str, body: &Value) -> Answer {
        api.post(&format!("/tickets/{}/{step}", self.id), body).await
    }

    /// Executes a step of the delivery: `picked-up`, `location` with its body, `delivered`.
    pub async fn delivery(&self, api: &Api, step: &str, body: &Value) -> Answer {
        api.post(&format!("/deliveries/{}/{step}", self.id), body).await
    }

    /// Accepts the ticket and promises the food for tomorrow.
    ///
    /// # Panics
    /// When the ticket cannot be accepted.
    pub async fn accept(&self, api: &Api) {
        let body = json!({ "readyBy": a_day_from_now() });
        let _ = self.ticket(api, "accept", &body).await.expect(200);
    }
}

/// A courier who takes deliveries.
///
/// All users of a deployment share its couriers. A test that has a ticket accepted also creates a courier, so that there is one
/// for every delivery, whichever courier is assigned.
#[derive(Debug, Clone)]
pub struct Courier {
    /// Its id.
    pub id: String,
    /// The token for reads that must show that the courier is available.
    pub token: String,
}

impl Courier {
    /// Creates a courier who is available.
    ///
    /// # Panics
    /// When the courier cannot become available.
    pub async fn available(api: &Api) -> Self {
        let answer = api
            .post("/couriers", &json!({ "name": "Mia Wong" }))
            .await
            .expect(201);
        let id = text(&answer, "courierId");
        let path = format!("/couriers/{id}/availability");
        let answer = api.post(&path, &json!({ "available": true })).await.expect(200);
        Self {
            id,
            token: answer.token(),
        }
    }
}

#[track_caller]
fn text(answer: &Answer, field: &str) -> String {
    match answer.json()[field].as_str() {
        Some(text) => text.to_owned(),
        None => panic!("no {field}: {answer}"),
    }
}
