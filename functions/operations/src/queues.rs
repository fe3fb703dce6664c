use futures::future::BoxFuture;
use std::collections::BTreeMap;

/// The source of the subscribers' queue numbers: SQS and CloudWatch on AWS, the queues themselves in the embedded stack.
pub trait Queues: Send + Sync {
    /// Returns the current numbers of each subscriber's queue, by the subscriber's name. Takes a few seconds at most;
    /// numbers that are not available by then are omitted.
    fn numbers(&self) -> BoxFuture<'_, BTreeMap<String, Numbers>>;
}

/// The numbers of a subscriber's queue.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Numbers {
    /// The content of the queue; `None` if it did not answer.
    pub queue: Option<Queue>,
    /// The subscriber's lag; `None` if unknown, or if nothing was applied lately.
    pub lag: Option<Lag>,
}

/// The content of a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queue {
    /// The number of waiting messages.
    pub messages: u64,
    /// The number of messages that were received and not settled.
    pub in_flight: u64,
    /// The age of the oldest message, in seconds; `None` if unknown, or if no message waits.
    pub oldest_seconds: Option<u64>,
    /// The number of messages in the dead-letter queue.
    pub dead_letters: u64,
}

/// The time from commit to application.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Lag {
    /// The median, in milliseconds.
    pub p50_milliseconds: f64,
    /// The 99th percentile, in milliseconds.
    pub p99_milliseconds: f64,
    /// The length of the measured window in seconds: the latest one with commits.
    pub window_seconds: u64,
}
