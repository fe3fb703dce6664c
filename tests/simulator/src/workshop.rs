//! The queue of rebuilds and sweeps, and its workers.

use crate::faults::Fault;
use crate::lambda::invoke;
use crate::queue::Queues;
use crate::subject::Owners;
use crate::world::{EPOCH, World};
use commit::Message;
use futures::future::BoxFuture;
use jiff::Timestamp;
use projection::Options;
use projection::operations::{
    Bell, BellError, ControlOptions, RoundOptions, Task, WorkError, Worker, WorkerOptions,
};
use std::cell::Cell;
use std::fmt::{self, Display, Formatter};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// The time of a round of sweeps.
pub(crate) const ROUND: Duration = Duration::from_secs(900);

/// How long a task is hidden after it was received, in milliseconds.
const VISIBILITY: u64 = 90_000;

thread_local! {
    /// When the run of this thread began: the worker's clock is a function without state.
    static BEGAN: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Returns the virtual time of day.
fn clock() -> Timestamp {
    let elapsed = BEGAN.get().map(|began| began.elapsed()).unwrap_or_default();
    let millis = i64::try_from(elapsed.as_millis()).unwrap_or_default();
    Timestamp::from_millisecond(EPOCH + millis).unwrap_or_default()
}

/// Returns the options of the subscribers' functions.
pub(crate) fn options() -> Options {
    Options {
        clock,
        ..Options::default()
    }
}

/// The waiting messages of the workers: unordered queues with at-least-once delivery.
pub(crate) struct Workshop {
    world: Arc<World>,
    queues: Arc<Queues>,
    owners: Owners,
    tasks: Mutex<Vec<Waiting>>,
    /// The tasks that were received too often.
    dead: Mutex<Vec<Task>>,
    changed: Notify,
}

/// A message to the worker, by its queue.
#[derive(Debug, Clone)]
enum Work {
    Task(Task),
    DeadLetter { subscriber: String, body: String },
    LostRecords { table: String },
}

impl Display for Work {
    /// Leaves the ids of commits out, which are different in each run.
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task(Task::Heal(heal)) => {
                let versions = heal
                    .commits
                    .iter()
                    .map(|key| format!("{}@{}", key.stream, key.last()));
                let versions: Vec<String> = versions.collect();
                write!(out, "heal {} {versions:?} {:?}", heal.subscriber, heal.redrive)
            }
            Self::DeadLetter { subscriber, .. } => write!(out, "a dead letter of {subscriber}"),
            Self::Task(_) | Self::LostRecords { .. } => write!(out, "{self:?}"),
        }
    }
}

struct Waiting {
    number: u64,
    work: Work,
    receives: u32,
    /// The time until which it is hidden.
    hidden: u64,
}

impl Workshop {
    pub(crate) fn new(world: &Arc<World>, queues: &Arc<Queues>, owners: &Owners) -> Arc<Self> {
        BEGAN.set(Some(Instant::now()));
        Arc::new(Self {
            world: Arc::clone(world),
            queues: Arc::clone(queues),
            owners: owners.clone(),
            tasks: Mutex::default(),
            dead: Mutex::default(),
            changed: Notify::new(),
        })
    }

    /// Returns the options of the simulated workers.
    pub(crate) fn options(&self) -> WorkerOptions {
        WorkerOptions {
            control: ControlOptions {
                fence: settings::SUBSCRIBER_TIMEOUT + settings::FENCE_MARGIN,
                segments: self.world.draw(|random| random.u32(1..=3)),
                lanes: crate::deployment::LANES,
                clock,
            },
            page: settings::SUBSCRIBER_TIMEOUT,
            projection: options(),
            round: RoundOptions {
                length: ROUND,
                passes: self.world.draw(|random| random.u32(1..=3)),
                parts: self.world.draw(|random| random.u32(1..=3)),
                settled: Duration::from_secs(self.world.draw(|random| [0, 5, 60][random.usize(..3)])),
                ..RoundOptions::default()
            },
            ..WorkerOptions::default()
        }
    }

    /// Returns the number of messages that wait or are in progress.
    pub(crate) fn outstanding(&self) -> usize {
        self.tasks(|tasks| tasks.len())
    }

    /// Returns the number of those that belong to rebuilds and sweeps.
    pub(crate) fn outstanding_runs(&self) -> usize {
        let of_run = |waiting: &&Waiting| {
            let Work::Task(task) = &waiting.work else {
                return false;
            };
            matches!(
                task,
                Task::Advance(_) | Task::Segment(_) | Task::SweepAll { .. } | Task::Fill { .. }
            )
        };
        self.tasks(|tasks| tasks.iter().filter(of_run).count())
    }

    fn tasks<T>(&self, change: impl FnOnce(&mut Vec<Waiting>) -> T) -> T {
        change(&mut self.tasks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the tasks that are in the dead-letter queue.
    pub(crate) fn dead(&self) -> Vec<Task> {
        self.dead.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn push(&self, task: Task, after: Duration) {
        self.queue(Work::Task(task), after);
    }

    pub(crate) fn dead_letter(&self, subscriber: &str, body: String) {
        let subscriber = subscriber.to_owned();
        self.queue(Work::DeadLetter { subscriber, body }, Duration::ZERO);
    }

    pub(crate) fn lost_records(&self, table: &str) {
        let table = table.to_owned();
        self.queue(Work::LostRecords { table }, Duration::ZERO);
    }

    fn queue(&self, work: Work, after: Duration) {
        let hidden = self.world.now() + u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        let number = self.world.number();
        self.tasks(|tasks| {
            tasks.push(Waiting {
                number,
                work,
                receives: 0,
                hidden,
            });
        });
        self.changed.notify_waiters();
    }

    fn receive(&self) -> Result<(u64, Work), Option<u64>> {
        let now = self.world.now();
        let (received, dead) = self.tasks(|tasks| {
            let mut dead = Vec::new();
            tasks.retain(|waiting| {
                // The queues of what others gave up have no dead-letter queues.
                let Work::Task(task) = &waiting.work else {
                    return true;
                };
                let kept = waiting.hidden > now || waiting.receives < settings::MAX_TASK_RECEIVE_COUNT;
                if !kept {
                    dead.push(task.clone());
                }
                kept
            });
            let next = tasks.iter_mut().find(|waiting| waiting.hidden <= now);
            let received = match next {
                Some(waiting) => {
                    waiting.receives += 1;
                    waiting.hidden = now + VISIBILITY;
                    Ok((waiting.number, waiting.work.clone()))
                }
                None => Err(tasks.iter().map(|waiting| waiting.hidden).min()),
            };
            (received, dead)
        });
        dead.iter().for_each(|_| self.world.count(Fault::DeadLetter));
        self.dead
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(dead);
        received
    }

    /// Sends [`Task::Tick`] on schedule if something is due in one of these tables, until it is dropped.
    pub(crate) async fn tick(self: Arc<Self>, tables: Vec<&'static str>) {
        loop {
            tokio::time::sleep(settings::TICK).await;
            let due: Vec<_> = tables.iter().flat_map(|table| self.world.due(table)).collect();
            for (_, kind) in &due {
                self.world.count(if kind == "newer" {
                    Fault::Newer
                } else {
                    Fault::Parked
                });
            }
            let deadlines = tables.iter().flat_map(|table| self.world.deadlines(table));
            let now = self.world.now();
            deadlines
                .filter(|deadline| deadline.time <= now)
                .for_each(|_| self.world.count(Fault::Deadline));
            if tables.iter().any(|table| self.world.anything_due(table)) {
                self.push(Task::Tick {}, Duration::ZERO);
            }
        }
    }

    /// Works until it is dropped.
    pub(crate) async fn work(self: Arc<Self>, worker: Arc<Worker>, instance: usize) {
        loop {
            let changed = self.changed.notified();
            let admitted = self.world.admitted().await;
            match self.receive() {
                Ok((number, work)) => {
                    let name = format!("worker/{instance}");
                    self.world.note(format_args!("{name} gets {work}"));
                    // Sometimes the time is so short that the work continues in another task.
                    let time = self.world.draw(|random| [0, 1, 25][random.usize(..3)]);
                    let deadline = Instant::now() + Duration::from_secs(time);
                    let done = invoke(
                        &self.world,
                        name,
                        settings::WORKER_TIMEOUT,
                        self.perform(&worker, work, deadline),
                    )
                    .await;
                    let lost = self.world.happens(Fault::AcknowledgementLost);
                    if matches!(done, Some(Ok(()))) && !lost {
                        self.tasks(|tasks| tasks.retain(|waiting| waiting.number != number));
                    }
                }
                Err(Some(at)) => {
                    drop(admitted);
                    let wait = Duration::from_millis(at - self.world.now().min(at));
                    let _ = tokio::time::timeout(wait.max(Duration::from_millis(1)), changed).await;
                }
                Err(None) => {
                    drop(admitted);
                    changed.await;
                }
            }
            self.world.pause(10).await;
        }
    }

    async fn perform(&self, worker: &Worker, work: Work, deadline: Instant) -> Result<(), WorkError> {
        match work {
            Work::Task(task) => worker.handle(task, deadline).await,
            Work::DeadLetter { subscriber, body } => worker.dead_letter(Some(&subscriber), &body).await,
            Work::LostRecords { table } => {
                let owned = self.owners.iter().filter(|(_, owner)| **owner == table);
                let categories: Vec<&str> = owned.map(|(category, _)| *category).collect();
                worker.lost_records(&categories).await
            }
        }
    }

    async fn send(&self) -> Result<(), BellError> {
        self.world.pause(20).await;
        if self.world.happens(Fault::SendFailed) {
            return Err(BellError("the queue cannot be reached".to_owned()));
        }
        Ok(())
    }

    fn sent(&self) -> Result<(), BellError> {
        if self.world.happens(Fault::SendReplyLost) {
            return Err(BellError("the reply was lost".to_owned()));
        }
        Ok(())
    }
}

impl Bell for Workshop {
    fn ring<'a>(&'a self, task: Task, after: Duration) -> BoxFuture<'a, Result<(), BellError>> {
        Box::pin(async move {
            self.send().await?;
            self.push(task, after);
            self.sent()
        })
    }

    fn send<'a>(
        &'a self,
        subscriber: &'a str,
        lane: &'a str,
        message: Message,
    ) -> BoxFuture<'a, Result<(), BellError>> {
        Box::pin(async move {
            Self::send(self).await?;
            if self.world.refuses(subscriber) {
                return Err(BellError("access denied".to_owned()));
            }
            let body = serde_json::to_string(&message).map_err(|error| BellError(error.to_string()))?;
            let dedup = format!("bell-{}", self.world.number());
            self.queues.of(subscriber).send(lane, &dedup, body);
            self.sent()
        })
    }
}
