//! Pauses of failed messages, with a server that implements the required part of SQS.

use super::batch;
use super::visibility::Visibility;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use axum::routing::post;
use axum::{Json, Router};
use futures::future::BoxFuture;
use http::StatusCode;
use projection::BatchHandler;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// Fails every message but the first.
struct Failing;

impl BatchHandler for Failing {
    fn handle<'a>(&'a self, event: SqsEvent) -> BoxFuture<'a, SqsBatchResponse> {
        let mut response = SqsBatchResponse::default();
        for message in event.records.into_iter().skip(1) {
            response.add_failure(message.message_id.unwrap_or_default());
        }
        Box::pin(async { response })
    }
}

/// Handles a batch of messages that were received this often. Returns the response and the requests to SQS, which it answers
/// one after another.
async fn handled(receives: &[u32], answers: &[(u16, Value)]) -> (SqsBatchResponse, Vec<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::<Mutex<Vec<Value>>>::default();
    let (seen, answers) = (asked.clone(), answers.to_vec());
    let handler = async move |body: String| {
        let mut seen = seen.lock().unwrap();
        let (status, answer) = answers[seen.len()].clone();
        seen.push(serde_json::from_str(&body).unwrap());
        (StatusCode::from_u16(status).unwrap(), Json(answer))
    };
    let app = Router::new().fallback(post(handler));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::for_tests())
        .endpoint_url(&url)
        .retry_config(RetryConfig::disabled())
        .build();
    let client = aws_sdk_sqs::Client::from_conf(config);
    let visibility = Visibility::new(client, format!("{url}/1/couriers.fifo"));
    let mut event = SqsEvent::default();
    event.records = (0..)
        .zip(receives)
        .map(|(number, receives)| {
            let mut message = SqsMessage::default();
            message.message_id = Some(format!("m{number}"));
            message.receipt_handle = Some(format!("receipt-{number}"));
            message.body = Some(r#"{"commits":[]}"#.to_owned());
            message.attributes = [("ApproximateReceiveCount".to_owned(), receives.to_string())].into();
            message
        })
        .collect();
    let response = batch(&Failing, &visibility, event).await;
    let asked = asked.lock().unwrap().clone();
    (response, asked)
}

fn hidden(request: &Value) -> Vec<(String, u64)> {
    let entries = request["Entries"].as_array().unwrap().iter();
    let entry = |entry: &Value| {
        let seconds = entry["VisibilityTimeout"].as_u64().unwrap();
        (entry["ReceiptHandle"].as_str().unwrap().to_owned(), seconds)
    };
    entries.map(entry).collect()
}

#[tokio::test]
async fn f11_failed_messages_are_hidden_for_pauses_that_grow() {
    let accepted = (200, json!({ "Successful": [], "Failed": [] }));
    let (response, asked) = handled(&[1, 1, 3, 8], &[accepted]).await;
    assert_eq!(response.batch_item_failures.len(), 3);
    let [request] = &asked[..] else {
        panic!("{asked:?}")
    };
    let hidden = hidden(request);
    let receipts: Vec<&str> = hidden.iter().map(|(receipt, _)| receipt.as_str()).collect();
    assert_eq!(receipts, ["receipt-1", "receipt-2", "receipt-3"]);
    assert_eq!(hidden[0].1, 1);
    assert!((12..=16).contains(&hidden[1].1), "{hidden:?}");
    assert!((675..=900).contains(&hidden[2].1), "{hidden:?}");
}

#[tokio::test]
async fn f11_pause_that_is_refused_inside_a_success_is_sent_again() {
    let failed = json!([{ "Id": "1", "SenderFault": false, "Code": "InternalError" }]);
    let refused = (200, json!({ "Successful": [], "Failed": failed }));
    let accepted = (200, json!({ "Successful": [], "Failed": [] }));
    let (_, asked) = handled(&[1, 1, 1], &[refused, accepted]).await;
    assert_eq!(asked.len(), 2);
    assert_eq!(hidden(&asked[1])[0].0, "receipt-2");
}

#[tokio::test]
async fn f11_queue_that_refuses_all_pauses_changes_nothing_else() {
    let refused = (403, json!({ "__type": "com.amazonaws.sqs#AccessDenied" }));
    let (response, asked) = handled(&[1, 1], &[refused.clone(), refused]).await;
    assert_eq!((response.batch_item_failures.len(), asked.len()), (1, 2));
}

#[tokio::test]
async fn f11_batch_without_a_failure_sends_no_request() {
    let (response, asked) = handled(&[1], &[]).await;
    assert_eq!((response.batch_item_failures.len(), asked.len()), (0, 0));
}

#[tokio::test]
async fn f11_more_messages_than_one_request_takes_are_hidden_in_several() {
    let accepted = || (200, json!({ "Successful": [], "Failed": [] }));
    let (_, asked) = handled(&[1; 16], &[accepted(), accepted()]).await;
    assert_eq!([hidden(&asked[0]).len(), hidden(&asked[1]).len()], [10, 5]);
}
