//! Timeouts, retries and sizes of queues and streams, in one place: the template, the local emulators, the simulator and the
//! engine take them from here.

use std::time::Duration;

/// How long a function that answers HTTP may take. The gateway gives up after 29 seconds.
pub const HTTP_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a projector or reactor may take for a batch.
pub const SUBSCRIBER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a relay may take for a batch of stream records.
pub const RELAY_TIMEOUT: Duration = Duration::from_secs(60);
/// How much longer than a function's timeout its last write may still come: the write that it had sent when it was stopped, and
/// the second for which readers remember which generation serves.
pub const FENCE_MARGIN: Duration = Duration::from_secs(2);
/// How long the worker of operations may take for a part of a run.
pub const WORKER_TIMEOUT: Duration = Duration::from_secs(300);
/// Memory of a function in MB: 1/7 of a CPU. A function that only waits for DynamoDB gains little from more.
pub const MEMORY: u32 = 256;
/// Memory of the worker of operations in MB: it folds all the time, and is billed by the CPU that it uses.
pub const WORKER_MEMORY: u32 = 1024;

/// Message groups of each subscriber's queue: how many documents' commits can be in work at a time. It may be changed at any
/// time; order never depends on it.
pub const LANES: u32 = 64;
/// The most instances of one projector or reactor.
pub const SUBSCRIBER_CONCURRENCY: u32 = 20;
/// The most instances of the worker of operations.
pub const WORKER_CONCURRENCY: u32 = 10;
/// Messages in a batch for a projector or reactor: the most that a FIFO queue hands out.
pub const QUEUE_BATCH: usize = 10;
/// How often a message is received before it goes to the dead-letter queue.
pub const MAX_RECEIVE_COUNT: u32 = 5;
/// How long a message is hidden while a function works on it, as a multiple of the function's timeout. What AWS advises.
pub const VISIBILITY_PER_TIMEOUT: u32 = 6;
/// How long queues keep messages: 14 days, the longest there is.
pub const MESSAGE_RETENTION: Duration = Duration::from_secs(14 * 24 * 3600);

/// Records in a batch for a relay.
pub const STREAM_BATCH: usize = 100;
/// How often a batch of stream records is tried again before the relay gives it up. Lambda's default, for as long as the
/// records live, would hold a shard for 24 hours because of one record.
pub const STREAM_RETRIES: u32 = 20;
/// How old a stream record may be when a relay takes it.
pub const STREAM_MAX_AGE: Duration = Duration::from_secs(3600);
