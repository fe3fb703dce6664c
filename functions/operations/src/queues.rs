use futures::future::BoxFuture;
use std::collections::BTreeMap;

/// Where the numbers of the subscribers' queues come from: SQS and CloudWatch on AWS, the queues themselves in the embedded
/// stack.
pub trait Queues: Send + Sync {
    /// What is known of each subscriber's queue now, by the subscriber's name. It takes a few seconds at most: what does not
    /// answer by then is not known.
    fn numbers(&self) -> BoxFuture<'_, BTreeMap<String, Numbers>>;
}

/// What is known of a subscriber's queue.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Numbers {
    /// What is in it; none: it did not answer.
    pub queue: Option<Queue>,
    /// How far the subscriber is behind; none: not known, or nothing was applied lately.
    pub lag: Option<Lag>,
}

/// What is in a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queue {
    /// Messages that wait.
    pub messages: u64,
    /// Messages that were handed out and are not settled.
    pub in_flight: u64,
    /// The age of the oldest one, in seconds; none when that is not known, or nothing waits.
    pub oldest_seconds: Option<u64>,
    /// Messages that were given up on.
    pub dead_letters: u64,
}

/// From commit to view.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Lag {
    /// Half of the commits were applied within this many milliseconds.
    pub p50_milliseconds: f64,
    /// 99 of 100 were.
    pub p99_milliseconds: f64,
    /// Of how many seconds the commits are, the latest in which there were any.
    pub window_seconds: u64,
}
