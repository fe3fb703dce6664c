use super::record::{Phase, RunId};
use commit::{CommitKey, Message};
use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A hint for the worker to check something. The work and its progress are stored in the view's table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "kebab-case")]
pub enum Task {
    /// Start a sweep of every subscriber without one, and send tasks for every run that has stopped. The schedule of deep
    /// sweeps sends this task, and an operator.
    SweepAll {
        /// Compare whole documents where that is possible.
        #[serde(default)]
        deep: bool,
    },
    /// Build every view that has never been built. The schedule and the start of the embedded stack send this task. It costs
    /// 1 RU per view when all are filled.
    Fill {
        /// Do not wait for the pause after a failed attempt.
        #[serde(default)]
        now: bool,
    },
    /// Send messages for everything that is due: what failed and is tried again, what waits for newer code, and deadlines
    /// of reactors that have passed. The schedule sends this task each minute. It costs 1 RU per subscriber when nothing is due.
    Tick {},
    /// Continue the rounds of sweeps with the parts that are due, and the runs that have stopped. The schedule sends this task.
    /// It costs 1 RU per event table, 3 RU per subscriber, and what the parts cost.
    SweepRounds {},
    /// Compare the parts of the round of one event table that are due.
    SweepParts {
        /// The name of the event table.
        table: String,
    },
    /// Check whether a run can continue with its next phase.
    Advance(Advance),
    /// Work on one segment of a table.
    Segment(SegmentTask),
    /// Bring documents up to date with commits that their queue refused or gave up.
    Heal(Heal),
    /// Complete a sweep of a subscriber that lost more than is recorded.
    SweepAfter(SweepAfter),
    /// Bring what remains of a stream up to date beside an item that is not a commit.
    NotACommit(NotACommit),
}

/// See [`Task::Heal`]. The relay sends it for a queue that refuses, and the worker for dead letters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Heal {
    /// The subscriber whose documents lack the commits.
    pub subscriber: String,
    /// The keys of the commits; at most [`Heal::MOST_KEYS`].
    #[serde(default)]
    pub commits: Vec<CommitKey>,
    /// Documents whose redrive was given up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redrive: Vec<String>,
    /// How often these commits have become dead letters.
    #[serde(default)]
    pub dead: u32,
    /// How often the subscriber's queue has refused this task's messages.
    #[serde(default)]
    pub refused: u32,
    /// The time before which nothing is sent.
    #[serde(default)]
    pub due: Option<Timestamp>,
}

impl Heal {
    /// The most keys of one task: about 10 KB.
    pub const MOST_KEYS: usize = 100;
}

/// See [`Task::SweepAfter`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepAfter {
    /// The subscriber to be swept.
    pub subscriber: String,
    /// The sweep has to start after this time. `None` means [`SweepAfter::COVERS`] after a worker receives the task.
    #[serde(default)]
    pub after: Option<Timestamp>,
    /// How often the worker has postponed the task since then.
    #[serde(default)]
    pub postponed: u32,
}

impl SweepAfter {
    /// A task without a time covers what is lost within this time after it was sent: a relay sends one per period
    /// instead of one per batch.
    pub const COVERS: Duration = Duration::from_secs(300);
}

/// See [`Task::NotACommit`]: the key of the item, as far as it can be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotACommit {
    /// The event table.
    pub table: String,
    /// The partition key.
    #[serde(default)]
    pub stream: Option<String>,
    /// The sort key.
    #[serde(default)]
    pub version: Option<String>,
}

/// See [`Task::Advance`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Advance {
    pub(crate) subscriber: String,
    pub(crate) run: RunId,
    /// Whether this is the heartbeat, which is repeated while the run is active and sends tasks for segments that have
    /// stopped.
    #[serde(default)]
    pub(crate) heartbeat: bool,
}

/// See [`Task::Segment`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentTask {
    pub(crate) subscriber: String,
    pub(crate) run: RunId,
    pub(crate) phase: Phase,
    #[serde(flatten)]
    pub(crate) place: Place,
}

/// One segment of one table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The category of the event table, or empty for the view's own table.
    pub(crate) source: String,
    pub(crate) segment: u32,
}

/// Sends tasks to the worker and messages to subscribers: with SQS on AWS, with queues in memory in the embedded stack.
pub trait Bell: Send + Sync {
    /// Sends a task to the worker after this time (at most 15 minutes), at least once.
    fn ring<'a>(&'a self, task: Task, after: Duration) -> BoxFuture<'a, Result<(), BellError>>;

    /// Sends a message to a subscriber's queue, in this lane, as the relay does, at least once.
    fn send<'a>(
        &'a self,
        subscriber: &'a str,
        lane: &'a str,
        message: Message,
    ) -> BoxFuture<'a, Result<(), BellError>>;
}

/// The error when a queue did not accept a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the queue did not accept a message: {0}")]
pub struct BellError(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_of_the_schedule_is_a_task() {
        let task: Task = serde_json::from_str(r#"{"task":"sweep-all","deep":true}"#).unwrap();
        assert_eq!(task, Task::SweepAll { deep: true });
        let task: Task = serde_json::from_str(r#"{"task":"fill"}"#).unwrap();
        assert_eq!(task, Task::Fill { now: false });
        let task: Task = serde_json::from_str(r#"{"task":"tick"}"#).unwrap();
        assert_eq!(task, Task::Tick {});
        let task: Task = serde_json::from_str(r#"{"task":"sweep-rounds"}"#).unwrap();
        assert_eq!(task, Task::SweepRounds {});
    }

    #[test]
    fn tasks_round_trip() {
        let task = Task::Segment(SegmentTask {
            subscriber: "order-history".into(),
            run: RunId::rebuild(4),
            phase: Phase::Scan,
            place: Place {
                source: "order".into(),
                segment: 3,
            },
        });
        let text = serde_json::to_string(&task).unwrap();
        assert_eq!(serde_json::from_str::<Task>(&text).unwrap(), task);
    }
}
