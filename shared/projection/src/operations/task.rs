use super::record::{Phase, RunId};
use commit::Message;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A hint for the worker to check something. The work and its progress are stored in the view's table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "kebab-case")]
pub enum Task {
    /// Start a sweep of every subscriber without one, and send tasks for every run that has stopped. The schedule sends
    /// this task.
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
    /// Send messages for everything that is due: what failed and is tried again, and what waits for newer code. The
    /// schedule sends this task each minute. It costs 1 RU per subscriber when nothing is due.
    Tick {},
    /// Check whether a run can continue with its next phase.
    Advance(Advance),
    /// Work on one segment of a table.
    Segment(SegmentTask),
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
