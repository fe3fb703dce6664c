//! Timeouts, retries and sizes of queues and streams, in one place: the template, the local emulators, the simulator
//! and the engine use these constants.

use std::time::Duration;

/// The time after which API Gateway gives up on a function and answers 504.
pub const GATEWAY_TIMEOUT: Duration = Duration::from_secs(29);
/// The timeout of a function that answers HTTP requests. A function that is stopped by it leaves the client with a 502
/// without a body.
pub const HTTP_TIMEOUT: Duration = Duration::from_secs(10);
/// The time within which a function answers a request: what is not done by then is answered with 503 and `Retry-After`,
/// before [`HTTP_TIMEOUT`] ends the function. The difference is for the response and the log.
pub const REQUEST_BUDGET: Duration = Duration::from_secs(8);
/// The longest wait for a projection (`Prefer: wait=N`). The rest of [`REQUEST_BUDGET`] is enough for a retry of the read
/// that follows.
pub const MAX_WAIT: Duration = Duration::from_secs(3);
/// The time within which a connection to an AWS service has to be made.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// The time after which an attempt of a call to an AWS service is given up and repeated. A call that took longer than a
/// second is unlikely to succeed.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
/// The number of attempts of a call to an AWS service, with growing pauses with jitter between them.
pub const CALL_ATTEMPTS: u32 = 4;
/// The time after which a call to an AWS service, with all its attempts, fails. It fits into [`REQUEST_BUDGET`], so that a
/// service that does not respond leads to a problem, and not to a function that is stopped.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// The timeout of a projector or reactor for a batch.
pub const SUBSCRIBER_TIMEOUT: Duration = Duration::from_secs(30);
/// The timeout of a relay for a batch of stream records.
pub const RELAY_TIMEOUT: Duration = Duration::from_secs(60);
/// The time after a function's timeout in which its last write may still arrive: the duration of a write that was sent
/// before the function was stopped, and the second for which readers cache the serving generation.
pub const FENCE_MARGIN: Duration = Duration::from_secs(2);
/// The timeout of the operations worker for a part of a run.
pub const WORKER_TIMEOUT: Duration = Duration::from_secs(300);
/// Memory of a function in MB, which gives it 1/7 of a CPU. A function that only waits for DynamoDB gains little from
/// more.
pub const MEMORY: u32 = 256;
/// Memory of the operations worker in MB. Its work is CPU-bound, so it uses the CPU that it is billed for.
pub const WORKER_MEMORY: u32 = 1024;

/// The number of message groups of each subscriber's queue: the number of documents whose commits can be processed at a
/// time. It may be changed at any time; order never depends on it.
pub const LANES: u32 = 64;
/// The maximum number of instances of one projector or reactor.
pub const SUBSCRIBER_CONCURRENCY: u32 = 20;
/// The maximum number of instances of the operations worker.
pub const WORKER_CONCURRENCY: u32 = 10;
/// The number of messages in a batch for a projector or reactor: the maximum of a FIFO queue.
pub const QUEUE_BATCH: usize = 10;
/// The number of times that a subscriber's message is received before it moves to the dead-letter queue. With the pauses
/// between them ([`FIRST_RETRY`]) that is at least 45 minutes: DynamoDB may refuse everything for so long without a dead
/// letter. A message whose function crashes is hidden for the visibility timeout each time, half an hour in all.
pub const MAX_RECEIVE_COUNT: u32 = 10;
/// The number of times that a task of the operations worker is received before it moves to the dead-letter queue.
pub const MAX_TASK_RECEIVE_COUNT: u32 = 5;
/// The pause before a failed message is delivered for the second time. Each further pause is [`RETRY_FACTOR`] times as
/// long, up to [`LONGEST_RETRY`].
pub const FIRST_RETRY: Duration = Duration::from_secs(1);
/// See [`FIRST_RETRY`].
pub const RETRY_FACTOR: u32 = 4;
/// See [`FIRST_RETRY`].
pub const LONGEST_RETRY: Duration = Duration::from_secs(15 * 60);
/// The visibility timeout of a message, as a multiple of the function's timeout. AWS recommends this value.
pub const VISIBILITY_PER_TIMEOUT: u32 = 6;
/// The retention period of queues: 14 days, the maximum.
pub const MESSAGE_RETENTION: Duration = Duration::from_secs(14 * 24 * 3600);

/// The number of records in a batch for a relay.
pub const STREAM_BATCH: usize = 100;
/// The number of times that the relay of a system without a worker retries a batch of stream records before it gives the
/// batch up. With a worker the number is unlimited, because a relay puts aside what would block its shard.
pub const STREAM_RETRIES: u32 = 20;
/// The maximum age of a stream record that a relay takes. A stream keeps records for 24 hours and drops them silently;
/// Lambda gives them up an hour before and reports them, so that they are healed.
pub const STREAM_MAX_AGE: Duration = Duration::from_secs(23 * 3600);

/// The minimum length of a key that authenticates tokens and cursors, in bytes: as many as the codes of HMAC-SHA256 have.
pub const MIN_TOKEN_KEY: usize = 32;

/// How often the worker of operations looks for what is due.
pub const TICK: Duration = Duration::from_secs(60);
/// How often the worker of operations continues the rounds of sweeps.
pub const SWEEPS: Duration = Duration::from_secs(3600);
