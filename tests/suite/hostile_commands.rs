//! E: invalid input to commands on orders, restaurants, deliveries and couriers.

use crate::hostile_input::{Case, case, no_bodies, not_refused, not_refused_by, with};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Consumer, Courier, Order, Restaurant, here, unique};

/// Returns the invalid bodies for a command whose missing body counts as `{}`.
fn no_bodies_but_nothing() -> Vec<Case> {
    let mut cases = no_bodies();
    cases.retain(|case| case.name != "nothing at all");
    cases
}

#[tokio::test]
async fn e_invalid_revisions_are_refused_and_do_not_change_the_order() {
    let api = here();
    let (consumer, restaurant) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &restaurant, 5).await;
    let _ = order.eventually_in_the_kitchen(&api).await;
    let line = json!({ "menuItemId": "1", "quantity": 10 });
    let good = json!({ "revisedOrderLineItems": [line] });
    let quantity = |value: Value| with(&good, "/revisedOrderLineItems/0/quantity", value);
    let field = Some("revisedOrderLineItems[0].quantity");
    let lines = Some("revisedOrderLineItems");
    let many: Vec<Value> = (0..101)
        .map(|n| json!({ "menuItemId": n.to_string(), "quantity": 1 }))
        .collect();
    let mut cases = no_bodies_but_nothing();
    cases.extend([
        case("no lines", "{}", (400, lines)),
        case(
            "empty lines",
            with(&good, "/revisedOrderLineItems", json!([])),
            (400, lines),
        ),
        case(
            "101 lines",
            with(&good, "/revisedOrderLineItems", json!(many)),
            (400, lines),
        ),
        case(
            "an item twice",
            with(&good, "/revisedOrderLineItems", json!([line, line])),
            (400, lines),
        ),
        case("a negative quantity", quantity(json!(-1)), (400, field)),
        case("no quantity", quantity(json!(0)), (400, field)),
        case("a fractional quantity", quantity(json!(1.5)), (400, field)),
        case(
            "a huge quantity",
            quantity(json!(4_294_967_297_u64)),
            (400, field),
        ),
        case(
            "a price of one's own",
            with(&good, "/revisedOrderLineItems/0/price", json!("0.01")),
            (400, Some("revisedOrderLineItems[0].price")),
        ),
        case(
            "a time without a zone",
            with(&good, "/deliveryTime", json!("2026-11-23T10:00:00")),
            (400, Some("deliveryTime")),
        ),
        case(
            "half an address",
            with(&good, "/deliveryAddress", json!({ "street1": "x" })),
            (400, Some("deliveryAddress.city")),
        ),
        case(
            "an unknown field",
            with(&good, "/status", json!("DELIVERED")),
            (400, Some("status")),
        ),
    ]);
    let wrong = not_refused(&api, &format!("/orders/{}/revise", order.id), cases).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let wrong = not_refused(
        &api,
        &format!("/orders/{}/cancel", order.id),
        no_bodies_but_nothing(),
    )
    .await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let story = order.story(&api).await;
    assert_eq!(
        (&story["status"], &story["orderTotal"]),
        (&json!("APPROVED"), &json!("61.70")),
        "{story}"
    );
}

#[tokio::test]
async fn e_invalid_hours_and_service_areas_are_refused_and_do_not_change_the_restaurant() {
    let api = here();
    let ajanta = Restaurant::ajanta(&api).await;
    let restaurant = format!("/restaurants/{}", ajanta.id);
    let before = api.get(&restaurant).await.expect(200).json();
    let span = json!({ "dayOfWeek": "MONDAY", "opens": "08:00", "closes": "22:00" });
    let good = json!({ "openingHours": [span] });
    let mut cases = no_bodies_but_nothing();
    cases.extend([
        case("no hours", "{}", (400, Some("openingHours"))),
        case(
            "29 spans",
            with(&good, "/openingHours", json!(vec![span.clone(); 29])),
            (400, Some("openingHours")),
        ),
        case(
            "a day that is none",
            with(&good, "/openingHours/0/dayOfWeek", json!("Caturday")),
            (400, Some("openingHours[0].dayOfWeek")),
        ),
        case(
            "a time that is none",
            with(&good, "/openingHours/0/closes", json!("24:01")),
            (400, Some("openingHours[0].closes")),
        ),
        case(
            "a zone that is none",
            with(&good, "/timeZone", json!("Mars/Olympus")),
            (400, Some("timeZone")),
        ),
        case(
            "an unknown field",
            with(&good, "/closed", json!(true)),
            (400, Some("closed")),
        ),
    ]);
    let mut wrong = not_refused_by(&api, &Method::PUT, &format!("{restaurant}/hours"), cases).await;
    let good = json!({ "serviceArea": ["94612"] });
    let many: Vec<String> = (0..50).map(|n| format!("{n:05}")).collect();
    let mut cases = no_bodies_but_nothing();
    cases.extend([
        case("no area", "{}", (400, Some("serviceArea"))),
        case(
            "50 zip codes",
            with(&good, "/serviceArea", json!(many)),
            (400, Some("serviceArea")),
        ),
        case(
            "a zip code twice",
            with(&good, "/serviceArea", json!(["94612", "94612"])),
            (400, Some("serviceArea[1]")),
        ),
        case(
            "a number",
            with(&good, "/serviceArea/0", json!(94612)),
            (400, Some("serviceArea[0]")),
        ),
        case(
            "a zip code with a path",
            with(&good, "/serviceArea/0", json!("../1")),
            (400, Some("serviceArea[0]")),
        ),
    ]);
    wrong.extend(not_refused_by(&api, &Method::PUT, &format!("{restaurant}/service-area"), cases).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(api.get(&restaurant).await.expect(200).json(), before);
}

#[tokio::test]
async fn e_invalid_couriers_are_refused() {
    let api = here();
    let mut cases = no_bodies();
    let name = Some("name");
    let good = json!({ "name": "Mia Wong" });
    let at = |value: Value| with(&good, "/name", value);
    cases.retain(|case| case.name != "nothing at all");
    cases.extend([
        case("no name", "{}", (400, name)),
        case("an empty name", at(json!("")), (400, name)),
        case("an over-long name", at(json!("x".repeat(1_000))), (400, name)),
        case("a line break", at(json!("Mia\r\nWong")), (400, name)),
        case("an object", at(json!({ "firstName": "Mia" })), (400, name)),
        case(
            "an unknown field",
            with(&good, "/available", json!(true)),
            (400, Some("available")),
        ),
    ]);
    let wrong = not_refused(&api, "/couriers", cases).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let courier = Courier::available(&api).await;
    let path = format!("/couriers/{}/availability", courier.id);
    let field = Some("available");
    let mut cases = no_bodies_but_nothing();
    cases.extend([
        case("nothing said", "{}", (400, field)),
        case("text", r#"{"available":"true"}"#, (400, field)),
        case("a number", r#"{"available":1}"#, (400, field)),
        case("null", r#"{"available":null}"#, (400, field)),
    ]);
    let wrong = not_refused(&api, &path, cases).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let shown = api
        .get(&format!("/couriers/{}", courier.id))
        .await
        .expect(200)
        .json();
    assert_eq!(shown["available"], true, "{shown}");
}

#[tokio::test]
async fn e_invalid_coordinates_are_refused() {
    let api = here();
    let (consumer, restaurant) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &restaurant, 1).await;
    let _ = order.eventually_is(&api, "APPROVED").await;
    let good = json!({ "latitude": 37.8, "longitude": -122.2 });
    let (latitude, longitude) = (Some("latitude"), Some("longitude"));
    let cases = vec![
        case("none", "{}", (400, latitude)),
        case("half", r#"{"latitude":37.8}"#, (400, longitude)),
        case(
            "beyond the pole",
            with(&good, "/latitude", json!(90.5)),
            (400, latitude),
        ),
        case(
            "around the globe",
            with(&good, "/longitude", json!(-180.5)),
            (400, longitude),
        ),
        case("text", with(&good, "/latitude", json!("37.8")), (400, latitude)),
        case("null", with(&good, "/longitude", json!(null)), (400, longitude)),
        case(
            "beyond all numbers",
            r#"{"latitude":1e999,"longitude":0}"#,
            (400, None),
        ),
        case(
            "an unknown field",
            with(&good, "/altitude", json!(3)),
            (400, Some("altitude")),
        ),
    ];
    let wrong = not_refused(&api, &format!("/deliveries/{}/location", order.id), cases).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn e_ids_of_another_kind_are_refused_everywhere() {
    let api = here();
    let (con, ord) = (unique("con_"), unique("ord_"));
    for path in [
        format!("/orders/{con}/current"),
        format!("/orders/{con}/composed"),
        format!("/payments/{con}"),
        format!("/deliveries/{con}"),
        format!("/couriers/{ord}"),
        format!("/restaurants/{con}/tickets"),
        format!("/restaurants/{con}/sales"),
        format!("/consumers/{ord}/summary"),
        format!("/accounts/{ord}/statement"),
    ] {
        assert_eq!(api.get(&path).await.expect(400).code(), "INVALID_ID", "{path}");
    }
    for path in [
        format!("/orders/{con}/cancel"),
        format!("/deliveries/{con}/picked-up"),
        format!("/deliveries/{con}/delivered"),
    ] {
        assert_eq!(
            api.post(&path, &json!({})).await.expect(400).code(),
            "INVALID_ID",
            "{path}"
        );
    }
    let path = format!("/restaurants/{con}");
    assert_eq!(api.delete(&path).await.expect(400).code(), "INVALID_ID");
}

#[tokio::test]
async fn e_invalid_parameters_of_views_are_refused() {
    let api = here();
    let (rst, con, ord) = (unique("rst_"), unique("con_"), unique("ord_"));
    for (path, field) in [
        (format!("/restaurants/{rst}/tickets?status=COLD"), "status"),
        (
            format!("/restaurants/{rst}/tickets?status=ACCEPTED,CANCELLED"),
            "status",
        ),
        (format!("/restaurants/{rst}/tickets?limit=1000"), "limit"),
        (format!("/restaurants/{rst}/sales?from=yesterday"), "from"),
        (format!("/restaurants/{rst}/sales?from=2026-02-30"), "from"),
        (
            format!("/restaurants/{rst}/sales?from=2026-02-02&to=2026-02-01"),
            "to",
        ),
        (
            format!("/restaurants/{rst}/sales?from=2020-01-01&to=2026-01-01"),
            "from",
        ),
        (format!("/consumers/{con}/summary?year=2026"), "year"),
        (format!("/accounts/{con}/statement?limit=0"), "limit"),
        (format!("/accounts/{con}/statement?cursor=x"), "cursor"),
        (format!("/orders/{ord}/events?stream=consumer"), "stream"),
        (format!("/orders/{ord}/events?cursor=x"), "cursor"),
        ("/couriers?available=maybe".to_owned(), "available"),
    ] {
        let answer = api.get(&path).await.expect(400);
        assert_eq!(answer.json()["field"], field, "{answer}");
    }
}
