use super::record::{Phase, RunId};
use commit::Message;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A doorbell for the worker: what to look at. What is to be done there, and how far it is, stands in the view's table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "kebab-case")]
pub enum Task {
    /// Start a sweep of every subscriber that is not in one, and ring again for every run that stands still. The
    /// schedule's task.
    SweepAll {
        /// Compare the documents as a whole where that is possible.
        #[serde(default)]
        deep: bool,
    },
    /// Build every view that has never been built. The task of a schedule, and of a start: nearly free when there is none.
    Fill {
        /// Also one whose last attempt failed a short while ago.
        #[serde(default)]
        now: bool,
    },
    /// See whether a run can go on to its next phase.
    Advance(Advance),
    /// Go through one segment of a table.
    Segment(SegmentTask),
}

/// See [`Task::Advance`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Advance {
    pub(crate) subscriber: String,
    pub(crate) run: RunId,
    /// The task that comes again and again while the run is active, and rings for segments that stand still.
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
    /// The category whose event table it is, or nothing for the view's own table.
    pub(crate) source: String,
    pub(crate) segment: u32,
}

/// How the worker and the subscribers are reached: SQS on AWS, queues in memory in the embedded stack.
pub trait Bell: Send + Sync {
    /// Rings for the worker after this time (at most 15 minutes). At least once.
    fn ring<'a>(&'a self, task: Task, after: Duration) -> BoxFuture<'a, Result<(), BellError>>;

    /// Sends a message to a subscriber's queue, in this lane, as the relay would. At least once.
    fn send<'a>(
        &'a self,
        subscriber: &'a str,
        lane: &'a str,
        message: Message,
    ) -> BoxFuture<'a, Result<(), BellError>>;
}

/// A queue did not take a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the queue did not take a message: {0}")]
pub struct BellError(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_schedule_sends_is_a_task() {
        let task: Task = serde_json::from_str(r#"{"task":"sweep-all","deep":true}"#).unwrap();
        assert_eq!(task, Task::SweepAll { deep: true });
        let task: Task = serde_json::from_str(r#"{"task":"fill"}"#).unwrap();
        assert_eq!(task, Task::Fill { now: false });
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
