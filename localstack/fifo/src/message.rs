//! What goes into the queue and what comes out of it.

use aws_lambda_events::sqs::SqsMessage;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A message that is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Its id, which no other message of the queue has.
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
    /// The message as Lambda hands it to a function, with the attributes that follow from the queue's rules.
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

/// A message that was given up on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The message's id.
    pub id: String,
    /// Its message group: the lane.
    pub group: String,
    /// Its body.
    pub body: String,
}

/// What one call of receive found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The messages to work on. Those of one group are in order.
    pub batch: Vec<Delivery>,
    /// Messages that would have been received once too often, and left the queue.
    pub dead: Vec<DeadLetter>,
    /// How many of the batch were shown again while an earlier consumer still worked on them.
    pub overdue: usize,
}

/// What a consumer does with a message that it received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was handled, and leaves the queue.
    Deleted,
    /// It failed, and is shown again after this pause.
    ShownAfter(Duration),
    /// It failed, and is shown again when its visibility timeout ends.
    Untouched,
}

/// How much is in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// All messages but the dead letters.
    pub messages: usize,
    /// Those of them that a consumer works on.
    pub in_flight: usize,
    /// When the oldest of all was sent.
    pub oldest: Option<Instant>,
}
