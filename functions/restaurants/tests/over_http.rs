//! The service through its router, against a DynamoDB in this process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use axum::Router;
use axum::body::Body;
use event_store::{CommitReader, EventStore, event_table};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use local_dynamodb::LocalDynamo;
use restaurants::{RestaurantsService, router};
use serde_json::{Value, json};
use tower::ServiceExt;

struct App {
    dynamo: LocalDynamo,
    router: Router,
}

struct Answer {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Value,
}

impl App {
    async fn start() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        event_table("events").create(&dynamo.client()).await.unwrap();
        let restaurants = EventStore::new(dynamo.client(), "events");
        let (router, _) = router(RestaurantsService { restaurants }).split_for_parts();
        Self {
            dynamo,
            router: http_api::finish(router),
        }
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = match body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
        }
    }

    async fn create(&self, body: &Value) -> Answer {
        self.send("POST", "/restaurants", Some(body)).await
    }

    async fn stored(&self) -> usize {
        let reader = CommitReader::new(self.dynamo.client(), "events");
        reader.heads(0, 1, None).await.unwrap().keys.len()
    }
}

fn ajanta() -> Value {
    json!({
        "name": "Ajanta",
        "address": { "street1": "1 Main Street", "city": "Oakland", "state": "CA", "zip": "94611" },
        "menu": { "menuItems": [{ "id": "1", "name": "Chicken Vindaloo", "price": "12.34" }] },
        "openingHours": [{ "dayOfWeek": "MONDAY", "opens": "08:00", "closes": "02:00" }],
        "serviceArea": ["94611", "94612"],
        "timeZone": "America/Los_Angeles",
    })
}

/// Ajanta with another value at this place.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = ajanta();
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

#[tokio::test]
async fn a_new_restaurant_is_found_where_the_answer_says() {
    let app = App::start().await;
    let created = app.create(&ajanta()).await;
    assert_eq!(created.status, StatusCode::CREATED);

    let found = app
        .send("GET", created.headers["location"].to_str().unwrap(), None)
        .await;
    let mut expected = ajanta();
    expected["restaurantId"] = created.body["restaurantId"].clone();
    assert_eq!((found.status, found.body), (StatusCode::OK, expected));
}

#[tokio::test]
async fn hours_without_a_zone_are_in_utc() {
    let app = App::start().await;
    let mut body = ajanta();
    body.as_object_mut().unwrap().remove("timeZone");
    let created = app.create(&body).await;
    let found = app
        .send("GET", created.headers["location"].to_str().unwrap(), None)
        .await;
    assert_eq!(found.body["timeZone"], "UTC");
}

#[tokio::test]
async fn a_menu_is_replaced_as_a_whole() {
    let app = App::start().await;
    let created = app.create(&ajanta()).await;
    let path = format!("{}/menu", created.headers["location"].to_str().unwrap());
    let menu = json!({ "menuItems": [{ "id": "2", "name": "Lamb Korma", "price": "14.00" }] });
    let revised = app.send("PUT", &path, Some(&menu)).await;
    assert_eq!((revised.status, &revised.body["menu"]), (StatusCode::OK, &menu));
    assert_ne!(
        revised.headers["consistency-token"],
        created.headers["consistency-token"]
    );
}

#[tokio::test]
async fn the_menu_of_no_restaurant_is_404() {
    let app = App::start().await;
    let path = "/restaurants/rst_00000000000000000000000000000001/menu";
    let answer = app.send("PUT", path, Some(&ajanta()["menu"])).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.body["code"], "UNKNOWN_RESTAURANT");
    assert_eq!(app.stored().await, 0);
}

#[tokio::test]
async fn bad_restaurants_are_refused_where_they_are_bad() {
    let app = App::start().await;
    let price = |value| with("/menu/menuItems/0/price", value);
    let item = json!({ "id": "1", "name": "Naan", "price": "2.50" });
    let zips: Vec<String> = (0..50).map(|n| format!("{n:05}")).collect();
    let hours = |value| with("/openingHours/0", value);
    for (body, code, field) in [
        (with("/name", json!("")), "MALFORMED_BODY", "name"),
        (
            with("/address/zip", json!("94611\u{0}")),
            "MALFORMED_BODY",
            "address.zip",
        ),
        (with("/address", json!({ "x": 1 })), "MALFORMED_BODY", "address.x"),
        (price(json!(12.34)), "MALFORMED_BODY", "menu.menuItems[0].price"),
        (price(json!("-1.00")), "MALFORMED_BODY", "menu.menuItems[0].price"),
        (price(json!("1e3")), "MALFORMED_BODY", "menu.menuItems[0].price"),
        (
            price(json!("12.345")),
            "MALFORMED_BODY",
            "menu.menuItems[0].price",
        ),
        (with("/menu/menuItems", json!([])), "MALFORMED_BODY", "menu"),
        (
            with("/menu/menuItems", json!([item, item])),
            "MALFORMED_BODY",
            "menu",
        ),
        (
            hours(json!({ "dayOfWeek": "FUNDAY", "opens": "08:00", "closes": "09:00" })),
            "MALFORMED_BODY",
            "openingHours[0].dayOfWeek",
        ),
        (
            hours(json!({ "dayOfWeek": "MONDAY", "opens": "24:00", "closes": "09:00" })),
            "MALFORMED_BODY",
            "openingHours[0].opens",
        ),
        (with("/serviceArea", json!(zips)), "MALFORMED_BODY", "serviceArea"),
        (
            with("/serviceArea", json!(["94611", "94611"])),
            "MALFORMED_BODY",
            "serviceArea[1]",
        ),
        (
            with("/timeZone", json!("Mars/Olympus")),
            "UNKNOWN_TIME_ZONE",
            "timeZone",
        ),
    ] {
        let answer = app.create(&body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{field}: {}", answer.body);
        assert_eq!(answer.body["code"], code, "{field}");
        assert_eq!(answer.body["field"], field, "{}", answer.body);
    }
    assert_eq!(app.stored().await, 0);
    assert_eq!(app.create(&ajanta()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn the_largest_menu_that_a_body_can_hold_is_stored() {
    let app = App::start().await;
    let items: Vec<Value> = (0..500)
        .map(|n| json!({ "id": n.to_string(), "name": format!("Dish number {n} of the long menu of this house"), "price": "1.00" }))
        .collect();
    let created = app.create(&with("/menu/menuItems", json!(items))).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
}
