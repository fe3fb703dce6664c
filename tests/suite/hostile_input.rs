//! E: invalid input. Every case is refused with a 4xx that names the error and its place, stores nothing, and the next request
//! is served.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Api, Consumer, Order, Restaurant, ajanta, encode, eventually, here, skipped_at_a_url, target, unique,
};

/// Bytes that are sent to this path as `application/json`.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    body: Vec<u8>,
    /// The status, and the field that the problem names, if it concerns one.
    expected: (u16, Option<&'static str>),
}

pub(crate) fn case(
    name: &'static str,
    body: impl Into<Vec<u8>>,
    expected: (u16, Option<&'static str>),
) -> Case {
    Case {
        name,
        body: body.into(),
        expected,
    }
}

/// Returns a valid body with one value replaced, or added if there was none.
pub(crate) fn with(good: &Value, pointer: &str, value: Value) -> Vec<u8> {
    let mut body = good.clone();
    match body.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            body.pointer_mut(parent).unwrap()[name] = value;
        }
    }
    serde_json::to_vec(&body).unwrap()
}

fn without(good: &Value, parent: &str, name: &str) -> Vec<u8> {
    let mut body = good.clone();
    body.pointer_mut(parent)
        .unwrap()
        .as_object_mut()
        .unwrap()
        .remove(name);
    serde_json::to_vec(&body).unwrap()
}

/// Returns bodies that are invalid for every command.
pub(crate) fn no_bodies() -> Vec<Case> {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_object = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
    vec![
        case("nothing at all", "", (400, None)),
        case("no JSON", "order me something", (400, None)),
        case("half a body", "{\"name\":", (400, None)),
        case("something after the body", "{} {}", (400, None)),
        case(
            "not UTF-8",
            vec![b'{', b'"', 0xff, 0xfe, b'"', b':', b'1', b'}'],
            (400, None),
        ),
        case(
            "UTF-16",
            "{}".encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<u8>>(),
            (400, None),
        ),
        case("NUL", "\0", (400, None)),
        case("an array", "[]", (400, None)),
        case("null", "null", (400, None)),
        case("a number", "1e999", (400, None)),
        case("text", "\"{}\"", (400, None)),
        case("too deep", deep, (400, None)),
        case("too deep, in objects", deep_object, (400, None)),
        case(
            "too large",
            format!("{{\"a\":\"{}\"}}", "x".repeat(70_000)),
            (413, None),
        ),
        case("far too large", "x".repeat(1_000_000), (413, None)),
        case("a lone surrogate", r#"{"name":"\ud800"}"#, (400, None)),
        case("NaN", "{\"a\":NaN}", (400, None)),
    ]
}

fn bad_consumers() -> Vec<Case> {
    let good = json!({ "name": { "firstName": "Anya", "lastName": "Lee" } });
    let first = Some("name.firstName");
    let at = |value: Value| with(&good, "/name/firstName", value);
    vec![
        case("no name", "{}", (400, Some("name"))),
        case(
            "half a name",
            without(&good, "/name", "lastName"),
            (400, Some("name.lastName")),
        ),
        case("an empty name", at(json!("")), (400, first)),
        case("a blank name", at(json!("   ")), (400, first)),
        case("an over-long name", at(json!("x".repeat(1_000))), (400, first)),
        case("a control character", at(json!("A\u{0}nya")), (400, first)),
        case("a line break", at(json!("Anya\r\nSet-Cookie: a=b")), (400, first)),
        case(
            "an override of direction",
            at(json!("Anya\u{202e}")),
            (400, first),
        ),
        case("a number", at(json!(7)), (400, first)),
        case(
            "the fields as an array",
            with(&good, "/name", json!(["Anya", "Lee"])),
            (400, Some("name")),
        ),
        case("an object", at(json!({ "$gt": "" })), (400, first)),
        case("null", at(json!(null)), (400, first)),
        case(
            "an unknown field",
            with(&good, "/admin", json!(true)),
            (400, Some("admin")),
        ),
        case(
            "an unknown field inside",
            with(&good, "/name/title", json!("Dr")),
            (400, Some("name.title")),
        ),
        case(
            "a field twice",
            r#"{"name":{"firstName":"A","lastName":"B"},"name":{"firstName":"C","lastName":"D"}}"#,
            (400, Some("name")),
        ),
    ]
}

fn bad_restaurants() -> Vec<Case> {
    let good = ajanta("Ajanta", &[("1", "Chicken Vindaloo", "12.34")]);
    let price = |value: Value| with(&good, "/menu/menuItems/0/price", value);
    let price_field = Some("menu.menuItems[0].price");
    let item = json!({ "id": "1", "name": "Chicken Vindaloo", "price": "12.34" });
    let many: Vec<Value> = (0..2_000)
        .map(|n| json!({ "id": n.to_string(), "name": "x", "price": "1.00" }))
        .collect();
    vec![
        case("no menu", without(&good, "", "menu"), (400, Some("menu"))),
        case(
            "an empty menu",
            with(&good, "/menu/menuItems", json!([])),
            (400, Some("menu")),
        ),
        case(
            "an item twice",
            with(&good, "/menu/menuItems", json!([item, item])),
            (400, Some("menu")),
        ),
        case(
            "2,000 items",
            with(&good, "/menu/menuItems", json!(many)),
            (413, None),
        ),
        case("money as a number", price(json!(12.34)), (400, price_field)),
        case("money as a whole number", price(json!(12)), (400, price_field)),
        case("money with an exponent", price(json!("1e3")), (400, price_field)),
        case(
            "money with three decimals",
            price(json!("12.345")),
            (400, price_field),
        ),
        case("money with one decimal", price(json!("12.3")), (400, price_field)),
        case("money without decimals", price(json!("12")), (400, price_field)),
        case("negative money", price(json!("-12.34")), (400, price_field)),
        case(
            "too much money",
            price(json!("99999999999999999999.00")),
            (400, price_field),
        ),
        case(
            "money as an object",
            price(json!({ "amount": "12.34" })),
            (400, price_field),
        ),
        case("money in words", price(json!("NaN")), (400, price_field)),
        case("money with a comma", price(json!("12,34")), (400, price_field)),
        case(
            "an empty name",
            with(&good, "/name", json!("")),
            (400, Some("name")),
        ),
        case(
            "an over-long name",
            with(&good, "/name", json!("x".repeat(5_000))),
            (400, Some("name")),
        ),
        case(
            "an over-long item name",
            with(&good, "/menu/menuItems/0/name", json!("x".repeat(5_000))),
            (400, Some("menu.menuItems[0].name")),
        ),
        case(
            "an item id with a path",
            with(&good, "/menu/menuItems/0/id", json!("../1")),
            (400, Some("menu.menuItems[0].id")),
        ),
        case(
            "an empty item id",
            with(&good, "/menu/menuItems/0/id", json!("")),
            (400, Some("menu.menuItems[0].id")),
        ),
        case(
            "a day that is none",
            with(&good, "/openingHours/0/dayOfWeek", json!("Caturday")),
            (400, Some("openingHours[0].dayOfWeek")),
        ),
        case(
            "a time that is none",
            with(&good, "/openingHours/0/opens", json!("25:00")),
            (400, Some("openingHours[0].opens")),
        ),
        case(
            "a time as a number",
            with(&good, "/openingHours/0/opens", json!(800)),
            (400, Some("openingHours[0].opens")),
        ),
        case(
            "a zone that is none",
            with(&good, "/timeZone", json!("Mars/Olympus")),
            (400, Some("timeZone")),
        ),
        case(
            "a zone with a path",
            with(&good, "/timeZone", json!("../../etc/passwd")),
            (400, Some("timeZone")),
        ),
        case(
            "a zip code with a path",
            with(&good, "/serviceArea/0", json!("../94612")),
            (400, Some("serviceArea[0]")),
        ),
        case(
            "an unknown field",
            with(&good, "/stars", json!(5)),
            (400, Some("stars")),
        ),
        case(
            "an unknown field in an item",
            with(&good, "/menu/menuItems/0/vegan", json!(true)),
            (400, None),
        ),
        case(
            "no address",
            without(&good, "", "address"),
            (400, Some("address")),
        ),
    ]
}

fn bad_orders(good: &Value, restaurant: &Restaurant) -> Vec<Case> {
    let quantity = |value: Value| with(good, "/lineItems/0/quantity", value);
    let quantity_field = Some("lineItems[0].quantity");
    let many: Vec<Value> = (0..2_000)
        .map(|n| json!({ "menuItemId": n.to_string(), "quantity": 1 }))
        .collect();
    let some: Vec<Value> = (0..101)
        .map(|n| json!({ "menuItemId": n.to_string(), "quantity": 1 }))
        .collect();
    let time = |value: &str| with(good, "/deliveryTime", json!(value));
    let huge = "99999999999999999999999999999999999999";
    let huge = String::from_utf8(quantity(json!("HUGE")))
        .unwrap()
        .replace("\"HUGE\"", huge);
    vec![
        case(
            "no line items",
            with(good, "/lineItems", json!([])),
            (400, Some("lineItems")),
        ),
        case(
            "101 line items",
            with(good, "/lineItems", json!(some)),
            (400, Some("lineItems")),
        ),
        case(
            "2,000 line items",
            with(good, "/lineItems", json!(many)),
            (413, None),
        ),
        case(
            "an item twice",
            with(
                good,
                "/lineItems",
                json!([good["lineItems"][0], good["lineItems"][0]]),
            ),
            (400, Some("lineItems")),
        ),
        case("a negative quantity", quantity(json!(-1)), (400, quantity_field)),
        case("no quantity", quantity(json!(0)), (400, quantity_field)),
        case(
            "a huge quantity",
            quantity(json!(4_294_967_297_u64)),
            (400, quantity_field),
        ),
        case("a quantity beyond all numbers", huge, (400, quantity_field)),
        case(
            "a fractional quantity",
            quantity(json!(1.5)),
            (400, quantity_field),
        ),
        case("a quantity as text", quantity(json!("1")), (400, quantity_field)),
        case(
            "a price of one's own",
            with(good, "/lineItems/0/price", json!("0.01")),
            (400, Some("lineItems[0].price")),
        ),
        case(
            "a total of one's own",
            with(good, "/orderTotal", json!("0.01")),
            (400, Some("orderTotal")),
        ),
        case(
            "a consumer that is a restaurant",
            with(good, "/consumerId", json!(restaurant.id)),
            (400, Some("consumerId")),
        ),
        case(
            "a restaurant with a path",
            with(good, "/restaurantId", json!("../../etc/passwd")),
            (400, Some("restaurantId")),
        ),
        case(
            "an id in capitals",
            with(good, "/restaurantId", json!(restaurant.id.to_uppercase())),
            (400, Some("restaurantId")),
        ),
        case(
            "a time without a zone",
            time("2026-11-23T10:00:00"),
            (400, Some("deliveryTime")),
        ),
        case("a date", time("2026-11-23"), (400, Some("deliveryTime"))),
        case(
            "a day that is none",
            time("2026-02-30T10:00:00Z"),
            (400, Some("deliveryTime")),
        ),
        case(
            "a time as a number",
            with(good, "/deliveryTime", json!(1_700_000_000)),
            (400, Some("deliveryTime")),
        ),
        case(
            "an empty street",
            with(good, "/deliveryAddress/street1", json!("")),
            (400, Some("deliveryAddress.street1")),
        ),
        case(
            "a control character",
            with(good, "/deliveryAddress/city", json!("Oak\u{7}land")),
            (400, Some("deliveryAddress.city")),
        ),
        case(
            "an over-long street",
            with(good, "/deliveryAddress/street1", json!("x".repeat(5_000))),
            (400, Some("deliveryAddress.street1")),
        ),
        case(
            "no address",
            without(good, "", "deliveryAddress"),
            (400, Some("deliveryAddress")),
        ),
        case(
            "an unknown field",
            with(good, "/status", json!("APPROVED")),
            (400, Some("status")),
        ),
    ]
}

/// Sends every case and returns those that were not refused as expected.
pub(crate) async fn not_refused(api: &Api, path: &str, cases: Vec<Case>) -> Vec<String> {
    not_refused_by(api, &Method::POST, path, cases).await
}

/// Does the same as [`not_refused`] with another method.
pub(crate) async fn not_refused_by(api: &Api, method: &Method, path: &str, cases: Vec<Case>) -> Vec<String> {
    let mut wrong = Vec::new();
    for Case { name, body, expected } in cases {
        let request = api
            .request(method.clone(), path)
            .header("Content-Type", "application/json")
            .body(body);
        let answer = api.send(request).await;
        let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let is_problem = answer.header("Content-Type") == Some("application/problem+json")
            && problem["code"].as_str().is_some_and(|code| !code.is_empty());
        let (status, field) = expected;
        let says_where = field.is_none_or(|field| problem["field"] == field);
        if answer.status != status || !is_problem || !says_where {
            wrong.push(format!("{name}: expected {expected:?}: {answer}"));
        }
    }
    wrong
}

#[tokio::test]
async fn e_invalid_consumers_are_refused() {
    let api = here();
    let mut wrong = not_refused(&api, "/consumers", no_bodies()).await;
    wrong.extend(not_refused(&api, "/consumers", bad_consumers()).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let _ = Consumer::create(&api).await;
}

#[tokio::test]
async fn e_invalid_restaurants_are_refused() {
    let api = here();
    let mut wrong = not_refused(&api, "/restaurants", no_bodies()).await;
    wrong.extend(not_refused(&api, "/restaurants", bad_restaurants()).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let _ = Restaurant::ajanta(&api).await;
}

#[tokio::test]
async fn e_invalid_orders_are_refused_and_not_stored() {
    let api = here();
    let (consumer, restaurant) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let good = Order::body(&consumer, &restaurant, 1);
    let mut wrong = not_refused(&api, "/orders", no_bodies()).await;
    wrong.extend(not_refused(&api, "/orders", bad_orders(&good, &restaurant)).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let order = Order::place_body(&api, &good).await;
    let page = api
        .get_after(&consumer.orders(""), &order.token)
        .await
        .expect(200);
    assert_eq!(
        page.json()["orders"].as_array().map(Vec::len),
        Some(1),
        "only the valid one: {page}"
    );
}

#[tokio::test]
async fn e_invalid_menus_are_refused_and_do_not_change_the_menu() {
    let api = here();
    let ajanta = Restaurant::ajanta(&api).await;
    let path = format!("/restaurants/{}/menu", ajanta.id);
    for (body, field) in [
        (json!({ "menuItems": [] }), None),
        (
            json!({ "menuItems": [{ "id": "1", "name": "x", "price": 1 }] }),
            Some("menuItems[0].price"),
        ),
        (
            json!({ "menuItems": [{ "id": "1", "name": "", "price": "1.00" }] }),
            Some("menuItems[0].name"),
        ),
        (json!({ "items": [] }), Some("items")),
        (json!([]), None),
    ] {
        let answer = api.put(&path, &body).await.expect(400);
        assert_eq!(answer.code(), "MALFORMED_BODY");
        assert!(
            field.is_none_or(|field| answer.json()["field"] == field),
            "{answer}"
        );
    }
    let shown = api
        .get(&format!("/restaurants/{}", ajanta.id))
        .await
        .expect(200)
        .json();
    assert_eq!(shown["menu"]["menuItems"][0]["price"], "12.34", "{shown}");
}

#[tokio::test]
async fn e_invalid_credit_limits_are_refused() {
    let api = here();
    let consumer = Consumer::create(&api).await;
    let path = format!("/accounts/{}/limit", consumer.id);
    let good = json!({ "creditLimit": "15.00" });
    let limit = |value: Value| with(&good, "/creditLimit", value);
    let field = Some("creditLimit");
    let mut cases = no_bodies();
    // A body that is missing counts as `{}`, which lacks the limit.
    cases.retain(|case| case.name != "nothing at all");
    cases.extend([
        case("a number", limit(json!(15)), (400, field)),
        case("negative", limit(json!("-1.00")), (400, field)),
        case("three decimals", limit(json!("1.000")), (400, field)),
        case("null", limit(json!(null)), (400, field)),
        case("none", "{}", (400, field)),
        case(
            "an unknown field",
            with(&good, "/currency", json!("EUR")),
            (400, Some("currency")),
        ),
    ]);
    let wrong = not_refused(&api, &path, cases).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let _ = api.post(&path, &good).await.expect(200);
}

#[tokio::test]
async fn e_invalid_acceptances_are_refused() {
    let api = here();
    let (consumer, restaurant) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &restaurant, 1).await;
    let _ = order.eventually_is(&api, "APPROVED").await;
    let path = format!("/tickets/{}/accept", order.id);
    let field = Some("readyBy");
    let cases = vec![
        case("none", "{}", (400, field)),
        case("no zone", r#"{"readyBy":"2099-01-01T00:00:00"}"#, (400, field)),
        case("a number", r#"{"readyBy":4070908800}"#, (400, field)),
        case(
            "an unknown field",
            r#"{"readyBy":"2099-01-01T00:00:00Z","by":"me"}"#,
            (400, Some("by")),
        ),
    ];
    let wrong = not_refused(&api, &path, cases).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let refused = eventually("a time that has passed is refused", async || {
        let answer = api
            .post(&path, &json!({ "readyBy": "2020-01-01T00:00:00Z" }))
            .await;
        // Before the approval has reached the kitchen, the ticket itself refuses.
        if answer.status == 422 {
            Ok(answer)
        } else {
            Err(answer)
        }
    })
    .await;
    assert_eq!(refused.code(), "READY_BY_NOT_IN_FUTURE");
    let shown = api
        .get(&format!("/tickets/{}", order.id))
        .await
        .expect(200)
        .json();
    assert_eq!(shown["status"], "AWAITING_ACCEPTANCE", "{shown}");
}

#[tokio::test]
async fn e_a_ticket_step_out_of_order_is_refused_with_the_current_status() {
    let api = here();
    let (consumer, restaurant) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let order = Order::place(&api, &consumer, &restaurant, 1).await;
    let _ = order.eventually_is(&api, "APPROVED").await;
    let refused = api
        .post(&format!("/tickets/{}/picked-up", order.id), &json!({}))
        .await
        .expect(409);
    assert_eq!(refused.code(), "INVALID_STATE_TRANSITION");
    let stands = refused.json()["currentStatus"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    // The approval may not have reached the kitchen yet.
    assert!(
        ["CREATE_PENDING", "AWAITING_ACCEPTANCE"].contains(&stands.as_str()),
        "{refused}"
    );
}

#[tokio::test]
async fn e_a_body_that_is_not_declared_as_json_is_refused() {
    let api = here();
    let body = r#"{"name":{"firstName":"Anya","lastName":"Lee"}}"#;
    for media_type in [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
    ] {
        let request = api
            .request(Method::POST, "/consumers")
            .header("Content-Type", media_type)
            .body(body);
        let answer = api.send(request).await.expect(415);
        assert_eq!(answer.code(), "UNSUPPORTED_MEDIA_TYPE", "{media_type}");
    }
}

#[tokio::test]
async fn e_invalid_ids_are_refused() {
    let api = here();
    let con = unique("con_");
    let hostile = [
        "ord_",
        "ord_1",
        &con,
        "%20",
        "null",
        "ord_%00000000000000000000000000000000",
        &format!("ord_{}", "a".repeat(5_000)),
        &format!("ord_{}", "A".repeat(32)),
        "%F0%9F%8D%95",
        "%FF%FE",
        "order%23ord_1",
        "..%2F..%2Fetc%2Fpasswd",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "*",
        "'%20OR%201=1--",
    ];
    for id in hostile {
        for path in [
            format!("/orders/{id}"),
            format!("/orders/{id}/events"),
            format!("/tickets/{id}"),
        ] {
            let answer = api.get(&path).await;
            // A gateway may refuse some of these by itself.
            let refused = answer.status == 400 || (target().remote && (400..500).contains(&answer.status));
            assert!(refused, "{path}: {answer}");
            // A gateway may also forward a different path: `/orders/ ` as `/orders/`.
            if answer.status == 400 && answer.header("Content-Type") == Some("application/problem+json") {
                assert_eq!(answer.code(), "INVALID_ID", "{path}");
            }
        }
    }
    for path in [
        format!("/consumers/{}", unique("ord_")),
        format!("/restaurants/{con}"),
        format!("/accounts/{}", unique("ord_")),
    ] {
        assert_eq!(api.get(&path).await.expect(400).code(), "INVALID_ID", "{path}");
    }
}

#[tokio::test]
async fn e_invalid_parameters_are_refused() {
    let api = here();
    let consumer = Consumer::create(&api).await;
    let long = format!("keywords={}", "a".repeat(2_000));
    for (parameters, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=1e2", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("limit=1&limit=2", "limit"),
        ("status=HUNGRY", "status"),
        ("status=approved", "status"),
        ("sort=random", "sort"),
        ("since=yesterday", "since"),
        ("since=2026-11-23T10:00:00", "since"),
        ("until=1700000000", "until"),
        ("keywords=%F0%9F%8D%95", "keywords"),
        (&long, "keywords"),
        ("consumer=me", "consumer"),
        ("page=2", "page"),
    ] {
        let answer = api.get(&consumer.orders(parameters)).await.expect(400);
        assert_eq!(answer.code(), "INVALID_PARAMETER", "{parameters}");
        assert_eq!(answer.json()["field"], field, "{parameters}");
    }
    for id in [
        unique("ord_"),
        String::new(),
        encode("con_' OR 1=1"),
        encode("../.."),
    ] {
        let answer = api.get(&format!("/orders?consumerId={id}")).await.expect(400);
        assert_eq!(answer.json()["field"], "consumerId", "{id}");
    }
    let _ = api.get(&consumer.orders("")).await.expect(200);
}

#[tokio::test]
async fn e_invalid_headers_are_refused() {
    let api = here();
    let consumer = Consumer::create(&api).await;
    let person = json!({ "name": { "firstName": "Anya", "lastName": "Lee" } });
    for key in ["", &"k".repeat(256), "two words"] {
        let answer = api.post_once("/consumers", key, &person).await;
        // An empty header may be dropped in transit; then the command has no key.
        if !(key.is_empty() && target().remote) {
            assert_eq!(answer.expect(400).code(), "INVALID_IDEMPOTENCY_KEY", "{key}");
        }
    }
    for wait in ["wait=-1", "wait=11", "wait=soon", "wait=1.5"] {
        let answer = api
            .get_with(&consumer.orders(""), ("Prefer", wait))
            .await
            .expect(400);
        assert_eq!(answer.code(), "INVALID_PREFERENCE", "{wait}");
    }
    let tokens = vec![consumer.token.as_str(); 21].join(",");
    let answer = api.get_after(&consumer.orders(""), &tokens).await.expect(400);
    assert_eq!(answer.code(), "INVALID_CONSISTENCY_TOKEN");
    let _ = api
        .get_after(&consumer.orders(""), &consumer.token)
        .await
        .expect(200);
}

#[tokio::test]
async fn e_a_problem_does_not_repeat_long_input() {
    let api = here();
    let body = json!({ "x".repeat(10_000): 1 });
    let answer = api.post("/consumers", &body).await.expect(400);
    assert!(answer.body.len() < 2_000, "{} bytes", answer.body.len());
}

#[tokio::test]
async fn e_paths_with_dots_are_refused() {
    if skipped_at_a_url(
        "e_paths_with_dots_are_refused",
        "a gateway replies to unknown paths in its own way",
    ) {
        return;
    }
    let api = here();
    for path in [
        "/..%2fetc%2fpasswd",
        "/orders/..%2fhealth/x",
        "//orders",
        "/orders/x/../../health/x",
    ] {
        let answer = api.get(path).await;
        assert!((400..500).contains(&answer.status), "{path}: {answer}");
        let _ = answer.code();
    }
}
