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
    pub(super) async fn hide(&self, messages: &[SqsMessage], response: &SqsBatchResponse) {
        let failed = response.batch_item_failures.iter();
        let failed: HashSet<&str> = failed.map(|failure| failure.item_identifier.as_str()).collect();
        let is_failed = |message: &&SqsMessage| {
            let id = message.message_id.as_deref();
            id.is_some_and(|id| failed.contains(id))
        };
        let hidden: Vec<Hidden> = messages.iter().filter(is_failed).filter_map(Hidden::of).collect();
        for chunk in hidden.chunks(ENTRIES_PER_CALL) {
            let mut left: Vec<&Hidden> = chunk.iter().collect();
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

/// A failed message with its pause.
#[derive(Debug)]
struct Hidden {
    receipt: String,
    /// Whole seconds, as SQS takes them.
    seconds: i32,
}

impl Hidden {
    fn of(message: &SqsMessage) -> Option<Self> {
        let seconds = pause(message).as_millis().div_ceil(1_000);
        Some(Self {
            receipt: message.receipt_handle.clone()?,
            seconds: i32::try_from(seconds).unwrap_or(i32::MAX),
        })
    }
}
