//! The service through its router, with a DynamoDB in this process.

use crate::router;
use axum::body::Body;
use contracts::restaurant::CATEGORY;
use event_store::{CommitReader, event_table};
use fixtures::main_street_json;
use function::Wiring;
use http::{Request, StatusCode};
use local_dynamodb::LocalDynamo;
use serde_json::{Value, json};
use std::ops::Deref;
use testkit::{Answer, Client};

struct App {
    dynamo: LocalDynamo,
    http: Client,
}

impl App {
    async fn start() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        event_table("events").create(&dynamo.client()).await.unwrap();
        let wiring = Wiring::new(dynamo.client()).events(CATEGORY, "events");
        Self {
            dynamo,
            http: Client::new(router(&wiring)),
        }
    }

    async fn create(&self, body: &Value) -> Answer {
        self.post("/restaurants", body).await
    }

    /// Creates Ajanta and returns its path.
    async fn ajanta(&self) -> String {
        let created = self.create(&ajanta()).await;
        created.header("location").to_owned()
    }

    /// Sends `DELETE` with this key.
    async fn close(&self, path: &str, key: &str) -> Answer {
        let request = Request::delete(path).header("idempotency-key", key);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn stored(&self) -> usize {
        let reader = CommitReader::new(self.dynamo.client(), "events");
        reader.heads(0, 1, None).await.unwrap().keys.len()
    }
}

/// Dereferences to the client, so that requests go to the service.
impl Deref for App {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.http
    }
}

fn ajanta() -> Value {
    json!({
        "name": "Ajanta",
        "address": main_street_json(),
        "menu": { "menuItems": [{ "id": "1", "name": "Chicken Vindaloo", "price": "12.34" }] },
        "openingHours": [{ "dayOfWeek": "MONDAY", "opens": "08:00", "closes": "02:00" }],
        "serviceArea": ["94611", "94612"],
        "timeZone": "America/Los_Angeles",
    })
}

/// Returns Ajanta with another value at this place.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = ajanta();
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

#[tokio::test]
async fn created_restaurant_is_found_at_its_location() {
    let app = App::start().await;
    let created = app.create(&ajanta()).await;
    assert_eq!(created.status, StatusCode::CREATED);

    let found = app.call("GET", created.header("location"), None).await;
    let mut expected = ajanta();
    expected["restaurantId"] = created.body["restaurantId"].clone();
    expected["closed"] = json!(false);
    assert_eq!((found.status, found.body), (200, expected));
}

#[tokio::test]
async fn hours_without_a_zone_are_in_utc() {
    let app = App::start().await;
    let mut body = ajanta();
    body.as_object_mut().unwrap().remove("timeZone");
    let created = app.create(&body).await;
    let found = app.call("GET", created.header("location"), None).await;
    assert_eq!(found.body["timeZone"], "UTC");
}

#[tokio::test]
async fn a_menu_is_replaced_as_a_whole() {
    let app = App::start().await;
    let created = app.create(&ajanta()).await;
    let path = format!("{}/menu", created.header("location"));
    let menu = json!({ "menuItems": [{ "id": "2", "name": "Lamb Korma", "price": "14.00" }] });
    let revised = app.call("PUT", &path, Some(&menu)).await;
    assert_eq!((revised.status, &revised.body["menu"]), (200, &menu));
    assert_ne!(
        revised.headers["consistency-token"],
        created.headers["consistency-token"]
    );
}

/// Returns every change of a restaurant except closing it: the path and a valid body.
fn changes() -> [(&'static str, Value); 3] {
    [
        ("/menu", ajanta()["menu"].clone()),
        ("/hours", json!({ "openingHours": [] })),
        ("/service-area", json!({ "serviceArea": [] })),
    ]
}

#[tokio::test]
async fn hours_are_replaced_as_a_whole_and_stay_in_their_zone() {
    let app = App::start().await;
    let path = app.ajanta().await;
    let hours = json!([
        { "dayOfWeek": "MONDAY", "opens": "11:30", "closes": "14:00" },
        { "dayOfWeek": "MONDAY", "opens": "18:00", "closes": "02:00" },
    ]);
    let body = json!({ "openingHours": hours });
    let changed = app.call("PUT", &format!("{path}/hours"), Some(&body)).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!(changed.body["openingHours"], hours);
    assert_eq!(changed.body["timeZone"], "America/Los_Angeles");
    assert!(changed.headers.contains_key("consistency-token"));
    assert_eq!(app.get(&path).await.body, changed.body);
}

#[tokio::test]
async fn hours_can_change_the_zone() {
    let app = App::start().await;
    let path = app.ajanta().await;
    let body = json!({ "openingHours": [], "timeZone": "europe/berlin" });
    let changed = app.call("PUT", &format!("{path}/hours"), Some(&body)).await;
    assert_eq!(changed.body["timeZone"], "Europe/Berlin", "{}", changed.body);
}

#[tokio::test]
async fn a_service_area_is_replaced_as_a_whole() {
    let app = App::start().await;
    let path = app.ajanta().await;
    let body = json!({ "serviceArea": ["94601"] });
    let changed = app
        .call("PUT", &format!("{path}/service-area"), Some(&body))
        .await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    assert_eq!(changed.body["serviceArea"], json!(["94601"]));
}

#[tokio::test]
async fn unchanged_values_store_no_event() {
    let app = App::start().await;
    let path = app.ajanta().await;
    for (at, field) in [("/hours", "openingHours"), ("/service-area", "serviceArea")] {
        let body = json!({ field: ajanta()[field] });
        let same = app.call("PUT", &format!("{path}{at}"), Some(&body)).await;
        assert_eq!(same.status, StatusCode::OK, "{}", same.body);
    }
    assert_eq!(app.stored().await, 1);
}

#[tokio::test]
async fn closed_restaurant_is_shown_as_closed_and_closes_once() {
    let app = App::start().await;
    let path = app.ajanta().await;
    let closed = app.call("DELETE", &path, None).await;
    assert_eq!((closed.status, &closed.body["closed"]), (200, &json!(true)));
    assert!(closed.headers.contains_key("consistency-token"));
    assert_eq!(app.get(&path).await.body, closed.body);
    let again = app.call("DELETE", &path, None).await;
    assert_eq!((again.status, again.body), (closed.status, closed.body));
    assert_eq!(app.stored().await, 2);
}

#[tokio::test]
async fn closing_with_a_repeated_key_returns_first_reply() {
    let app = App::start().await;
    let path = app.ajanta().await;
    let first = app.close(&path, "k-1").await;
    let second = app.close(&path, "k-1").await;
    assert_eq!((second.status, second.body), (200, first.body));
    assert_eq!(second.headers["idempotent-replayed"], "true");
}

#[tokio::test]
async fn closing_refuses_fields() {
    let app = App::start().await;
    let path = app.ajanta().await;
    let refused = app.call("DELETE", &path, Some(&json!({ "why": "tired" }))).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.body["field"], "why", "{}", refused.body);
    assert_eq!(app.get(&path).await.body["closed"], json!(false));
}

#[tokio::test]
async fn closed_restaurant_refuses_every_change() {
    let app = App::start().await;
    let path = app.ajanta().await;
    app.call("DELETE", &path, None).await;
    for (at, body) in changes() {
        let refused = app.call("PUT", &format!("{path}{at}"), Some(&body)).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{at}");
        assert_eq!(refused.body["code"], "RESTAURANT_CLOSED", "{at}");
    }
    assert_eq!(app.stored().await, 2);
}

#[tokio::test]
async fn missing_restaurant_is_404() {
    let app = App::start().await;
    let path = "/restaurants/rst_00000000000000000000000000000001";
    let changes = changes()
        .into_iter()
        .map(|(at, body)| ("PUT", format!("{path}{at}"), Some(body)));
    for (method, path, body) in changes.chain([("DELETE", path.to_owned(), None)]) {
        let answer = app.call(method, &path, body.as_ref()).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.body["code"], "UNKNOWN_RESTAURANT", "{path}");
    }
    assert_eq!(app.stored().await, 0);
}

#[tokio::test]
async fn invalid_hours_and_areas_are_refused_with_their_field() {
    let app = App::start().await;
    let path = app.ajanta().await;
    let monday = json!({ "dayOfWeek": "MONDAY", "opens": "08:00", "closes": "09:00" });
    let hours = |value: Value| ("/hours", json!({ "openingHours": value }));
    let area = |value: Value| ("/service-area", json!({ "serviceArea": value }));
    let zone = |value: Value| ("/hours", json!({ "openingHours": [], "timeZone": value }));
    let zips: Vec<String> = (0..50).map(|n| format!("{n:05}")).collect();
    let many: Vec<Value> = (0..29)
        .map(|n| json!({ "dayOfWeek": "MONDAY", "opens": format!("00:{n:02}"), "closes": "09:00" }))
        .collect();
    for ((at, body), field) in [
        (hours(json!(many)), "openingHours"),
        (hours(json!([monday, monday])), "openingHours[1]"),
        (hours(json!([{ "dayOfWeek": "MONDAY" }])), "openingHours[0].opens"),
        (
            hours(json!([{ "dayOfWeek": "MONDAY", "opens": "24:00", "closes": "09:00" }])),
            "openingHours[0].opens",
        ),
        (hours(json!(null)), "openingHours"),
        (("/hours", json!({})), "openingHours"),
        (("/hours", json!({ "openingHours": [], "x": 1 })), "x"),
        (zone(json!("Mars/Olympus")), "timeZone"),
        (zone(json!("")), "timeZone"),
        (zone(json!(2)), "timeZone"),
        (area(json!(zips)), "serviceArea"),
        (area(json!(["94611", "94612", "94611"])), "serviceArea[2]"),
        (area(json!([94611])), "serviceArea[0]"),
        (area(json!(["94611\u{0}"])), "serviceArea[0]"),
        (("/service-area", json!({})), "serviceArea"),
        (("/service-area", json!({ "serviceArea": [], "x": 1 })), "x"),
    ] {
        let refused = app.call("PUT", &format!("{path}{at}"), Some(&body)).await;
        assert_eq!(
            refused.status,
            StatusCode::BAD_REQUEST,
            "{field}: {}",
            refused.body
        );
        assert_eq!(refused.body["field"], field, "{body}: {}", refused.body);
    }
    assert_eq!(app.stored().await, 1);
}

#[tokio::test]
async fn invalid_restaurants_are_refused_with_their_field() {
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
            with(
                "/openingHours",
                json!([ajanta()["openingHours"][0], ajanta()["openingHours"][0]]),
            ),
            "MALFORMED_BODY",
            "openingHours[1]",
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
