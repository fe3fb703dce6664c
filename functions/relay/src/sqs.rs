use crate::{Failed, MessageSink, OutgoingMessage, SinkError};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use projection::operations::Task;
use std::collections::HashSet;

/// SQS FIFO queues, and the queue of the worker's tasks.
#[derive(Debug, Clone)]
pub struct SqsSink {
    client: Client,
    tasks: Option<String>,
}

impl SqsSink {
    /// Returns a sink that uses this client, and the queue of tasks with this URL if the system has a worker.
    #[must_use]
    pub fn new(client: Client, tasks: Option<String>) -> Self {
        Self { client, tasks }
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

    /// Sends one request.
    async fn put_aside(&self, task: Task) -> Result<(), SinkError> {
        let queue = self.tasks.as_deref();
        let queue = queue.ok_or_else(|| SinkError("TASK_QUEUE_URL is not set".to_owned()))?;
        let body = serde_json::to_string(&task).map_err(|error| SinkError(error.to_string()))?;
        let sent = self
            .client
            .send_message()
            .queue_url(queue)
            .message_body(body)
            .send();
        sent.await
            .map_err(|error| SinkError(DisplayErrorContext(&error).to_string()))?;
        Ok(())
    }
}
