use crate::Origins;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::future::BoxFuture;
use projection::operations::{Task, Worker};
use serde::Deserialize;
use tokio::time::Instant;

/// Lambda's report of stream records that it gave up.
#[derive(Deserialize)]
struct LostRecords {
    #[serde(rename = "DDBStreamBatchInfo")]
    batch: LostBatch,
}

#[derive(Deserialize)]
struct LostBatch {
    #[serde(rename = "streamArn")]
    stream: String,
}

/// Handles the messages of a batch in sequence: tasks of the worker's own queue, of which a batch on AWS has one; dead letters
/// of subscribers' queues; and Lambda's reports of stream records that it gave up. What fails is redelivered; an unreadable
/// task ends in the dead-letter queue.
pub async fn work(
    worker: &Worker,
    origins: &Origins,
    batch: SqsEvent,
    deadline: Instant,
) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in batch.records {
        if let Err(reason) = handle(worker, origins, &message, deadline).await {
            tracing::warn!(reason, "the task is redelivered");
            response.add_failure(message.message_id.unwrap_or_default());
        }
    }
    response
}

async fn handle(
    worker: &Worker,
    origins: &Origins,
    message: &SqsMessage,
    deadline: Instant,
) -> Result<(), String> {
    let body = message.body.as_deref().unwrap_or_default();
    // On the heap, because the future of a task is nested more deeply than the compiler's layout limit.
    let handled: BoxFuture<'_, _> = if message.attributes.contains_key("MessageGroupId") {
        // Only subscribers' queues have message groups.
        let queue = message.attributes.get("DeadLetterQueueSourceArn");
        let subscriber = queue.and_then(|arn| origins.subscriber_of(arn));
        Box::pin(worker.dead_letter(subscriber, body))
    } else if let Ok(LostRecords { batch }) = serde_json::from_str(body) {
        let categories = origins.categories_of(&batch.stream);
        Box::pin(async move { worker.lost_records(&categories).await })
    } else {
        let task: Task = serde_json::from_str(body)
            .map_err(|error| format!("this is not a task: {}", commit::fault(&error)))?;
        Box::pin(worker.handle(task, deadline))
    };
    handled.await.map_err(|error| error.to_string())
}
