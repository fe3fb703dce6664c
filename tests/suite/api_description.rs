//! B10: the API's OpenAPI description.

use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{here, skipped_at_a_url};

/// The command that generates the committed description.
const REGENERATE: &str = "cargo run -- generate";

/// Reads the committed description.
pub(crate) fn committed() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.json");
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|e| panic!("no openapi.json ({e}); run: {REGENERATE}"));
    serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("openapi.json is not JSON ({e}); run: {REGENERATE}"))
}

/// Collects the places where two documents differ, as JSON pointers.
fn differences(left: &Value, right: &Value, at: &str, found: &mut Vec<String>) {
    match (left, right) {
        (Value::Object(l), Value::Object(r)) => {
            let keys: BTreeSet<&String> = l.keys().chain(r.keys()).collect();
            for key in keys {
                let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                match (l.get(key), r.get(key)) {
                    (Some(l), Some(r)) => differences(l, r, &at, found),
                    _ => found.push(at),
                }
            }
        }
        _ if left != right => found.push(at.to_owned()),
        _ => {}
    }
}

#[track_caller]
fn assert_described_alike(committed: &Value, other: &Value, what: &str) {
    let mut found = Vec::new();
    differences(committed, other, "", &mut found);
    assert!(
        found.is_empty(),
        "openapi.json and {what} differ at {found:#?}\nIf the code is right, run: {REGENERATE}"
    );
}

#[test]
fn b10_committed_description_matches_the_code() {
    let generated = generator::openapi(&system::belvedere()).unwrap();
    let generated: Value = serde_json::from_str(&generated).unwrap();
    assert_described_alike(&committed(), &generated, "the generated description");
}

#[tokio::test]
async fn b10_served_description_matches_the_committed_one() {
    let served = here().get("/openapi.json").await.expect(200);
    assert_eq!(served.header("Content-Type"), Some("application/json"));
    assert_described_alike(&committed(), &served.json(), "the served description");
}

/// Returns every operation: method, path, and its described statuses.
fn operations() -> Vec<(Method, String, BTreeSet<String>)> {
    let document = committed();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else {
                continue;
            };
            let statuses = operation["responses"]
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect();
            operations.push((method, path.clone(), statuses));
        }
    }
    operations
}

/// Replaces the ids in this pattern by valid ids that do not exist.
fn concrete(pattern: &str) -> String {
    let kind = if pattern.contains("consumer") || pattern.contains("account") {
        "con_"
    } else if pattern.contains("restaurant") {
        "rst_"
    } else if pattern.contains("courier") {
        "cou_"
    } else {
        "ord_"
    };
    let id = tests::unique(kind);
    let fill = |segment: &str| match segment {
        "{view}" => "order-history".to_owned(),
        "{id}" if pattern.starts_with("/operations") => "9999999999".to_owned(),
        parameter if parameter.starts_with('{') => id.clone(),
        fixed => fixed.to_owned(),
    };
    pattern.split('/').map(fill).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn b10_every_described_operation_replies_with_a_described_status() {
    let api = here();
    for (method, path, statuses) in operations() {
        let mut request = api.request(method.clone(), &concrete(&path));
        if matches!(method, Method::POST | Method::PUT | Method::PATCH) {
            request = request.json(&json!({ "nobody": "knows this" }));
        }
        let answer = api.send(request).await;
        let described = statuses.contains(&answer.status.to_string());
        assert!(
            described,
            "{method} {path} is described with {statuses:?}\n{answer}"
        );
        if answer.status >= 400 {
            assert!(
                !["NO_SUCH_RESOURCE", "METHOD_NOT_ALLOWED"].contains(&answer.code().as_str()),
                "{answer}"
            );
        }
    }
}

#[tokio::test]
async fn a8_head_is_answered_as_get_is_and_without_a_body() {
    let api = here();
    let mut heads = 0;
    for (_, path, _) in operations()
        .into_iter()
        .filter(|(method, ..)| method == Method::GET)
    {
        let path = concrete(&path);
        let get = api.get(&path).await;
        let head = api.send(api.request(Method::HEAD, &path)).await;
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{head}");
        for name in ["content-type", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{head}");
        }
        heads += 1;
    }
    assert!(heads > 10, "{heads}");
}

/// Headers of the transport and of the body, which OpenAPI does not describe per operation, or ignores (`Content-Type`).
const UNDESCRIBED: [&str; 6] = [
    "connection",
    "content-length",
    "content-type",
    "date",
    "transfer-encoding",
    "vary",
];

#[tokio::test]
async fn a9_every_header_that_is_sent_is_described() {
    if skipped_at_a_url(
        "a9_every_header_that_is_sent_is_described",
        "an API gateway adds headers of its own",
    ) {
        return;
    }
    let api = here();
    let document = committed();
    let described = |method: &Method, path: &str, status: u16| -> BTreeSet<String> {
        let responses = &document["paths"][path][method.as_str().to_lowercase()]["responses"];
        let mut response = &responses[status.to_string()];
        if let Some(reference) = response["$ref"].as_str() {
            response = document.pointer(reference.trim_start_matches('#')).unwrap();
        }
        let headers = response["headers"].as_object();
        let names = headers.into_iter().flat_map(|headers| headers.keys());
        names.map(|name| name.to_lowercase()).collect()
    };
    let mut seen = BTreeSet::new();
    for (method, path, _) in operations() {
        let ask = || api.request(method.clone(), &concrete(&path));
        let requests = if matches!(method, Method::POST | Method::PUT | Method::PATCH) {
            let body = json!({ "nobody": "knows this" });
            // Two are refused with 415: for the type of the body, and for its encoding.
            vec![
                ask().json(&body),
                ask().header("Content-Type", "text/plain").body("x"),
                ask().header("Content-Encoding", "gzip").json(&body),
            ]
        } else {
            vec![ask()]
        };
        let mut answers = Vec::new();
        for request in requests {
            let answer = api.send(request).await;
            if let Some(tag) = answer.header("ETag") {
                answers.push(api.get_with(&concrete(&path), ("If-None-Match", tag)).await);
            }
            answers.push(answer);
        }
        for answer in answers {
            let described = described(&method, &path, answer.status);
            for name in answer.headers.keys() {
                let name = name.as_str().to_lowercase();
                assert!(
                    described.contains(&name) || UNDESCRIBED.contains(&name.as_str()),
                    "{method} {path}: {name} is not described for {}: {described:?}",
                    answer.status
                );
            }
            seen.insert(answer.status);
        }
    }
    assert!(
        seen.is_superset(&BTreeSet::from([200, 304, 400, 404, 415])),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a8_every_operation_refuses_a_parameter_that_it_does_not_have() {
    let api = here();
    for (method, path, _) in operations() {
        // Whoever checks the health of a service may add what it likes.
        if ["/health", "/openapi.json"].contains(&path.as_str()) {
            continue;
        }
        let mut request = api.request(method.clone(), &format!("{}?nobodyKnowsThis=1", concrete(&path)));
        if matches!(method, Method::POST | Method::PUT | Method::PATCH) {
            request = request.json(&json!({}));
        }
        let answer = api.send(request).await.expect(400);
        // An operation reads its path first, and some of these ids are of another kind.
        let code = answer.code();
        assert!(
            ["INVALID_PARAMETER", "INVALID_ID"].contains(&code.as_str()),
            "{answer}"
        );
    }
}

/// Collects the names of all properties below, each with whether it is a moment.
fn properties(json: &Value, found: &mut Vec<(String, bool)>) {
    match json {
        Value::Object(members) => {
            for (name, schema) in members
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                let moment = schema.to_string().contains("#/components/schemas/Moment\"");
                found.push((name.clone(), moment));
            }
            members.values().for_each(|value| properties(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| properties(value, found)),
        _ => {}
    }
}

#[test]
fn a6_names_of_times_are_those_that_answers_are_searched_for() {
    // The local time of a day at which a restaurant closes.
    const NO_MOMENT: &str = "openUntil";
    let mut found = Vec::new();
    properties(&committed(), &mut found);
    assert!(found.iter().any(|(name, moment)| name == "readyBy" && *moment));
    for (name, moment) in found.iter().filter(|(name, _)| name != NO_MOMENT) {
        assert_eq!(http_api::times::is_time(name), *moment, "{name}");
    }
}

#[tokio::test]
async fn b10_paths_and_methods_that_are_not_described_are_refused() {
    if skipped_at_a_url(
        "b10_paths_and_methods_that_are_not_described_are_refused",
        "an API gateway replies to unknown paths in its own way",
    ) {
        return;
    }
    let api = here();
    let operations = operations();
    let paths: BTreeSet<&String> = operations.iter().map(|(_, path, _)| path).collect();
    for path in paths {
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ] {
            if operations.iter().any(|(m, p, _)| *m == method && p == path) {
                continue;
            }
            let answer = api.send(api.request(method, &concrete(path))).await.expect(405);
            assert_eq!(answer.code(), "METHOD_NOT_ALLOWED");
        }
    }
    assert_eq!(
        api.get("/nothing/here").await.expect(404).code(),
        "NO_SUCH_RESOURCE"
    );
}

#[tokio::test]
async fn health_check_succeeds() {
    let _ = here().get("/health").await.expect(200);
}
