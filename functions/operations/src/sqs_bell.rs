use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use commit::Message;
use futures::future::BoxFuture;
use projection::operations::{Bell, BellError, Task};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;
use uuid::Uuid;

/// The longest delay of SQS. A later task is sent again in between.
const LONGEST_DELAY: Duration = Duration::from_secs(900);

/// Sends by SQS: tasks to a standard queue, messages to the subscribers' FIFO queues. Retries and deadlines are the
/// client's.
#[derive(Debug, Clone)]
pub struct SqsBell {
    client: Client,
    tasks: String,
    subscribers: BTreeMap<String, String>,
}

impl SqsBell {
    /// Returns a bell with the URL of the queue of tasks, and the URL of each subscriber's queue by its name.
    #[must_use]
    pub fn new(client: Client, tasks: String, subscribers: BTreeMap<String, String>) -> Self {
        Self {
            client,
            tasks,
            subscribers,
        }
    }
}

impl Bell for SqsBell {
    fn ring<'a>(&'a self, task: Task, after: Duration) -> BoxFuture<'a, Result<(), BellError>> {
        Box::pin(async move {
            let body = serde_json::to_string(&task).map_err(failed)?;
            // Whole seconds, and never earlier than requested.
            let whole = after.min(LONGEST_DELAY).as_millis().div_ceil(1_000);
            self.client
                .send_message()
                .queue_url(&self.tasks)
                .message_body(body)
                .delay_seconds(i32::try_from(whole).unwrap_or(i32::MAX))
                .send()
                .await
                .map_err(|error| failed(DisplayErrorContext(error)))?;
            Ok(())
        })
    }

    fn send<'a>(
        &'a self,
        subscriber: &'a str,
        lane: &'a str,
        message: Message,
    ) -> BoxFuture<'a, Result<(), BellError>> {
        Box::pin(async move {
            let queue = self.subscribers.get(subscriber);
            let queue = queue.ok_or_else(|| failed(format_args!("{subscriber} has no queue here")))?;
            let body = serde_json::to_string(&message).map_err(failed)?;
            self.client
                .send_message()
                .queue_url(queue)
                .message_body(body)
                .message_group_id(lane)
                // The same redrive a minute later is a new message and must not be dropped as a duplicate.
                .message_deduplication_id(Uuid::now_v7().to_string())
                .send()
                .await
                .map_err(|error| failed(DisplayErrorContext(error)))?;
            Ok(())
        })
    }
}

fn failed(error: impl Display) -> BellError {
    BellError(error.to_string())
}
