use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsMessage};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry;
use projection::pause;
use std::collections::HashSet;

/// Decides when messages that failed are delivered again: after [`pause`], instead of after the queue's visibility timeout.
#[derive(Debug, Clone)]
pub(super) struct Visibility {
    client: Client,
    queue: String,
}

/// The limit of `ChangeMessageVisibilityBatch`.
const ENTRIES_PER_CALL: usize = 10;
/// The number of attempts for entries that SQS refuses in a successful reply.
const ATTEMPTS: u32 = 2;

impl Visibility {
    /// Creates it for the queue with this URL.
    pub(super) fn new(client: Client, queue: String) -> Self {
        Self { client, queue }
    }

    /// Hides the failed messages of a batch for their pauses: one request per ten messages, none when nothing failed.
    ///
    /// An error is only logged. The message then remains hidden for the queue's visibility timeout, which delays its lane and
    /// loses nothing.
    pub(super) async fn hide(&self, messages: &[Hidden], response: &SqsBatchResponse) {
        let failed = response.batch_item_failures.iter();
        let failed: HashSet<&str> = failed.map(|failure| failure.item_identifier.as_str()).collect();
        let failed: Vec<&Hidden> = messages
            .iter()
            .filter(|message| failed.contains(message.id.as_str()))
            .collect();
        for chunk in failed.chunks(ENTRIES_PER_CALL) {
            let mut left = chunk.to_vec();
            for _ in 0..ATTEMPTS {
                left = self.hide_chunk(&left).await;
                if left.is_empty() {
                    break;
                }
            }
            if !left.is_empty() {
                tracing::warn!(
                    messages = left.len(),
                    "failed messages stay hidden for the queue's visibility timeout"
                );
            }
        }
    }

    /// Sends one request, and returns the messages that SQS did not accept.
    async fn hide_chunk<'a>(&self, messages: &[&'a Hidden]) -> Vec<&'a Hidden> {
        let entries = messages.iter().enumerate().filter_map(|(number, message)| {
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(number.to_string())
                .receipt_handle(&message.receipt)
                .visibility_timeout(message.seconds);
            entry.build().ok()
        });
        let request = self
            .client
            .change_message_visibility_batch()
            .queue_url(&self.queue);
        match request.set_entries(Some(entries.collect())).send().await {
            Ok(answer) => {
                let refused = answer.failed.iter().filter_map(|refused| {
                    tracing::warn!(code = refused.code(), "a message's pause was refused");
                    messages.get(refused.id().parse::<usize>().ok()?).copied()
                });
                refused.collect()
            }
            Err(error) => {
                tracing::warn!(error = %DisplayErrorContext(error), "the pauses of messages were refused");
                messages.to_vec()
            }
        }
    }
}

/// A message with its pause, should it fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hidden {
    id: String,
    receipt: String,
    /// Whole seconds, as SQS takes them.
    seconds: i32,
}

impl Hidden {
    pub(super) fn of(message: &SqsMessage) -> Option<Self> {
        let seconds = pause(message).as_millis().div_ceil(1_000);
        Some(Self {
            id: message.message_id.clone()?,
            receipt: message.receipt_handle.clone()?,
            seconds: i32::try_from(seconds).unwrap_or(i32::MAX),
        })
    }
}
