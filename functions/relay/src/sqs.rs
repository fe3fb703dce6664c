use crate::{Failed, MessageSink, OutgoingMessage, SinkError};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use std::collections::HashSet;

/// SQS FIFO queues.
#[derive(Debug, Clone)]
pub struct SqsSink {
    client: Client,
}

impl SqsSink {
    /// Returns a sink that uses this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

impl MessageSink for SqsSink {
    /// Sends one request, billed per 64 KB of bodies: at most 4.
    async fn send(&self, queue_url: &str, batch: Vec<OutgoingMessage>) -> Result<Vec<Failed>, SinkError> {
        let mut missing: HashSet<String> = batch.iter().map(|message| message.id.clone()).collect();
        let entries = batch.into_iter().map(|message| {
            SendMessageBatchRequestEntry::builder()
                .id(message.id)
                .message_group_id(message.group)
                .message_deduplication_id(message.dedup)
                .message_body(message.body)
                .build()
        });
        let entries = entries
            .collect::<Result<_, _>>()
            .map_err(|e| SinkError(e.to_string()))?;
        let answer = self
            .client
            .send_message_batch()
            .queue_url(queue_url)
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| SinkError(DisplayErrorContext(&error).to_string()))?;
        for taken in answer.successful() {
            missing.remove(taken.id());
        }
        let mut failed: Vec<Failed> = answer
            .failed()
            .iter()
            .filter(|entry| missing.remove(entry.id()))
            .map(|entry| Failed {
                id: entry.id().to_owned(),
                code: entry.code().to_owned(),
                sender_fault: entry.sender_fault(),
            })
            .collect();
        // An entry that the response does not mention counts as not accepted.
        failed.extend(missing.into_iter().map(|id| Failed {
            id,
            code: "NotMentioned".to_owned(),
            sender_fault: false,
        }));
        Ok(failed)
    }
}
