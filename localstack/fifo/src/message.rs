//! The messages of the queue.

use aws_lambda_events::sqs::SqsMessage;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A message that is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Its id, unique in the queue.
    pub id: String,
    /// Its message group: the lane.
    pub group: String,
    /// Its deduplication id.
    pub dedup: String,
    /// Its body.
    pub body: String,
}

/// A message that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The message's id.
    pub id: String,
    /// Its message group.
    pub group: Arc<str>,
    /// Its body.
    pub body: String,
    /// How often it was received, this time included.
    pub receive_count: u32,
}

impl Delivery {
    /// Returns the message as Lambda passes it to a function, with the attributes that follow from the queue's rules.
    #[must_use]
    pub fn message(&self) -> SqsMessage {
        let mut message = SqsMessage::default();
        message.message_id = Some(self.id.clone());
        message.body = Some(self.body.clone());
        message.attributes = [
            ("ApproximateReceiveCount", self.receive_count.to_string()),
            ("MessageGroupId", self.group.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        message
    }
}

/// A message that the queue has given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The message's id.
    pub id: String,
    /// Its message group: the lane.
    pub group: String,
    /// Its body.
    pub body: String,
}

/// The result of one receive call.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The messages to process. Those of one group are in order.
    pub batch: Vec<Delivery>,
    /// Messages that had been received too often already, and left the queue.
    pub dead: Vec<DeadLetter>,
    /// How many messages of the batch were shown again while an earlier consumer still processed them.
    pub overdue: usize,
}

/// What a consumer does with a message that it received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was processed, and leaves the queue.
    Deleted,
    /// It failed, and is shown again after this pause.
    ShownAfter(Duration),
    /// It failed, and is shown again when its visibility timeout ends.
    Untouched,
}

/// The number of messages in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// All messages except the dead letters.
    pub messages: usize,
    /// Those that a consumer is processing.
    pub in_flight: usize,
    /// When the oldest message was sent.
    pub oldest: Option<Instant>,
}
