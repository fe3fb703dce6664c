//! What is logged, and what is not.

use crate::process::Process;
use serde_json::json;

/// Parts of requests that belong to somebody: none of them may be in a log.
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
async fn nothing_that_a_client_sends_is_logged_but_its_route() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let process = Process::logging_to(log.reopen().unwrap());
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
        // Bad headers, parameters and paths.
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
