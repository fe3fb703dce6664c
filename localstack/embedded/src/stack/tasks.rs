//! The queue of the operations worker and its event source mapping: tasks with a delay, delivered at least once, a few at a
//! time.

use crate::backoff;
use crate::queues::{Envelope, Queue};
use commit::Message;
use function::settings::{MAX_TASK_RECEIVE_COUNT, TICK};
use futures::FutureExt;
use futures::future::BoxFuture;
use projection::operations::{Bell, BellError, Task, Worker};
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

/// Concurrent tasks; rebuilds leave capacity for commands.
const CONCURRENCY: usize = 2;
/// How long a worker runs before it saves its progress and queues itself again.
const TIME_SLICE: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// A queued task.
#[derive(Debug)]
struct Queued {
    task: Task,
    received: u32,
}

/// The senders of tasks and of messages for subscribers.
#[derive(Debug, Clone)]
pub(super) struct InProcessBell {
    tasks: UnboundedSender<(Instant, Queued)>,
    queues: Arc<BTreeMap<&'static str, Arc<Queue>>>,
}

/// The receiving end.
#[derive(Debug)]
pub(super) struct Tasks(UnboundedReceiver<(Instant, Queued)>);

impl InProcessBell {
    pub(super) fn new(queues: Arc<BTreeMap<&'static str, Arc<Queue>>>) -> (Self, Tasks) {
        let (tasks, receiver) = unbounded_channel();
        (Self { tasks, queues }, Tasks(receiver))
    }
}

impl Bell for InProcessBell {
    fn ring<'a>(&'a self, task: Task, after: Duration) -> BoxFuture<'a, Result<(), BellError>> {
        let queued = Queued { task, received: 0 };
        let sent = self.tasks.send((Instant::now() + after, queued));
        Box::pin(async { sent.map_err(|_| BellError("the worker has ended".to_owned())) })
    }

    fn send<'a>(
        &'a self,
        subscriber: &'a str,
        lane: &'a str,
        message: Message,
    ) -> BoxFuture<'a, Result<(), BellError>> {
        Box::pin(async move {
            let queue = self.queues.get(subscriber);
            let queue = queue.ok_or_else(|| BellError(format!("{subscriber} has no queue")))?;
            let body = serde_json::to_string(&message).map_err(|e| BellError(e.to_string()))?;
            // A new id each time, so that a repeated message is not dropped as a duplicate.
            let id = Uuid::now_v7().to_string();
            queue
                .send(Envelope {
                    dedup: id.clone(),
                    id,
                    group: lane.to_owned(),
                    body,
                })
                .await;
            Ok(())
        })
    }
}

/// Sends [`Task::Tick`] on schedule, until the returned future is dropped.
pub(super) async fn tick(bell: InProcessBell) {
    loop {
        if let Err(error) = bell.ring(Task::Tick {}, Duration::ZERO).await {
            tracing::warn!(%error, "what is due is not tried again");
        }
        tokio::time::sleep(TICK).await;
    }
}

impl Tasks {
    /// Serves the queue until the returned future is dropped. Tasks in progress are then abandoned, like when a process dies.
    pub(super) async fn serve(mut self, worker: Arc<Worker>, again: InProcessBell) {
        let mut waiting: BTreeMap<(Instant, u64), Queued> = BTreeMap::new();
        let mut number = 0_u64;
        let mut at_work = JoinSet::new();
        loop {
            let due = waiting.first_key_value().map(|((due, _), _)| *due);
            let room = at_work.len() < CONCURRENCY;
            tokio::select! {
                queued = self.0.recv() => {
                    let Some((due, queued)) = queued else { return };
                    number += 1;
                    waiting.insert((due, number), queued);
                }
                Some(_) = at_work.join_next() => {}
                () = sleep_until(due), if room && due.is_some() => {
                    if let Some((_, queued)) = waiting.pop_first() {
                        at_work.spawn(work(worker.clone(), queued, again.clone()));
                    }
                }
            }
        }
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

async fn work(worker: Arc<Worker>, mut queued: Queued, again: InProcessBell) {
    queued.received += 1;
    let handled = worker.handle(queued.task.clone(), Instant::now() + TIME_SLICE);
    let problem = match AssertUnwindSafe(handled).catch_unwind().await {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the worker panicked".to_owned(),
    };
    if queued.received >= MAX_TASK_RECEIVE_COUNT {
        tracing::error!(problem, task = ?queued.task, "a task was received too often and was given up");
        return;
    }
    tracing::warn!(problem, task = ?queued.task, "a task is delivered again");
    let due = Instant::now() + FIRST_PAUSE * 2_u32.pow(queued.received);
    // This loop owns the worker and ends with it.
    let _ = again.tasks.send((due, queued));
}

/// The mapping between a dead-letter queue and the worker, until the returned future is dropped.
pub(super) async fn heal_dead_letters(queue: Arc<Queue>, worker: Arc<Worker>) {
    loop {
        let letter = queue.next_dead_letter().await;
        let mut attempt = 1;
        while let Err(error) = worker.dead_letter(Some(queue.name()), &letter.body).await {
            tracing::warn!(queue = queue.name(), %error, "a dead letter is delivered again");
            tokio::time::sleep(backoff::delay(attempt)).await;
            attempt += 1;
        }
    }
}
