use crate::tests::desk::Desk;
use serde_json::{Value, json};

async fn listed(desk: &Desk, name: &str) -> Value {
    let list = desk.get("/operations/views").await.expect(200);
    let views = list.body["views"].as_array().unwrap();
    let found = views.iter().find(|view| view["name"] == name);
    found.unwrap_or_else(|| panic!("no {name}: {list:#?}")).clone()
}

#[tokio::test]
async fn every_view_and_every_reactor_is_listed() {
    let list = Desk::new().await.get("/operations/views").await.expect(200);
    let views = list.body["views"].as_array().unwrap();
    let names: Vec<_> = views.iter().filter_map(|view| view["name"].as_str()).collect();
    assert_eq!(names, ["couriers", "order-menus", "orders-reactor"]);
    assert_eq!(list.header("cache-control"), "private, no-cache");
}

#[tokio::test]
async fn view_without_a_rebuild_serves_its_first_generation() {
    let view = listed(&Desk::new().await, "couriers").await;
    let expected = json!({
        "name": "couriers", "kind": "VIEW", "generation": 1, "filled": false, "feeding": [1], "candidate": null, "previous": null, "clearing": [],
        "documents": null, "quarantined": 0, "sweeping": null,
        "lag": { "p50Milliseconds": 40.0, "p99Milliseconds": 310.5, "windowSeconds": 300 },
        "queue": { "messages": 7, "inFlight": 3, "oldestSeconds": 2, "deadLetters": 1 },
    });
    assert_eq!(view, expected);
}

#[tokio::test]
async fn numbers_are_null_if_the_queue_does_not_answer() {
    let view = listed(&Desk::new().await, "orders-reactor").await;
    assert_eq!(
        (&view["kind"], &view["queue"], &view["lag"]),
        (&json!("REACTOR"), &Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn view_is_filled_after_the_worker_has_built_it() {
    let desk = Desk::with_couriers(2).await;
    assert_eq!(listed(&desk, "couriers").await["filled"], false);
    desk.fill().await;
    desk.work().await;
    let view = listed(&desk, "couriers").await;
    assert_eq!(
        (&view["filled"], &view["generation"], &view["feeding"]),
        (&json!(true), &json!(2), &json!([2]))
    );
    let rebuild = desk
        .get("/operations/views/couriers/rebuilds/2")
        .await
        .expect(200);
    assert_eq!(
        (&rebuild.body["fills"], &rebuild.body["state"]),
        (&json!(true), &json!("SERVING"))
    );
}

#[tokio::test]
async fn view_with_empty_sources_is_filled_without_a_rebuild() {
    let desk = Desk::new().await;
    desk.fill().await;
    let view = listed(&desk, "couriers").await;
    assert_eq!((&view["filled"], &view["generation"]), (&json!(true), &json!(1)));
}

#[tokio::test]
async fn reactor_has_no_filled_field() {
    let view = listed(&Desk::new().await, "orders-reactor").await;
    assert_eq!(view.get("filled"), None);
}

#[tokio::test]
async fn generations_are_shown_while_one_is_built() {
    let desk = Desk::new().await;
    let started = desk.post("/operations/views/couriers/rebuilds", &json!({})).await;
    started.expect(202);
    let view = listed(&desk, "couriers").await;
    assert_eq!(
        (&view["candidate"], &view["feeding"]),
        (&json!(2), &json!([1, 2]))
    );
}

#[tokio::test]
async fn documents_are_counted_by_the_last_sweep() {
    let desk = Desk::with_couriers(3).await;
    desk.post("/operations/views/couriers/sweeps", &json!({}))
        .await
        .expect(202);
    assert_eq!(listed(&desk, "couriers").await["sweeping"], 1);
    desk.work().await;
    let view = listed(&desk, "couriers").await;
    assert_eq!(
        (&view["documents"]["count"], &view["sweeping"]),
        (&json!(3), &Value::Null)
    );
}

#[tokio::test]
async fn aborted_generation_is_shown_until_its_rows_are_deleted() {
    let desk = Desk::with_couriers(1).await;
    desk.ready().await;
    desk.step(2, "abort").await.expect(200);
    assert_eq!(listed(&desk, "couriers").await["clearing"], json!([2]));
    desk.work().await;
    assert_eq!(listed(&desk, "couriers").await["clearing"], json!([]));
}
