use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures::future::BoxFuture;
use projection::operations::{Task, Worker};
use tokio::time::Instant;

/// Executes the tasks of a batch in sequence. On AWS a batch is one task. A failed task is redelivered; an unreadable one
/// ends in the dead-letter queue.
pub async fn work(worker: &Worker, batch: SqsEvent, deadline: Instant) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in batch.records {
        if let Err(reason) = handle(worker, message.body.as_deref(), deadline).await {
            tracing::warn!(reason, "the task is redelivered");
            response.add_failure(message.message_id.unwrap_or_default());
        }
    }
    response
}

async fn handle(worker: &Worker, body: Option<&str>, deadline: Instant) -> Result<(), String> {
    let task: Task = serde_json::from_str(body.unwrap_or_default())
        .map_err(|error| format!("this is not a task: {}", commit::fault(&error)))?;
    // On the heap, because the future of a task is nested more deeply than the compiler's layout limit.
    let handled: BoxFuture<'_, _> = Box::pin(worker.handle(task, deadline));
    handled.await.map_err(|error| error.to_string())
}
