//! `SqsBell` and `SqsQueues`, with a server that implements the required part of the protocols.

use crate::{CloudWatch, Queue, Queues, SqsBell, SqsQueues};
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use axum::routing::post;
use axum::{Json, Router};
use commit::Message;
use http::{HeaderMap, StatusCode};
use projection::operations::{Bell, Task};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

/// A server that answers every request to SQS with this function, and stores the requests.
pub(crate) struct Sqs {
    url: String,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Sqs {
    pub(crate) async fn start(
        answer: impl Fn(&Value) -> (u16, Value) + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<(String, Value)>>>::default();
        let seen = asked.clone();
        let handler = async move |headers: HeaderMap, body: String| {
            let target = headers
                .get("x-amz-target")
                .and_then(|target| target.to_str().ok());
            let operation = target.unwrap_or_default().rsplit('.').next().unwrap_or_default();
            let body: Value = serde_json::from_str(&body).unwrap_or_default();
            let (status, answer) = answer(&body);
            seen.lock().unwrap().push((operation.to_owned(), body));
            (StatusCode::from_u16(status).unwrap(), Json(answer))
        };
        let app = Router::new().fallback(post(handler));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, asked }
    }

    fn client(&self) -> aws_sdk_sqs::Client {
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::for_tests())
            .endpoint_url(&self.url)
            .retry_config(RetryConfig::disabled())
            .build();
        aws_sdk_sqs::Client::from_conf(config)
    }

    fn queues(&self) -> BTreeMap<String, String> {
        [("couriers".to_owned(), format!("{}/1/couriers.fifo", self.url))].into()
    }

    fn bell(&self) -> SqsBell {
        SqsBell::new(self.client(), format!("{}/1/tasks", self.url), self.queues())
    }

    /// Returns the queue numbers, with those of the CloudWatch at this URL.
    pub(crate) fn numbers(&self, cloudwatch: &str) -> SqsQueues {
        let config = aws_sdk_cloudwatch::Config::builder()
            .behavior_version(aws_sdk_cloudwatch::config::BehaviorVersion::v2026_01_12())
            .region(aws_sdk_cloudwatch::config::Region::new("eu-west-1"))
            .credentials_provider(aws_sdk_cloudwatch::config::Credentials::for_tests())
            .endpoint_url(cloudwatch)
            .build();
        let metrics = CloudWatch::new(
            aws_sdk_cloudwatch::Client::from_conf(config),
            "Belvedere".to_owned(),
        );
        SqsQueues::new(self.client(), metrics, self.queues())
    }

    fn asked(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

/// A URL at which no CloudWatch answers.
const NOBODY: &str = "http://127.0.0.1:1";

fn taken(_: &Value) -> (u16, Value) {
    (200, json!({ "MessageId": "m" }))
}

#[tokio::test]
async fn task_is_never_delivered_before_its_delay() {
    let sqs = Sqs::start(taken).await;
    for (after, seconds) in [(0, 0), (1_001, 2), (5_000, 5), (3_600_000, 900)] {
        let task = Task::SweepAll { deep: false };
        sqs.bell().ring(task, Duration::from_millis(after)).await.unwrap();
        let (operation, asked) = sqs.asked().remove(0);
        assert_eq!(
            (operation.as_str(), &asked["DelaySeconds"]),
            ("SendMessage", &json!(seconds))
        );
        assert_eq!(asked["MessageBody"], r#"{"task":"sweep-all","deep":false}"#);
    }
}

#[tokio::test]
async fn repeated_message_is_sent_twice() {
    let sqs = Sqs::start(taken).await;
    let message = || Message {
        redrive: vec!["cou_1".to_owned()],
        ..Message::default()
    };
    for _ in 0..2 {
        sqs.bell().send("couriers", "7", message()).await.unwrap();
    }
    let asked = sqs.asked();
    assert_eq!(asked[0].1["MessageGroupId"], "7");
    assert_eq!(asked[0].1["MessageBody"], asked[1].1["MessageBody"]);
    assert_ne!(
        asked[0].1["MessageDeduplicationId"],
        asked[1].1["MessageDeduplicationId"]
    );
}

#[tokio::test]
async fn error_names_the_subscriber_without_a_queue() {
    let sqs = Sqs::start(taken).await;
    let error = sqs
        .bell()
        .send("nobody", "7", Message::of(Vec::new()))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("nobody"), "{error}");
}

#[tokio::test]
async fn refusal_of_the_queue_is_an_error() {
    let sqs = Sqs::start(|_| (500, json!({ "message": "no" }))).await;
    let task = Task::SweepAll { deep: false };
    assert!(sqs.bell().ring(task, Duration::ZERO).await.is_err());
}

#[tokio::test]
async fn depth_and_dead_letters_are_available_without_cloudwatch() {
    let sqs = Sqs::start(|asked| {
        let dead = asked["QueueUrl"]
            .as_str()
            .unwrap()
            .ends_with("/1/couriers-dead.fifo");
        let messages = if dead { "3" } else { "7" };
        let policy =
            r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:1:couriers-dead.fifo","maxReceiveCount":5}"#;
        let mut attributes = json!({
            "ApproximateNumberOfMessages": messages, "ApproximateNumberOfMessagesNotVisible": "2",
        });
        if !dead {
            attributes["RedrivePolicy"] = json!(policy);
        }
        (200, json!({ "Attributes": attributes }))
    })
    .await;
    let numbers = sqs.numbers(NOBODY).numbers().await["couriers"];
    let expected = Queue {
        messages: 7,
        in_flight: 2,
        oldest_seconds: None,
        dead_letters: 3,
    };
    assert_eq!((numbers.queue, numbers.lag), (Some(expected), None));
}

#[tokio::test]
async fn numbers_are_missing_if_the_queue_does_not_answer() {
    let sqs = Sqs::start(|_| (500, json!({ "message": "no" }))).await;
    assert_eq!(sqs.numbers(NOBODY).numbers().await["couriers"].queue, None);
}
