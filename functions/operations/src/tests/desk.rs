use crate::tests::bell::TestBell;
use crate::{Lag, Numbers, Operations, Queue, Queues, routes};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::{Commit, CommitId, Event, EventData, Parcel};
use contracts::CourierEvent;
use couriers::Couriers;
use event_store::{CommitReader, event_table};
use function::{System, Wiring};
use futures::future::BoxFuture;
use jiff::Timestamp;
use local_dynamodb::LocalDynamo;
use projection::operations::{Control, ControlOptions, Task, Worker, WorkerOptions};
use projection::testing::{batch, message};
use projection::{BatchHandler, Options, Projector, Sources, view_table};
use serde_json::json;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use testkit::{Answer, Bench, commit_of};
use tokio::time::Instant;

/// An operator's environment: the API, the worker, and the view of the couriers.
pub(crate) struct Desk {
    pub(crate) bell: Arc<TestBell>,
    pub(crate) worker: Worker,
    http: testkit::Client,
    bench: Bench,
    dynamo: LocalDynamo,
}

/// Numbers of which only the couriers' queue answers.
struct OneQueue;

impl Queues for OneQueue {
    fn numbers(&self) -> BoxFuture<'_, BTreeMap<String, Numbers>> {
        let numbers = Numbers {
            queue: Some(Queue {
                messages: 7,
                in_flight: 3,
                oldest_seconds: Some(2),
                dead_letters: 1,
            }),
            lag: Some(Lag {
                p50_milliseconds: 40.0,
                p99_milliseconds: 310.5,
                window_seconds: 300,
            }),
        };
        Box::pin(async move { BTreeMap::from([("couriers".to_owned(), numbers)]) })
    }
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        let client = dynamo.client();
        let bell = Arc::new(TestBell::default());
        let options = WorkerOptions {
            control: ControlOptions {
                fence: Duration::ZERO,
                segments: 2,
                ..ControlOptions::default()
            },
            ..WorkerOptions::default()
        };
        let worker = Worker::new(bell.clone(), options);
        let worker = system().operated(worker, &wiring(client.clone())).unwrap();
        let controls: Vec<Control> = worker.controls().cloned().collect();
        event_table("events")
            .without_stream()
            .create(&client)
            .await
            .unwrap();
        for control in &controls {
            let table = &control.subject().table;
            view_table(table, &[], false).create(&client).await.unwrap();
        }
        let http = testkit::Client::new(routes(Operations::new(controls, Arc::new(OneQueue))));
        Self {
            bell,
            worker,
            http,
            bench: Bench {
                client,
                view_table: "couriers".to_owned(),
                event_table: "events".to_owned(),
            },
            dynamo,
        }
    }

    /// Creates a desk with this number of couriers, in the event table and in the view.
    pub(crate) async fn with_couriers(count: u64) -> Self {
        let desk = Self::new().await;
        for number in 0..count {
            desk.publish(&[joined(number), available(number, 2)]).await;
        }
        desk
    }

    /// Stores commits and delivers them.
    pub(crate) async fn publish(&self, commits: &[Commit]) {
        self.bench.store(commits).await.unwrap();
        let parcels = commits.iter().cloned().map(Parcel::Whole).collect();
        self.project(vec![message("1", 1, parcels)]).await;
    }

    /// Stores commits without delivering them.
    pub(crate) async fn lose(&self, commits: &[Commit]) {
        self.bench.store(commits).await.unwrap();
    }

    /// Changes the stored document of a courier.
    pub(crate) async fn damage(&self, number: u64) {
        let pk = AttributeValue::S(format!("g1#{}", courier(number)));
        for mut item in self.bench.contents().await.unwrap() {
            if item.get("pk") == Some(&pk) && item.contains_key("doc") {
                let Some(AttributeValue::M(document)) = item.get_mut("doc") else {
                    panic!("no document: {item:?}");
                };
                let changed = document.insert("name".to_owned(), AttributeValue::S("Mallory".to_owned()));
                assert!(changed.is_some(), "{document:?}");
                let put = self.bench.client.put_item().table_name("couriers");
                put.set_item(Some(item)).send().await.unwrap();
                return;
            }
        }
        panic!("no document of {pk:?}");
    }

    /// Delivers the messages that were sent to the couriers.
    pub(crate) async fn deliver(&self) {
        let mut messages = Vec::new();
        for (subscriber, sent) in self.bell.sent() {
            assert_eq!(subscriber, "couriers");
            let mut queued = aws_lambda_events::sqs::SqsMessage::default();
            queued.message_id = Some(messages.len().to_string());
            queued.body = serde_json::to_string(&sent).ok();
            messages.push(queued);
        }
        self.project(messages).await;
    }

    async fn project(&self, messages: Vec<aws_lambda_events::sqs::SqsMessage>) {
        let source = CommitReader::new(self.dynamo.client(), "events");
        let sources = Sources::new().with("courier", source);
        let client = self.dynamo.client();
        let projector = Projector::<Couriers>::new(client, "couriers", sources, Options::default());
        let response = projector.handle(batch(messages)).await;
        assert_eq!(response.batch_item_failures, []);
    }

    /// Executes the scheduled task that fills views.
    pub(crate) async fn fill(&self) {
        let fill = self.worker.handle(Task::Fill { now: false }, Instant::now());
        fill.await.unwrap();
    }

    /// Executes the worker's tasks, and those that follow from them.
    pub(crate) async fn work(&self) {
        while let Some(task) = self.bell.next() {
            // The deadline has passed, so each task handles one page.
            self.worker.handle(task, Instant::now()).await.unwrap();
        }
    }

    /// Rebuilds the couriers until the rebuild is ready.
    pub(crate) async fn ready(&self) -> Answer {
        let started = self.post("/operations/views/couriers/rebuilds", &json!({})).await;
        self.work().await;
        self.get(started.header("location")).await.expect(200)
    }

    /// Executes a step of a rebuild of the couriers.
    pub(crate) async fn step(&self, id: u64, step: &str) -> Answer {
        let path = format!("/operations/views/couriers/rebuilds/{id}/{step}");
        self.post(&path, &json!({})).await
    }
}

/// Dereferences to the client, so that requests go to the operator's API.
impl Deref for Desk {
    type Target = testkit::Client;

    fn deref(&self) -> &testkit::Client {
        &self.http
    }
}

/// Returns a system of a view, another view and a reactor.
pub(crate) fn system() -> System {
    System::new("A fleet", "Couriers and orders.")
        .with(couriers::part())
        .with(orders::part())
}

/// Returns its tables; one table holds all events.
pub(crate) fn wiring(client: Client) -> Wiring {
    let wiring = Wiring::new(client);
    let wiring = system().subscribers().fold(wiring, |wiring, subscriber| {
        wiring.documents(subscriber.name, subscriber.name)
    });
    let categories = ["courier", "delivery", "order", "payment", "restaurant", "ticket"];
    categories
        .into_iter()
        .fold(wiring, |wiring, category| wiring.events(category, "events"))
}

pub(crate) fn courier(number: u64) -> String {
    format!("cou_{number:032}")
}

fn commit(number: u64, version: u64, event: EventData) -> Commit {
    let stream = format!("courier#{}", courier(number));
    Commit {
        id: CommitId::random(),
        ..commit_of(&stream, version, Timestamp::now(), vec![event])
    }
}

pub(crate) fn joined(number: u64) -> Commit {
    let name = "Mia Wong".parse().unwrap();
    let event = CourierEvent::CourierCreated { name };
    commit(number, 1, event.encode().unwrap())
}

pub(crate) fn available(number: u64, version: u64) -> Commit {
    let event = CourierEvent::CourierAvailabilityChanged { available: true };
    commit(number, version, event.encode().unwrap())
}

/// Returns a commit with an event that cannot be decoded.
pub(crate) fn unreadable(number: u64, version: u64) -> Commit {
    let event = EventData {
        kind: "CourierAvailabilityChanged".to_owned(),
        schema: 1,
        data: json!({ "available": "perhaps" }),
    };
    commit(number, version, event)
}
