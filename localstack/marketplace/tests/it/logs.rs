//! The contents of the logs.

use crate::api::{Api, PATIENCE};
use crate::process::Process;
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

/// Parts of requests with personal or secret data, which must not be logged.
const PRIVATE: [&str; 7] = [
    "Quentin-Zyx",
    "Hidden-Lane",
    "key-of-quentin",
    "token-of-quentin",
    "body-of-quentin",
    "words-of-quentin",
    "trace-of-quentin",
];

#[tokio::test(flavor = "multi_thread")]
async fn personal_data_of_requests_is_not_logged() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let process = Process::logging_to(log.reopen().unwrap(), "info");
    let (url, http) = (process.url().to_owned(), reqwest::Client::new());
    let consumers = http.post(format!("{url}/consumers"));
    let name = json!({ "name": { "firstName": "Quentin-Zyx", "lastName": "Hidden-Lane" } });
    let requests = [
        // Accepted.
        consumers.header("Idempotency-Key", "key-of-quentin").json(&name),
        // The same key for another command.
        http.post(format!("{url}/consumers"))
            .header("Idempotency-Key", "key-of-quentin")
            .json(&json!({ "name": { "firstName": "body-of-quentin", "lastName": "X" } })),
        // Not JSON, an unknown field, a wrong type.
        http.post(format!("{url}/consumers"))
            .header("Content-Type", "application/json")
            .body("body-of-quentin"),
        http.post(format!("{url}/consumers"))
            .json(&json!({ "body-of-quentin": "Hidden-Lane" })),
        http.post(format!("{url}/orders"))
            .json(&json!({ "consumerId": "body-of-quentin" })),
        // Invalid headers, parameters and paths.
        http.get(format!("{url}/orders/words-of-quentin"))
            .header("Consistency-Token", "token-of-quentin")
            .header("traceparent", "trace-of-quentin"),
        http.get(format!(
            "{url}/orders?consumerId=words-of-quentin&keywords=words-of-quentin"
        )),
        http.get(format!("{url}/words-of-quentin")),
    ];
    let mut answered = vec![];
    for request in requests {
        answered.push(request.send().await.unwrap().status().as_u16());
    }
    assert_eq!(answered, [201, 422, 400, 400, 400, 400, 400, 404]);
    process.kill();

    let text = std::fs::read_to_string(log.path()).unwrap();
    let lines = text.lines().filter(|line| line.contains(r#"route="/consumers""#));
    assert_eq!(lines.count(), 4, "every command has a line:\n{text}");
    for private in PRIVATE {
        assert!(!text.contains(private), "{private} was logged:\n{text}");
    }
}

/// Text in the lines of one order, beside its correlation id: the functions that take the command, relay, react and project.
const STATIONS: [&str; 16] = [
    r#"route="/orders" status=201"#,
    r#"stream=order#"#,
    r#"relayed table="orders-events""#,
    r#"relayed table="kitchen-events""#,
    r#"relayed table="accounting-events""#,
    r#"actor="accounting-reactor""#,
    r#"actor="kitchen-reactor""#,
    r#"actor="orders-reactor""#,
    r#"applied subscriber="accounting-reactor""#,
    r#"applied subscriber="kitchen-reactor""#,
    r#"applied subscriber="orders-reactor""#,
    r#"applied subscriber="delivery-reactor""#,
    r#"applied subscriber="order-history""#,
    r#"applied subscriber="order-totals""#,
    r#"applied subscriber="kitchen-board""#,
    r#"applied subscriber="account-statement""#,
];

#[tokio::test(flavor = "multi_thread")]
async fn request_can_be_followed_by_its_ids_through_every_function() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let closely = "info,event_store=debug,relay=debug,projection=debug";
    let process = Process::logging_to(log.reopen().unwrap(), closely);
    let api = Api::new(process.url());
    let (consumer, restaurant) = (api.consumer().await, api.restaurant().await);
    let request = api.with_headers(&[
        ("x-correlation-id", "shop-7:42"),
        (
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ),
    ]);
    request.order(&consumer, &restaurant).await;

    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(log.path()).unwrap();
        let ids = [
            r#"correlationId="shop-7:42""#,
            r#"traceId="4bf92f3577b34da6a3ce929d0e0e4736""#,
        ];
        let lines = text.lines().filter(|line| ids.iter().all(|id| line.contains(id)));
        let lines: Vec<&str> = lines.collect();
        let missing = STATIONS
            .into_iter()
            .find(|station| !lines.iter().any(|line| line.contains(station)));
        let Some(missing) = missing else { break };
        assert!(Instant::now() < deadline, "nothing of {missing} in:\n{text}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
