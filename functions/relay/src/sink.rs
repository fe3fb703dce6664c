use projection::operations::Task;
use std::future::Future;

/// The maximum size of a message body. SQS accepts up to 1 MiB today and bills every 64 KB; 256 KB fits every queue,
/// every emulator and Lambda's own limit of 6 MB for a batch of ten.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;

/// The maximum sum of bodies in one request.
pub const MAX_BATCH_BYTES: usize = 256 * 1024;

/// The maximum number of messages in one request; SQS's own limit.
pub const MAX_BATCH_ENTRIES: usize = 10;

/// One message to a FIFO queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// The id, unique within a batch.
    pub id: String,
    /// The lane: messages of one group stay in order.
    pub group: String,
    /// The deduplication id, the same for the same commits, so that sending again within five minutes stores one message.
    pub dedup: String,
    /// A [`commit::Message`] as JSON.
    pub body: String,
}

/// A message of a batch that the queue did not accept although the request as a whole succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The message's id.
    pub id: String,
    /// The queue's error code, for the log.
    pub code: String,
    /// Whether the queue reports a fault of the sender. The message is sent again anyway, because a permission or key may
    /// be repaired meanwhile.
    pub sender_fault: bool,
}

/// The request as a whole failed; whether any of its messages was accepted is unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SinkError(pub String);

/// The destination of messages: SQS on Lambda, queues in memory in the embedded stack.
pub trait MessageSink: Send + Sync {
    /// Sends a batch: at most [`MAX_BATCH_ENTRIES`] messages with at most [`MAX_BATCH_BYTES`] of bodies, each of another
    /// group. Returns the messages that were not accepted.
    fn send(
        &self,
        queue_url: &str,
        batch: Vec<OutgoingMessage>,
    ) -> impl Future<Output = Result<Vec<Failed>, SinkError>> + Send;

    /// Sends a task to the worker of operations, which heals the subscriber later. By default there is no worker, and the
    /// stream repeats what a queue does not accept.
    fn put_aside(&self, task: Task) -> impl Future<Output = Result<(), SinkError>> + Send {
        drop(task);
        std::future::ready(Err(SinkError("there is no worker to heal it later".to_owned())))
    }
}
