//! Operations for the tests' library: the worker, a queue of tasks that are executed in the order in which they are
//! due, and a clock that advances with it.

use crate::library::{Library, Town};
use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::Message;
use futures::future::BoxFuture;
use jiff::Timestamp;
use projection::operations::{
    Bell, BellError, Control, ControlOptions, Rebuild, RebuildOptions, Subject, SubjectKind, Task, Worker,
    WorkerOptions,
};
use projection::testing::batch;
use projection::{BatchReport, Options, Quarantined, Reactor, View};
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

thread_local! {
    static NOW: Cell<i64> = const { Cell::new(1_800_000_000_000) };
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_millisecond(NOW.get()).unwrap()
}

pub(crate) fn pass(time: Duration) {
    NOW.set(NOW.get() + i64::try_from(time.as_millis()).unwrap());
}

/// Nothing happens until then.
pub(crate) fn pass_until(then: Timestamp) {
    assert!(now() <= then, "it is past {then}");
    NOW.set(then.as_millisecond());
}

#[derive(Default)]
pub(crate) struct Queue {
    due: Mutex<BTreeMap<(i64, u64), Task>>,
    rung: Mutex<u64>,
    pub(crate) sent: Mutex<Vec<(String, Message)>>,
}

impl Queue {
    fn next(&self) -> Option<Task> {
        let ((due, _), task) = self.due.lock().unwrap().pop_first()?;
        NOW.set(NOW.get().max(due));
        Some(task)
    }

    /// Drops the waiting tasks and returns their number.
    pub(crate) fn lose(&self) -> usize {
        std::mem::take(&mut *self.due.lock().unwrap()).len()
    }
}

impl Bell for Queue {
    fn ring<'a>(&'a self, task: Task, after: Duration) -> BoxFuture<'a, Result<(), BellError>> {
        let mut rung = self.rung.lock().unwrap();
        *rung += 1;
        let due = NOW.get() + i64::try_from(after.as_millis()).unwrap();
        self.due.lock().unwrap().insert((due, *rung), task);
        Box::pin(async { Ok(()) })
    }

    fn send<'a>(
        &'a self,
        subscriber: &'a str,
        _lane: &'a str,
        message: Message,
    ) -> BoxFuture<'a, Result<(), BellError>> {
        self.sent.lock().unwrap().push((subscriber.to_owned(), message));
        Box::pin(async { Ok(()) })
    }
}

pub(crate) struct Desk {
    pub(crate) queue: Arc<Queue>,
    pub(crate) control: Control,
    pub(crate) worker: Worker,
}

fn options() -> ControlOptions {
    ControlOptions {
        segments: 3,
        clock: now,
        ..ControlOptions::default()
    }
}

impl Town {
    pub(crate) fn desk(&self) -> Desk {
        self.desk_of::<Library>()
    }

    pub(crate) fn desk_of<V: View>(&self) -> Desk {
        self.desk_with::<V>(&self.dynamo.client())
    }

    /// Creates a desk that looks after a reactor instead of a view.
    pub(crate) fn desk_of_a_reactor<R: Reactor>(&self) -> Desk {
        let mut desk = self.desk();
        let options = WorkerOptions {
            control: options(),
            ..WorkerOptions::default()
        };
        desk.worker = Worker::new(desk.queue.clone(), options).with_reactor(
            self.dynamo.client(),
            R::NAME,
            self.bench.view_table.clone(),
            R::SOURCES,
            self.bench.sources(R::SOURCES),
        );
        desk
    }

    pub(crate) fn desk_with<V: View>(&self, client: &Client) -> Desk {
        let queue = Arc::new(Queue::default());
        let page = WorkerOptions::default().page;
        let worker = self.worker::<V>(client, &queue, page);
        let subject = Subject {
            name: V::NAME.to_owned(),
            kind: SubjectKind::View,
            table: self.bench.view_table.clone(),
            sources: V::SOURCES.iter().map(|s| (*s).to_owned()).collect(),
        };
        Desk {
            control: Control::new(client.clone(), subject, queue.clone(), options()),
            worker,
            queue,
        }
    }

    /// Creates a worker that abandons a page after this time.
    pub(crate) fn worker<V: View>(&self, client: &Client, queue: &Arc<Queue>, page: Duration) -> Worker {
        let options = WorkerOptions {
            control: options(),
            page,
            projection: Options {
                clock: now,
                ..Options::default()
            },
            ..WorkerOptions::default()
        };
        Worker::new(queue.clone(), options).with_view::<V>(
            client.clone(),
            self.bench.view_table.clone(),
            self.bench.sources(V::SOURCES),
        )
    }

    /// Returns the quarantined sources.
    pub(crate) async fn held(&self) -> Vec<Quarantined> {
        let page = self.desk().control.quarantine(None, 100).await.unwrap();
        assert_eq!(page.next, None);
        page.items
    }

    /// Redrives a quarantined document, and delivers the message to a view.
    pub(crate) async fn redrive<V: View>(&self, document: &str) -> BatchReport {
        let desk = self.desk_of::<V>();
        assert_eq!(desk.control.redrive(Some(document)).await, Ok(1));
        desk.deliver::<V>(self).await
    }

    /// Returns all items of a generation, without its number.
    pub(crate) async fn generation(
        &self,
        number: u64,
    ) -> BTreeMap<(String, String), HashMap<String, AttributeValue>> {
        let prefix = format!("g{number}#");
        let strip = |value: &AttributeValue| value.as_s().unwrap().strip_prefix(&prefix).map(str::to_owned);
        let items = self.bench.contents().await.unwrap().into_iter();
        items
            .filter_map(|mut item| {
                let pk = strip(&item.remove("pk").unwrap())?;
                let sk = item.remove("sk").unwrap().as_s().unwrap().clone();
                if let Some(index) = item.get("g1pk").and_then(strip) {
                    item.insert("g1pk".to_owned(), AttributeValue::S(index));
                }
                // The number of writes is not part of the contents.
                item.remove("r");
                Some(((pk, sk), item))
            })
            .collect()
    }
}

impl Desk {
    /// Executes one task. Returns `false` when none is left.
    pub(crate) async fn step(&self) -> bool {
        let Some(task) = self.queue.next() else {
            return false;
        };
        // The deadline has passed, so the worker handles one page each time.
        self.worker.handle(task, Instant::now()).await.unwrap();
        true
    }

    pub(crate) async fn work(&self) {
        let mut turns = 0;
        while self.step().await {
            turns += 1;
            assert!(turns < 2_000, "tasks circulate for ever");
        }
    }

    /// Executes the scheduled task that fills views.
    pub(crate) async fn fill(&self, now: bool) {
        let task = Task::Fill { now };
        self.worker.handle(task, Instant::now()).await.unwrap();
    }

    pub(crate) async fn rebuilt(&self) -> Rebuild {
        let started = self
            .control
            .start_rebuild(&RebuildOptions::default())
            .await
            .unwrap();
        self.work().await;
        self.control.rebuild(started.generation).await.unwrap().unwrap()
    }

    /// Returns the messages sent to the subscriber, as its queue delivers them.
    pub(crate) fn sent(&self) -> SqsEvent {
        let sent = std::mem::take(&mut *self.queue.sent.lock().unwrap());
        let messages = sent.into_iter().enumerate().map(|(number, (_, message))| {
            let mut queued = SqsMessage::default();
            queued.message_id = Some(number.to_string());
            queued.body = serde_json::to_string(&message).ok();
            queued
        });
        batch(messages.collect())
    }

    /// Delivers the messages sent to the subscriber.
    pub(crate) async fn deliver<V: View>(&self, town: &Town) -> BatchReport {
        let (response, report) = town.projector::<V>().handle_batch(self.sent()).await;
        assert_eq!(response.batch_item_failures, []);
        report
    }
}
