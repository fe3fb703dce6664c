//! Tests against a server with scripted replies.

use crate::program::belvedere;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// A request, as "METHOD /path", and its idempotency key.
type Asked = (String, Option<String>);

/// A server and the requests that it received.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// Starts a server that replies according to the request and the number of earlier requests of the same kind.
async fn server(answer: impl Fn(&str, usize) -> (u16, Value) + Clone + Send + Sync + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::<Mutex<Vec<Asked>>>::default();
    let seen = asked.clone();
    let app = Router::new().fallback(async move |request: Request| {
        let what = format!("{} {}", request.method(), request.uri().path());
        let key = request.headers().get("Idempotency-Key");
        let key = key.map(|key| key.to_str().unwrap().to_owned());
        let mut seen = seen.lock().unwrap();
        let before = seen.iter().filter(|(asked, _)| *asked == what).count();
        seen.push((what.clone(), key));
        let (status, body) = answer(&what, before);
        (StatusCode::from_u16(status).unwrap(), Json(body))
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    Server { url, asked }
}

fn view(messages: u64) -> Value {
    json!({ "views": [{
        "name": "couriers", "kind": "VIEW", "generation": 1, "feeding": [1], "candidate": null, "previous": null,
        "clearing": [], "documents": null, "lag": null, "quarantined": 1, "sweeping": null,
        "queue": { "messages": messages, "inFlight": 0, "oldestSeconds": null, "deadLetters": 0 },
    }] })
}

fn quarantine(documents: &[&str]) -> Value {
    let quarantined: Vec<_> = documents
        .iter()
        .map(|document| {
            json!({
                "document": document, "stream": format!("courier#{document}"), "version": 2, "generation": 1,
                "reason": "it cannot be read", "since": "2026-11-25T12:00:00Z", "ageSeconds": 60, "count": 1,
            })
        })
        .collect();
    json!({ "quarantined": quarantined, "skipped": [] })
}

fn rebuild(state: &str, change: Value) -> Value {
    let mut rebuild = json!({
        "view": "couriers", "id": 2, "state": state, "phase": "SCAN", "replaces": 1, "compare": false,
        "segments": { "done": 1, "of": 2 }, "commits": 10, "documents": 5, "items": 10, "expectedItems": 20,
        "ratePerSecond": 5.0, "estimatedEnd": "2026-11-25T12:00:05Z",
        "verification": { "streams": 5, "documents": 5, "behind": 0, "quarantined": 0, "compared": 0, "differences": 0 },
        "failure": null, "differences": [], "started": "2026-11-25T12:00:00Z", "scanStarted": null, "scanEnded": null,
        "ended": null,
    });
    for (name, value) in change.as_object().unwrap() {
        rebuild[name] = value.clone();
    }
    rebuild
}

fn busy() -> (u16, Value) {
    (
        503,
        json!({ "code": "TEMPORARILY_UNAVAILABLE", "detail": "Please try again." }),
    )
}

#[tokio::test]
async fn request_refused_with_503_is_repeated_with_the_same_key() {
    let server = server(|_, before| {
        if before < 2 {
            busy()
        } else {
            (202, rebuild("BUILDING", json!({})))
        }
    })
    .await;
    belvedere(&server.url, &["rebuild", "couriers", "--no-wait"])
        .await
        .exits(0);
    let asked = server.asked.lock().unwrap();
    assert_eq!(asked.len(), 3);
    assert!(
        asked[0].1.is_some() && asked.iter().all(|(_, key)| *key == asked[0].1),
        "{asked:?}"
    );
}

#[tokio::test]
async fn request_refused_on_every_attempt_fails() {
    let server = server(|_, _| busy()).await;
    let run = belvedere(&server.url, &["views"]).await.exits(1);
    assert!(
        run.err.contains("503") && run.err.contains("Try again"),
        "{run:#?}"
    );
}

#[tokio::test]
async fn failed_rebuild_prints_its_reason_and_is_not_flipped() {
    let server = server(|asked, _| match asked {
        "POST /operations/views/couriers/rebuilds" => (202, rebuild("BUILDING", json!({}))),
        _ => (
            200,
            rebuild("FAILED", json!({ "failure": "courier#cou_1 cannot be read" })),
        ),
    })
    .await;
    let run = belvedere(&server.url, &["rebuild", "couriers", "--flip"])
        .await
        .exits(1);
    assert!(run.err.contains("courier#cou_1 cannot be read"), "{run:#?}");
    let asked = server.asked.lock().unwrap();
    assert!(
        asked.iter().all(|(asked, _)| !asked.ends_with("/flip")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn generation_with_differences_is_not_flipped() {
    let differs = json!({
        "verification": { "streams": 5, "documents": 5, "behind": 0, "quarantined": 0, "compared": 5, "differences": 1 },
        "differences": [{ "document": "cou_1", "stored": "{\"a\":1}", "expected": "{\"a\":2}" }],
    });
    let server = server(move |_, _| (200, rebuild("READY", differs.clone()))).await;
    let run = belvedere(&server.url, &["rebuild", "couriers", "--compare", "--flip"])
        .await
        .exits(1);
    for part in [
        "cou_1 differs",
        "{\"a\":1}",
        "{\"a\":2}",
        "belvedere flip couriers 2",
    ] {
        assert!(run.err.contains(part), "no {part}: {run:#?}");
    }
    assert_eq!(server.asked.lock().unwrap().len(), 1, "no flip was requested");
}

#[tokio::test]
async fn wait_ends_at_its_timeout() {
    let server = server(|_, _| (200, rebuild("BUILDING", json!({})))).await;
    // `belvedere` passes a timeout of a minute, so this run does not end yet.
    let run = belvedere(&server.url, &["rebuild", "couriers", "--json"]);
    let run = tokio::time::timeout(std::time::Duration::from_secs(3), run).await;
    assert!(run.is_err(), "it waits for a minute");
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_belvedere"));
    let output = command
        .args(["rebuild", "couriers", "--url", &server.url, "--timeout", "1"])
        .output()
        .await;
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("--timeout"));
}

#[tokio::test]
async fn redrive_waits_until_its_documents_resume() {
    let server = server(|asked, before| match asked {
        "GET /operations/views" => (200, view(1)),
        "GET /operations/views/couriers/quarantine" => (
            200,
            quarantine(if before < 2 {
                &["cou_1", "cou_2"]
            } else {
                &["cou_2"]
            }),
        ),
        _ => (202, json!({ "redriven": 1 })),
    })
    .await;
    let run = belvedere(&server.url, &["redrive", "couriers", "cou_1"])
        .await
        .exits(0);
    assert!(
        run.out.contains("1 sources resumed, 0 quarantined again"),
        "{run:#?}"
    );
}

#[tokio::test]
async fn redrive_lists_documents_quarantined_again() {
    let server = server(|asked, before| match asked {
        "GET /operations/views" => (200, view(if before < 1 { 1 } else { 0 })),
        "GET /operations/views/couriers/quarantine" => (
            200,
            quarantine(if before < 2 {
                &["cou_1", "cou_2"]
            } else {
                &["cou_2"]
            }),
        ),
        _ => (202, json!({ "redriven": 2 })),
    })
    .await;
    let run = belvedere(&server.url, &["redrive", "couriers", "--all"])
        .await
        .exits(1);
    assert!(
        run.out.contains("1 sources resumed, 1 quarantined again"),
        "{run:#?}"
    );
    assert!(
        run.err.contains("cou_2") && !run.err.contains("cou_1"),
        "{run:#?}"
    );
    assert!(run.err.contains("belvedere skip couriers"), "{run:#?}");
}

#[tokio::test]
async fn quarantine_lists_all_pages() {
    let server = server(|_, before| {
        let mut page = quarantine(&[["cou_1", "cou_2"][before]]);
        if before == 0 {
            page["nextCursor"] = json!("AbC");
        }
        (200, page)
    })
    .await;
    let run = belvedere(&server.url, &["quarantine", "couriers", "--json"])
        .await
        .exits(0);
    assert_eq!(run.json()["quarantined"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn sweep_with_differences_fails_and_prints_both_versions() {
    let sweep = json!({
        "view": "couriers", "id": 1, "state": "DONE", "deep": true, "segments": { "done": 2, "of": 2 },
        "counts": { "commits": 9, "streams": 5, "documents": 5, "behind": 0, "quarantined": 0, "compared": 5, "differences": 1 },
        "failure": null, "differences": [{ "document": "cou_1", "stored": "1", "expected": "2" }],
        "started": "2026-11-25T12:00:00Z", "ended": "2026-11-25T12:00:01Z",
    });
    let server = server(move |_, _| (202, sweep.clone())).await;
    let run = belvedere(&server.url, &["sweep", "couriers", "--deep"])
        .await
        .exits(1);
    assert!(
        run.out.contains("cou_1 differs") && run.err.contains("belvedere rebuild couriers"),
        "{run:#?}"
    );
}

#[tokio::test]
async fn reply_of_another_server_is_reported() {
    let server = server(|_, _| (200, json!({ "hello": "world" }))).await;
    let run = belvedere(&server.url, &["views"]).await.exits(1);
    assert!(
        run.err.contains("Is it the address of Belvedere's API"),
        "{run:#?}"
    );
}
