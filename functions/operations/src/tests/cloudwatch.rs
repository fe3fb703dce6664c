//! The ages and lags of queues, with a server that implements the required part of CloudWatch's protocol.

use crate::tests::aws::Sqs;
use crate::{Lag, Numbers, Queues, SqsQueues};
use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tokio::net::TcpListener;

/// A server that has the age of the couriers' queue, and the percentiles of their lag if it computes percentiles.
struct CloudWatch {
    url: String,
    /// The number of requests for percentiles.
    percentiles: Arc<AtomicUsize>,
}

impl CloudWatch {
    async fn start(computes_percentiles: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let percentiles = Arc::<AtomicUsize>::default();
        let count = percentiles.clone();
        let handler = async move |body: Bytes| {
            // The request contains a statistic's name unchanged.
            let wanted = ["p50", "p99"].map(str::as_bytes);
            let wanted = body.windows(3).any(|part| wanted.contains(&part));
            count.fetch_add(wanted.into(), SeqCst);
            let (status, answer) = if wanted && !computes_percentiles {
                let failure = json!({ "__type": "InternalError" });
                (StatusCode::INTERNAL_SERVER_ERROR, failure)
            } else {
                let result = |id: &str, value: f64| json!({ "Id": id, "Values": [value] });
                let results = [
                    result("age0", 42.0),
                    result("median0", 12.5),
                    result("most0", 99.0),
                ];
                (StatusCode::OK, json!({ "MetricDataResults": results }))
            };
            let headers = [
                (CONTENT_TYPE.as_str(), "application/cbor"),
                ("smithy-protocol", "rpc-v2-cbor"),
            ];
            (status, headers, cbor(&answer))
        };
        let app = Router::new().fallback(post(handler));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, percentiles }
    }

    /// Returns the numbers of the couriers' queue, with the ages and lags of this server.
    async fn queues(&self) -> SqsQueues {
        let attributes = json!({
            "ApproximateNumberOfMessages": "7", "ApproximateNumberOfMessagesNotVisible": "0",
        });
        let sqs = Sqs::start(move |_| (200, json!({ "Attributes": attributes }))).await;
        sqs.numbers(&self.url)
    }

    fn requests_for_percentiles(&self) -> usize {
        self.percentiles.load(SeqCst)
    }
}

/// Encodes a value as CBOR (RFC 8949). Texts, lists and maps have less than 24 bytes or entries, so the first byte holds
/// their length. Numbers are doubles.
fn cbor(value: &Value) -> Vec<u8> {
    let head = |kind: u8, length: usize| {
        assert!(length < 24, "{value} is too long");
        kind << 5 | u8::try_from(length).unwrap()
    };
    let text = |text: &str| [&[head(3, text.len())], text.as_bytes()].concat();
    match value {
        Value::String(own) => text(own),
        Value::Number(number) => [&[0xfb][..], &number.as_f64().unwrap().to_be_bytes()].concat(),
        Value::Array(items) => {
            let items = items.iter().flat_map(cbor);
            [head(4, value.as_array().unwrap().len())]
                .into_iter()
                .chain(items)
                .collect()
        }
        Value::Object(entries) => {
            let pairs = entries
                .iter()
                .flat_map(|(key, value)| [text(key), cbor(value)].concat());
            [head(5, entries.len())].into_iter().chain(pairs).collect()
        }
        other => panic!("{other} is not supported"),
    }
}

async fn couriers(queues: &SqsQueues) -> Numbers {
    queues.numbers().await["couriers"]
}

#[tokio::test]
async fn age_and_lag_are_the_latest_cloudwatch_values() {
    let queues = CloudWatch::start(true).await.queues().await;
    let numbers = couriers(&queues).await;
    let lag = Lag {
        p50_milliseconds: 12.5,
        p99_milliseconds: 99.0,
        window_seconds: 300,
    };
    let age = numbers.queue.unwrap().oldest_seconds;
    assert_eq!((age, numbers.lag), (Some(42), Some(lag)));
}

#[tokio::test]
async fn ages_are_available_if_percentiles_fail() {
    let queues = CloudWatch::start(false).await.queues().await;
    let numbers = couriers(&queues).await;
    let age = numbers.queue.unwrap().oldest_seconds;
    assert_eq!((age, numbers.lag), (Some(42), None));
}

#[tokio::test]
async fn failed_percentiles_are_retried_at_most_once() {
    let cloudwatch = CloudWatch::start(false).await;
    couriers(&cloudwatch.queues().await).await;
    let requests = cloudwatch.requests_for_percentiles();
    assert!((1..=2).contains(&requests), "{requests} requests");
}

#[tokio::test]
async fn percentiles_are_not_requested_right_after_a_failure() {
    let cloudwatch = CloudWatch::start(false).await;
    let queues = cloudwatch.queues().await;
    couriers(&queues).await;
    let before = cloudwatch.requests_for_percentiles();
    let age = couriers(&queues).await.queue.unwrap().oldest_seconds;
    let requests = cloudwatch.requests_for_percentiles() - before;
    assert_eq!((requests, age), (0, Some(42)));
}

#[tokio::test]
async fn percentiles_are_requested_every_time_if_they_succeed() {
    let cloudwatch = CloudWatch::start(true).await;
    let queues = cloudwatch.queues().await;
    for requests in 1..=2 {
        assert!(couriers(&queues).await.lag.is_some());
        assert_eq!(cloudwatch.requests_for_percentiles(), requests);
    }
}
