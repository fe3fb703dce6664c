//! Invalid requests: each is refused with a code and has no effect.

use crate::tests::desk::{Desk, courier};
use serde_json::{Value, json};

const ROUTES: &[(&str, &str)] = &[
    ("POST", "/rebuilds"),
    ("GET", "/rebuilds"),
    ("GET", "/rebuilds/2"),
    ("POST", "/rebuilds/2/flip"),
    ("POST", "/rebuilds/2/rollback"),
    ("POST", "/rebuilds/2/abort"),
    ("POST", "/rebuilds/2/retire"),
    ("POST", "/sweeps"),
    ("GET", "/sweeps/1"),
    ("GET", "/quarantine"),
    ("POST", "/quarantine/redrive"),
    ("POST", "/quarantine/skip"),
];

fn valid(path: &str) -> Value {
    match path {
        "/quarantine/redrive" => json!({ "all": true }),
        "/quarantine/skip" => {
            json!({ "stream": format!("courier#{}", courier(1)), "version": 1, "reason": "why not" })
        }
        _ => json!({}),
    }
}

async fn ask(desk: &Desk, method: &str, path: &str, body: &Value) -> testkit::Answer {
    match method {
        "GET" => desk.get(path).await,
        _ => desk.post(path, body).await,
    }
}

#[tokio::test]
async fn missing_view_is_404_for_every_operation() {
    let desk = Desk::new().await;
    for (method, path) in ROUTES {
        let answer = ask(
            &desk,
            method,
            &format!("/operations/views/nobody{path}"),
            &valid(path),
        )
        .await;
        assert_eq!(answer.problem(), (404, "UNKNOWN_VIEW"), "{method} {path}");
    }
}

#[tokio::test]
async fn malformed_view_name_is_refused_by_every_operation() {
    let desk = Desk::new().await;
    for name in ["Couriers", "..%2f..", "%00", "%ff", "cou_1", &"a".repeat(65)] {
        for (method, path) in ROUTES {
            let answer = ask(
                &desk,
                method,
                &format!("/operations/views/{name}{path}"),
                &valid(path),
            )
            .await;
            assert_eq!(answer.problem(), (400, "INVALID_ID"), "{method} {name} {path}");
        }
    }
}

#[tokio::test]
async fn malformed_number_is_refused() {
    let desk = Desk::new().await;
    for number in [
        "0",
        "-1",
        "+2",
        "02",
        "2.0",
        "x",
        "%00",
        "99999999999999999999999",
    ] {
        for path in ["/rebuilds/{}", "/sweeps/{}"] {
            let path = format!("/operations/views/couriers{}", path.replace("{}", number));
            let answer = desk.get(&path).await;
            assert_eq!(answer.problem(), (400, "INVALID_ID"), "{path}");
            assert_eq!(answer.body["field"], "id");
        }
    }
}

#[tokio::test]
async fn invalid_body_is_refused_and_sends_no_task() {
    let desk = Desk::new().await;
    let long = "x".repeat(501);
    let stream = format!("courier#{}", courier(1));
    let bad: &[(&str, &[Value])] = &[
        (
            "/rebuilds",
            &[
                json!([]),
                json!(null),
                json!({ "segments": 0 }),
                json!({ "segments": 257 }),
                json!({ "segments": -1 }),
                json!({ "segments": "8" }),
                json!({ "compare": "yes" }),
                json!({ "flip": true }),
            ],
        ),
        (
            "/sweeps",
            &[json!([]), json!({ "deep": 1 }), json!({ "all": true })],
        ),
        ("/rebuilds/2/flip", &[json!({ "now": true }), json!([])]),
        (
            "/quarantine/redrive",
            &[
                json!({}),
                json!({ "all": false }),
                json!({ "document": "ord_1", "all": true }),
                json!({ "document": "ord_1", "all": false }),
                json!({ "document": "" }),
                json!({ "document": "a#b" }),
                json!({ "document": "x".repeat(129) }),
                json!({ "document": null }),
            ],
        ),
        (
            "/quarantine/skip",
            &[
                json!({ "stream": stream, "version": 1 }),
                json!({ "stream": stream, "version": 1, "reason": "" }),
                json!({ "stream": stream, "version": 1, "reason": "  " }),
                json!({ "stream": stream, "version": 1, "reason": long }),
                json!({ "stream": stream, "version": 1, "reason": "a\nb" }),
                json!({ "stream": stream, "version": 0, "reason": "r" }),
                json!({ "stream": stream, "version": -1, "reason": "r" }),
                json!({ "stream": "courier", "version": 1, "reason": "r" }),
                json!({ "stream": "COURIER#1", "version": 1, "reason": "r" }),
                json!({ "stream": stream, "version": 1, "reason": "r", "by": "" }),
            ],
        ),
    ];
    for (path, bodies) in bad {
        for body in *bodies {
            let answer = desk
                .post(&format!("/operations/views/couriers{path}"), body)
                .await;
            assert_eq!(answer.problem(), (400, "MALFORMED_BODY"), "{path} {body}");
        }
    }
    assert!(desk.bell.next().is_none());
    assert_eq!(desk.bell.sent(), []);
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let desk = Desk::new().await;
    let answer = desk
        .post_bytes("/operations/views/couriers/rebuilds", "text/plain", "now")
        .await;
    assert_eq!(answer.problem(), (415, "UNSUPPORTED_MEDIA_TYPE"));
}

#[tokio::test]
async fn malformed_cursor_is_refused() {
    let desk = Desk::new().await;
    for cursor in ["x", "", "%00", &"A".repeat(5_000)] {
        let answer = desk
            .get(&format!("/operations/views/couriers/quarantine?cursor={cursor}"))
            .await;
        assert_eq!(answer.problem(), (400, "INVALID_CURSOR"), "{cursor}");
    }
}

#[tokio::test]
async fn forged_cursor_reaches_no_table() {
    let desk = Desk::new().await;
    let query = commit::Fingerprint::of(&[b"quarantined", b"couriers"]);
    for place in ["", "1.", "x.courier#1", "1.g1#cou_1", "-1.courier#a"] {
        let cursor = http_api::cursor::encode(&query, &place).unwrap();
        let answer = desk
            .get(&format!("/operations/views/couriers/quarantine?cursor={cursor}"))
            .await;
        assert_eq!(answer.problem(), (400, "INVALID_CURSOR"), "{place}");
    }
}

#[tokio::test]
async fn unknown_parameter_is_refused() {
    let desk = Desk::new().await;
    for path in [
        "?all=true",
        "/couriers/rebuilds?limit=1",
        "/couriers/rebuilds/2?x=1",
        "/couriers/sweeps/1?x=1",
        "/couriers/quarantine?page=2",
        "/couriers/quarantine?limit=0",
        "/couriers/quarantine?limit=101",
        "/couriers/quarantine?limit=x",
    ] {
        let answer = desk.get(&format!("/operations/views{path}")).await;
        assert_eq!(answer.problem(), (400, "INVALID_PARAMETER"), "{path}");
    }
}

#[tokio::test]
async fn malformed_idempotency_key_is_refused() {
    let desk = Desk::new().await;
    for key in ["", " ", "a b", &"k".repeat(256)] {
        let answer = desk
            .post_once("/operations/views/couriers/rebuilds", key, &json!({}))
            .await;
        assert_eq!(answer.problem(), (400, "INVALID_IDEMPOTENCY_KEY"), "{key:?}");
    }
}
