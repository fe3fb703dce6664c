//! B7: opening hours and service areas.

use serde_json::{Value, json};
use tests::{Answer, Api, Consumer, Order, Restaurant, ajanta, encode, eventually, here, unique};

/// Returns a zip code that no other test uses.
fn zip() -> String {
    unique("Z")[1..].chars().rev().take(16).collect()
}

async fn restaurant(api: &Api, zip: &str, hours: &Value) -> Restaurant {
    let mut body = ajanta("Ajanta", &[("1", "Chicken Vindaloo", "12.34")]);
    body["serviceArea"] = json!([zip]);
    body["openingHours"] = hours.clone();
    let answer = api.post("/restaurants", &body).await.expect(201);
    Restaurant {
        id: answer.json()["restaurantId"].as_str().unwrap().to_owned(),
        name: "Ajanta".to_owned(),
        token: answer.token(),
    }
}

fn monday(opens: &str, closes: &str) -> Value {
    json!([{ "dayOfWeek": "MONDAY", "opens": opens, "closes": closes }])
}

/// Returns the ids of the open restaurants, at least as new as the token.
async fn open(api: &Api, zip: &str, at: &str, token: &str) -> Vec<String> {
    let path = format!("/restaurants/available?zip={}&at={}", encode(zip), encode(at));
    let answer = api.get_after(&path, token).await.expect(200);
    ids(&answer)
}

fn ids(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let restaurants = json["restaurants"].as_array().unwrap().iter();
    restaurants
        .map(|restaurant| restaurant["restaurantId"].as_str().unwrap().to_owned())
        .collect()
}

// 2026-11-30 is a Monday.
const AT_4: &str = "2026-11-30T04:00:00Z";
const AT_8: &str = "2026-11-30T08:00:00Z";

#[tokio::test]
async fn b7_a_restaurant_is_found_when_it_is_open_and_where_it_delivers() {
    let (api, zip) = (here(), zip());
    let ajanta = restaurant(&api, &zip, &monday("08:00", "22:00")).await;
    assert_eq!(open(&api, &zip, AT_8, &ajanta.token).await, [ajanta.id.as_str()]);
    assert!(open(&api, &zip, AT_4, &ajanta.token).await.is_empty());
    assert!(
        open(&api, "00000", AT_8, &ajanta.token)
            .await
            .iter()
            .all(|id| *id != ajanta.id)
    );
    // The same without a token, once the view has the restaurant.
    let path = format!("/restaurants/available?zip={zip}&at={}", encode(AT_8));
    eventually("the view has it", async || {
        let answer = api.get(&path).await.expect(200);
        if ids(&answer) == [ajanta.id.as_str()] {
            Ok(())
        } else {
            Err(answer)
        }
    })
    .await;
}

#[tokio::test]
async fn b7_new_hours_apply() {
    let (api, zip) = (here(), zip());
    let ajanta = restaurant(&api, &zip, &monday("08:00", "22:00")).await;
    let path = format!("/restaurants/{}/hours", ajanta.id);
    let changed = api
        .put(&path, &json!({ "openingHours": monday("03:00", "05:00") }))
        .await;
    let token = changed.expect(200).token();
    assert_eq!(open(&api, &zip, AT_4, &token).await, [ajanta.id.as_str()]);
    assert!(open(&api, &zip, AT_8, &token).await.is_empty());
}

#[tokio::test]
async fn b7_hours_may_extend_past_midnight() {
    let (api, zip) = (here(), zip());
    let late = json!([{ "dayOfWeek": "SUNDAY", "opens": "22:00", "closes": "05:00" }]);
    let ajanta = restaurant(&api, &zip, &late).await;
    assert_eq!(open(&api, &zip, AT_4, &ajanta.token).await, [ajanta.id.as_str()]);
    assert!(
        open(&api, &zip, "2026-11-29T04:00:00Z", &ajanta.token)
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn b7_hours_are_in_the_restaurants_time_zone() {
    let (api, zip) = (here(), zip());
    let ajanta = restaurant(&api, &zip, &monday("08:00", "10:00")).await;
    let path = format!("/restaurants/{}/hours", ajanta.id);
    let body = json!({ "openingHours": monday("08:00", "10:00"), "timeZone": "America/Los_Angeles" });
    let token = api.put(&path, &body).await.expect(200).token();
    assert!(open(&api, &zip, AT_8, &token).await.is_empty());
    assert_eq!(
        open(&api, &zip, "2026-11-30T16:30:00Z", &token).await,
        [ajanta.id.as_str()]
    );
}

#[tokio::test]
async fn b7_a_closed_restaurant_is_not_listed_and_accepts_no_orders() {
    let (api, zip) = (here(), zip());
    let ajanta = restaurant(&api, &zip, &monday("08:00", "22:00")).await;
    let path = format!("/restaurants/{}", ajanta.id);
    let closed = api.delete(&path).await.expect(200);
    assert_eq!(closed.json()["closed"], true, "{closed}");
    assert!(open(&api, &zip, AT_8, &closed.token()).await.is_empty());
    let _ = api.delete(&path).await.expect(200);

    let consumer = Consumer::create(&api).await;
    eventually("an order there is refused", async || {
        let answer = api.post("/orders", &Order::body(&consumer, &ajanta, 1)).await;
        if answer.status == 422 && answer.code() == "RESTAURANT_CLOSED" {
            Ok(())
        } else {
            Err(answer)
        }
    })
    .await;
    let refused = api
        .put(&format!("{path}/hours"), &json!({ "openingHours": [] }))
        .await
        .expect(409);
    assert_eq!(refused.code(), "RESTAURANT_CLOSED");
}

#[tokio::test]
async fn a_restaurant_with_a_new_service_area_is_found_there() {
    let (api, here, there) = (here(), zip(), zip());
    let ajanta = restaurant(&api, &here, &monday("08:00", "22:00")).await;
    let path = format!("/restaurants/{}/service-area", ajanta.id);
    let token = api
        .put(&path, &json!({ "serviceArea": [there] }))
        .await
        .expect(200)
        .token();
    assert!(open(&api, &here, AT_8, &token).await.is_empty());
    assert_eq!(open(&api, &there, AT_8, &token).await, [ajanta.id.as_str()]);
}

#[tokio::test]
async fn invalid_parameters_of_the_search_are_refused() {
    let api = here();
    for (query, field) in [
        ("", "zip"),
        ("zip=", "zip"),
        ("zip=94612&at=monday", "at"),
        ("zip=94612&limit=0", "limit"),
        ("zip=94612&open=true", "open"),
    ] {
        let answer = api
            .get(&format!("/restaurants/available?{query}"))
            .await
            .expect(400);
        assert_eq!(answer.json()["field"], field, "{answer}");
    }
}
