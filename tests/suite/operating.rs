//! The operator's API: rebuilds while serving (C9), sweeps, refusals. Each test uses a different view, because a view has one
//! rebuild at a time. On a deployment it first ends rebuilds of earlier runs.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Api, Courier, apart, apart_with_short_fences, encode, eventually, here};

fn path(view: &str, rest: &str) -> String {
    format!("/operations/views/{view}{rest}")
}

async fn view(api: &Api, name: &str) -> Value {
    let list = api.get("/operations/views").await.expect(200).json();
    let views = list["views"].as_array().unwrap();
    let found = views.iter().find(|view| view["name"] == name);
    found.unwrap_or_else(|| panic!("no {name}: {list}")).clone()
}

async fn step(api: &Api, view: &str, id: u64, step: &str) -> Answer {
    api.post(&path(view, &format!("/rebuilds/{id}/{step}")), &json!({}))
        .await
}

/// Ends the view's rebuilds of earlier runs.
async fn settled(api: &Api, name: &str) {
    let view = view(api, name).await;
    if let Some(candidate) = view["candidate"].as_u64() {
        let _ = step(api, name, candidate, "abort").await.expect(200);
    }
    if view["previous"].is_u64() {
        let serving = view["generation"].as_u64().unwrap();
        let _ = step(api, name, serving, "retire").await.expect(200);
    }
}

/// Starts a rebuild and returns its number.
async fn begin(api: &Api, view: &str) -> u64 {
    let started = api.post(&path(view, "/rebuilds"), &json!({})).await.expect(202);
    let id = started.json()["id"].as_u64().unwrap();
    let location = path(view, &format!("/rebuilds/{id}"));
    assert_eq!(started.header("Location"), Some(location.as_str()));
    id
}

/// Waits until the rebuild is ready.
async fn ready(api: &Api, view: &str, id: u64) -> Value {
    eventually("the rebuild is ready", async || {
        let rebuild = api
            .get(&path(view, &format!("/rebuilds/{id}")))
            .await
            .expect(200)
            .json();
        match rebuild["state"].as_str() {
            Some("READY") => Ok(rebuild),
            Some("BUILDING") => Err(rebuild.to_string()),
            _ => panic!("it cannot become ready: {rebuild}"),
        }
    })
    .await
}

#[tokio::test]
async fn every_view_and_reactor_is_listed() {
    let list = here().get("/operations/views").await.expect(200).json();
    let views = list["views"].as_array().unwrap();
    assert_eq!(views.len(), 11, "{list}");
    for view in views {
        assert!(view["generation"].as_u64() >= Some(1), "{view}");
        assert!(
            view["feeding"].as_array().unwrap().contains(&view["generation"]),
            "{view}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c9_a_view_is_rebuilt_flipped_rolled_back_and_retired_while_it_is_written_and_read() {
    let apart = apart_with_short_fences().await;
    let api = &apart.api;
    settled(api, "couriers").await;
    let courier = Courier::available(api).await;
    let id = begin(api, "couriers").await;
    // Commits after the start belong to both generations.
    let later = Courier::available(api).await;
    let rebuild = ready(api, "couriers", id).await;
    assert_eq!(rebuild["failure"], Value::Null, "{rebuild}");
    for (name, state) in [
        ("flip", "SERVING"),
        ("rollback", "ROLLED_BACK"),
        ("flip", "SERVING"),
        ("retire", "SERVING"),
    ] {
        assert_eq!(
            step(api, "couriers", id, name).await.expect(200).json()["state"],
            state
        );
        for courier in [&courier, &later] {
            listed(api, courier).await;
        }
    }
    let view = view(api, "couriers").await;
    assert_eq!(
        (&view["generation"], &view["candidate"], &view["previous"]),
        (&json!(id), &Value::Null, &Value::Null)
    );
}

/// Waits until the courier is in the list.
async fn listed(api: &Api, courier: &Courier) {
    eventually("the courier is listed", async || {
        let mut cursor = String::new();
        loop {
            let page = api
                .get(&format!("/couriers?limit=100{cursor}"))
                .await
                .expect(200)
                .json();
            if page["couriers"]
                .as_array()
                .unwrap()
                .iter()
                .any(|listed| listed["courierId"] == courier.id)
            {
                return Ok(());
            }
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Err(page.to_string()),
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aborted_rebuild_deletes_its_rows() {
    let apart = apart_with_short_fences().await;
    let api = &apart.api;
    settled(api, "kitchen-board").await;
    let serving = view(api, "kitchen-board").await["generation"].clone();
    let id = begin(api, "kitchen-board").await;
    for _ in 0..2 {
        let aborted = step(api, "kitchen-board", id, "abort").await.expect(200).json();
        assert_eq!(aborted["state"], "ABORTED");
    }
    eventually("the generation is gone", async || {
        let view = view(api, "kitchen-board").await;
        let clearing = view["clearing"].as_array().unwrap().contains(&json!(id));
        if clearing { Err(view.to_string()) } else { Ok(()) }
    })
    .await;
    assert_eq!(view(api, "kitchen-board").await["generation"], serving);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_the_state_does_not_allow_is_refused_with_the_state() {
    // With the default fences, so that the rebuild is still running when the last step is refused.
    let apart = apart().await;
    let api = &apart.api;
    settled(api, "order-totals").await;
    let id = begin(api, "order-totals").await;
    for name in ["flip", "rollback", "retire"] {
        let refused = step(api, "order-totals", id, name).await.expect(409);
        assert_eq!(refused.code(), "INVALID_STATE_TRANSITION");
        assert_eq!(refused.json()["currentStatus"], "BUILDING", "{refused}");
    }
    let another = api
        .post(&path("order-totals", "/rebuilds"), &json!({}))
        .await
        .expect(409);
    assert_eq!(another.code(), "REBUILD_UNDER_WAY");
    let _ = step(api, "order-totals", id, "abort").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_key_returns_the_first_rebuild() {
    let apart = apart_with_short_fences().await;
    let api = &apart.api;
    settled(api, "order-menus").await;
    let key = tests::unique("key-");
    let begin = async || {
        let path = path("order-menus", "/rebuilds");
        api.post_once(&path, &key, &json!({})).await.expect(202).json()["id"]
            .as_u64()
            .unwrap()
    };
    let (first, again) = (begin().await, begin().await);
    assert_eq!(first, again);
    let _ = step(api, "order-menus", first, "abort").await.expect(200);
}

/// Runs a sweep and waits for its end.
async fn swept(api: &Api, view: &str, deep: bool) -> Value {
    let id = eventually("a sweep begins", async || {
        let started = api.post(&path(view, "/sweeps"), &json!({ "deep": deep })).await;
        // A scheduled sweep may be running.
        if started.status == 409 {
            Err(started)
        } else {
            Ok(started.expect(202).json()["id"].clone())
        }
    })
    .await;
    eventually("the sweep has ended", async || {
        let sweep = api
            .get(&path(view, &format!("/sweeps/{id}")))
            .await
            .expect(200)
            .json();
        match sweep["state"].as_str() {
            Some("DONE") => Ok(sweep),
            Some("RUNNING") => Err(sweep.to_string()),
            _ => panic!("{sweep}"),
        }
    })
    .await
}

#[tokio::test]
async fn a_deep_sweep_compares_the_documents_and_finds_no_difference() {
    let api = here();
    let _ = Courier::available(&api).await;
    let sweep = swept(&api, "couriers", true).await;
    assert!(sweep["counts"]["compared"].as_u64() >= Some(1), "{sweep}");
    assert_eq!(
        (&sweep["counts"]["differences"], &sweep["differences"]),
        (&json!(0), &json!([])),
        "{sweep}"
    );
}

#[tokio::test]
async fn a_reactor_is_swept_but_not_deep_and_never_rebuilt() {
    let api = here();
    let sweep = swept(&api, "kitchen-reactor", false).await;
    assert_eq!(sweep["failure"], Value::Null);
    let deep = api
        .post(&path("kitchen-reactor", "/sweeps"), &json!({ "deep": true }))
        .await
        .expect(409);
    assert_eq!(deep.code(), "REACTOR_NOT_SWEPT_DEEP");
    let rebuild = api
        .post(&path("kitchen-reactor", "/rebuilds"), &json!({}))
        .await
        .expect(409);
    assert_eq!(rebuild.code(), "REACTOR_NOT_REBUILT");
}

#[tokio::test]
async fn documents_that_are_not_quarantined_are_neither_redriven_nor_skipped() {
    let api = here();
    let nobody = tests::unique("cou_");
    let redrive = api
        .post(
            &path("couriers", "/quarantine/redrive"),
            &json!({ "document": nobody }),
        )
        .await
        .expect(404);
    assert_eq!(redrive.code(), "NOT_QUARANTINED");
    let skip = json!({ "stream": format!("courier#{nobody}"), "version": 1, "reason": "a test" });
    let skip = api
        .post(&path("couriers", "/quarantine/skip"), &skip)
        .await
        .expect(409);
    assert_eq!(skip.code(), "NOT_QUARANTINED_THERE");
}

#[tokio::test]
async fn unknown_rebuilds_and_sweeps_are_not_found() {
    let api = here();
    for (rest, code) in [
        ("/rebuilds/9999999999", "UNKNOWN_REBUILD"),
        ("/sweeps/9999999999", "UNKNOWN_SWEEP"),
    ] {
        assert_eq!(api.get(&path("couriers", rest)).await.expect(404).code(), code);
        assert_eq!(
            api.get(&path("nobody", rest)).await.expect(404).code(),
            "UNKNOWN_VIEW"
        );
    }
}

#[tokio::test]
async fn hostile_paths_and_parameters_are_refused() {
    let api = here();
    for bad in ["ORDERS", "ord_1", "a b", "é", &"a".repeat(65)] {
        let answer = api.get(&path(&encode(bad), "/rebuilds")).await.expect(400);
        assert_eq!(answer.code(), "INVALID_ID");
    }
    for bad in ["0", "-1", "1.5", "x", "99999999999999999999"] {
        let answer = api
            .get(&path("couriers", &format!("/sweeps/{bad}")))
            .await
            .expect(400);
        assert_eq!(answer.code(), "INVALID_ID");
    }
    for (bad, code) in [
        ("limit=0", "INVALID_PARAMETER"),
        ("limit=101", "INVALID_PARAMETER"),
        ("page=2", "INVALID_PARAMETER"),
        ("cursor=AAAA", "INVALID_CURSOR"),
    ] {
        let answer = api
            .get(&path("couriers", &format!("/quarantine?{bad}")))
            .await
            .expect(400);
        assert_eq!(answer.code(), code, "{bad}");
    }
}

#[tokio::test]
async fn hostile_bodies_are_refused_and_start_nothing() {
    let api = here();
    for (rest, body) in [
        ("/rebuilds", json!([])),
        ("/rebuilds", json!({ "segments": 0 })),
        ("/rebuilds", json!({ "segments": 257 })),
        ("/rebuilds", json!({ "nobody": "knows this" })),
        ("/sweeps", json!({ "deep": "yes" })),
        ("/quarantine/redrive", json!({})),
        ("/quarantine/redrive", json!({ "document": "cou_1", "all": true })),
        ("/quarantine/redrive", json!({ "all": false })),
        (
            "/quarantine/skip",
            json!({ "stream": "x", "version": 1, "reason": "r" }),
        ),
        (
            "/quarantine/skip",
            json!({ "stream": "courier#cou_1", "version": 0, "reason": "r" }),
        ),
        (
            "/quarantine/skip",
            json!({ "stream": "courier#cou_1", "version": 1, "reason": " " }),
        ),
    ] {
        let answer = api
            .post(&path("account-statement", rest), &body)
            .await
            .expect(400);
        assert_eq!(answer.code(), "MALFORMED_BODY", "{rest} {body}");
    }
    let request = api
        .request(Method::POST, &path("account-statement", "/rebuilds"))
        .body("now");
    assert_eq!(
        api.send(request).await.expect(415).code(),
        "UNSUPPORTED_MEDIA_TYPE"
    );
    // The worker may have started one by itself, to fill the view.
    let rebuilds = api
        .get(&path("account-statement", "/rebuilds"))
        .await
        .expect(200)
        .json();
    let rebuilds = rebuilds["rebuilds"].as_array().unwrap();
    assert!(rebuilds.iter().all(|run| run["fills"] == true), "{rebuilds:?}");
}
