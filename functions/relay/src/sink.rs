use std::future::Future;

/// The largest message body. SQS takes up to 1 MiB today and bills every 64 KB; 256 KB is what every queue, emulator and
/// Lambda's own 6 MB for a batch of ten can hold.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;

/// The largest sum of bodies in one request.
pub const MAX_BATCH_BYTES: usize = 256 * 1024;

/// The most messages in one request; SQS's own limit.
pub const MAX_BATCH_ENTRIES: usize = 10;

/// One message on its way to a FIFO queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// Tells it from the others of its batch.
    pub id: String,
    /// Its lane: messages of one group stay in order.
    pub group: String,
    /// The same for the same commits, so that sending again within five minutes stores one message.
    pub dedup: String,
    /// A [`commit::Message`] as JSON.
    pub body: String,
}

/// A message of a batch that the queue did not take, although the request as a whole succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The message's id.
    pub id: String,
    /// The queue's error code, for the log.
    pub code: String,
    /// The queue blames the sender. Sent again all the same: a permission or a key may be repaired while we try.
    pub sender_fault: bool,
}

/// The request as a whole failed; whether any of its messages was taken is unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SinkError(pub String);

/// Where messages go: SQS on Lambda, queues in memory in the embedded stack.
pub trait MessageSink: Send + Sync {
    /// Sends a batch: at most [`MAX_BATCH_ENTRIES`] messages with at most [`MAX_BATCH_BYTES`] of bodies, of as
    /// many groups. Answers with those that were not taken.
    fn send(
        &self,
        queue_url: &str,
        batch: Vec<OutgoingMessage>,
    ) -> impl Future<Output = Result<Vec<Failed>, SinkError>> + Send;
}
