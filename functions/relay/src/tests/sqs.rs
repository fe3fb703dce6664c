//! The sink for SQS, with a server that implements the required part of SQS's protocol.
use crate::{MessageSink, OutgoingMessage, SqsSink};
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use axum::routing::post;
use axum::{Json, Router};
use projection::operations::{Heal, Task};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// A queue that answers every request with this, and stores the requests.
struct Queue {
    url: String,
    client: aws_sdk_sqs::Client,
    requests: Arc<Mutex<Vec<Value>>>,
}

async fn queue(status: u16, answer: Value) -> Queue {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&requests);
    let handler = async move |body: String| {
        seen.lock().unwrap().push(serde_json::from_str(&body).unwrap());
        (axum::http::StatusCode::from_u16(status).unwrap(), Json(answer))
    };
    let app = Router::new().fallback(post(handler));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::for_tests())
        .endpoint_url(&url)
        .retry_config(aws_sdk_sqs::config::retry::RetryConfig::disabled())
        .build();
    Queue {
        url,
        client: aws_sdk_sqs::Client::from_conf(config),
        requests,
    }
}

fn message(id: &str) -> OutgoingMessage {
    OutgoingMessage {
        id: id.into(),
        group: "7".into(),
        dedup: "d-1".into(),
        body: format!("body {id}"),
    }
}

fn taken(id: &str) -> Value {
    json!({ "Id": id, "MessageId": "m", "MD5OfMessageBody": "", "SequenceNumber": "1" })
}

#[tokio::test]
async fn message_is_sent_with_its_group_and_deduplication_id() {
    let queue = queue(200, json!({ "Successful": [taken("1")], "Failed": [] })).await;
    let failed = SqsSink::new(queue.client, None)
        .send(&queue.url, vec![message("1")])
        .await
        .unwrap();
    assert_eq!(failed, []);
    assert_eq!(
        queue.requests.lock().unwrap()[0]["Entries"],
        json!([{ "Id": "1", "MessageBody": "body 1", "MessageGroupId": "7", "MessageDeduplicationId": "d-1" }])
    );
}

#[tokio::test]
async fn refused_message_of_a_successful_request_is_reported() {
    let refused = json!({ "Id": "2", "SenderFault": true, "Code": "KmsDisabled" });
    let queue = queue(200, json!({ "Successful": [taken("1")], "Failed": [refused] })).await;
    let failed = SqsSink::new(queue.client, None)
        .send(&queue.url, vec![message("1"), message("2")])
        .await
        .unwrap();
    assert_eq!(failed.len(), 1);
    assert_eq!(
        (
            failed[0].id.as_str(),
            failed[0].code.as_str(),
            failed[0].sender_fault
        ),
        ("2", "KmsDisabled", true)
    );
}

#[tokio::test]
async fn message_missing_from_the_response_counts_as_not_sent() {
    let queue = queue(200, json!({ "Successful": [taken("1")], "Failed": [] })).await;
    let failed = SqsSink::new(queue.client, None)
        .send(&queue.url, vec![message("1"), message("2")])
        .await
        .unwrap();
    assert_eq!(failed.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(), ["2"]);
}

#[tokio::test]
async fn failed_request_is_an_error() {
    let queue = queue(500, json!({ "__type": "InternalError" })).await;
    assert!(
        SqsSink::new(queue.client, None)
            .send(&queue.url, vec![message("1")])
            .await
            .is_err()
    );
}

#[tokio::test]
async fn f3_task_is_sent_to_the_workers_queue() {
    let queue = queue(200, json!({ "MessageId": "m", "MD5OfMessageBody": "" })).await;
    let heal = Heal {
        subscriber: "order-history".to_owned(),
        ..Heal::default()
    };
    let sink = SqsSink::new(queue.client, Some(format!("{}/tasks", queue.url)));
    sink.put_aside(Task::Heal(heal.clone())).await.unwrap();
    let sent = queue.requests.lock().unwrap()[0].clone();
    assert_eq!(sent["QueueUrl"], format!("{}/tasks", queue.url));
    let task: Task = serde_json::from_str(sent["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!(task, Task::Heal(heal));
}

#[tokio::test]
async fn f3_nothing_is_put_aside_without_a_queue_of_tasks() {
    let queue = queue(200, json!({})).await;
    let sink = SqsSink::new(queue.client, None);
    assert!(sink.put_aside(Task::Heal(Heal::default())).await.is_err());
}
