//! The worker's function.

use crate::tests::desk::{Desk, system, wiring};
use crate::{Origins, work};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use function::{UnwiredError, Wiring};
use projection::operations::{Worker, WorkerOptions};
use serde_json::{Value, json};
use tokio::time::Instant;

fn batch(bodies: &[String]) -> SqsEvent {
    let mut batch = SqsEvent::default();
    for (number, body) in bodies.iter().enumerate() {
        let mut message = SqsMessage::default();
        message.message_id = Some(number.to_string());
        message.body = Some(body.clone());
        batch.records.push(message);
    }
    batch
}

async fn failures(desk: &Desk, bodies: &[String]) -> Vec<String> {
    let response = work(&desk.worker, &Origins::default(), batch(bodies), Instant::now()).await;
    let failures = response.batch_item_failures.into_iter();
    failures.map(|failure| failure.item_identifier).collect()
}

#[tokio::test]
async fn queued_tasks_complete_a_rebuild() {
    let desk = Desk::with_couriers(2).await;
    let started = desk
        .post("/operations/views/couriers/rebuilds", &json!({}))
        .await
        .expect(202);
    while let Some(task) = desk.bell.next() {
        let body = serde_json::to_string(&task).unwrap();
        assert_eq!(failures(&desk, &[body]).await, Vec::<String>::new());
    }
    assert_eq!(desk.get(started.header("location")).await.body["state"], "READY");
}

#[tokio::test]
async fn scheduled_tasks_sweep_every_subscriber() {
    let desk = Desk::new().await;
    let all = r#"{"task":"sweep-all"}"#.to_owned();
    assert_eq!(failures(&desk, &[all]).await, Vec::<String>::new());
    let list = desk.get("/operations/views").await.expect(200);
    for view in list.body["views"].as_array().unwrap() {
        assert_eq!(view["sweeping"], 1, "{view}");
    }
}

/// The tests on an emulator send it first, so that every view is filled when they begin. A sweep would keep the worker busy while a
/// developer tries the deployment.
#[tokio::test]
async fn the_event_for_cargo_lambda_invoke_fills_views_and_starts_no_sweep() {
    let desk = Desk::with_couriers(1).await;
    let event = include_str!("../../../../localstack/events/operations-worker.json");
    let response = work(
        &desk.worker,
        &Origins::default(),
        serde_json::from_str(event).unwrap(),
        Instant::now(),
    )
    .await;
    assert!(response.batch_item_failures.is_empty(), "{response:?}");
    while let Some(task) = desk.bell.next() {
        let body = serde_json::to_string(&task).unwrap();
        assert_eq!(failures(&desk, &[body]).await, Vec::<String>::new());
    }
    let list = desk.get("/operations/views").await.expect(200);
    for view in list.body["views"].as_array().unwrap() {
        assert_eq!(view["sweeping"], Value::Null, "{view}");
        assert!(view["kind"] != "VIEW" || view["filled"] == true, "{view}");
    }
}

#[tokio::test]
async fn only_failed_tasks_are_redelivered() {
    let desk = Desk::new().await;
    let bodies = ["not a task", r#"{"task":"sweep-all"}"#, r#"{"task":"dance"}"#].map(str::to_owned);
    assert_eq!(failures(&desk, &bodies).await, ["0", "2"]);
}

#[tokio::test]
async fn error_names_the_subscriber_without_a_table() {
    let desk = Desk::new().await;
    let client = local_dynamodb::config_for("http://127.0.0.1:1").build();
    let client = aws_sdk_dynamodb::Client::from_conf(client);
    let wired = |wiring: &Wiring| {
        let worker = Worker::new(desk.bell.clone(), WorkerOptions::default());
        system().operated(worker, wiring).map(drop)
    };
    let nothing = Wiring::new(client.clone());
    let missing = UnwiredError::Events("courier".to_owned());
    assert_eq!(wired(&nothing), Err(missing));
    let no_documents = nothing.events("courier", "events");
    let missing = UnwiredError::Documents("couriers".to_owned());
    assert_eq!(wired(&no_documents), Err(missing));
    assert_eq!(wired(&wiring(client)), Ok(()));
}
