use crate::{CloudWatch, Numbers, Queue, Queues};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::QueueAttributeName;
use futures::future::{BoxFuture, join_all, join3};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tokio::time::timeout;

/// The time limit for the numbers of one queue. The answer waits for the slowest queue; a missing number is better than
/// no answer.
const PATIENCE: Duration = Duration::from_secs(2);

type Attributes = HashMap<QueueAttributeName, String>;

/// The numbers of SQS queues.
#[derive(Debug, Clone)]
pub struct SqsQueues {
    client: Client,
    metrics: CloudWatch,
    /// URLs by subscriber.
    queues: BTreeMap<String, String>,
}

/// An SQS queue's attribute `RedrivePolicy`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedrivePolicy {
    dead_letter_target_arn: String,
}

impl SqsQueues {
    /// Returns the numbers, with the URL of each subscriber's queue by its name.
    #[must_use]
    pub fn new(client: Client, metrics: CloudWatch, queues: BTreeMap<String, String>) -> Self {
        Self {
            client,
            metrics,
            queues,
        }
    }

    /// Sends two requests: to the queue and to its dead-letter queue.
    async fn depth(&self, url: &str) -> Result<Queue, String> {
        let attributes = self.attributes(url).await?;
        let mut depth = Queue {
            messages: number(&attributes, &QueueAttributeName::ApproximateNumberOfMessages)?,
            in_flight: number(
                &attributes,
                &QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            )?,
            ..Queue::default()
        };
        if let Some(dead) = dead_letter_queue(url, &attributes)? {
            let attributes = self.attributes(&dead).await?;
            depth.dead_letters = number(&attributes, &QueueAttributeName::ApproximateNumberOfMessages)?;
        }
        Ok(depth)
    }

    async fn attributes(&self, url: &str) -> Result<Attributes, String> {
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
            .attribute_names(QueueAttributeName::RedrivePolicy)
            .send()
            .await
            .map_err(|error| DisplayErrorContext(error).to_string())?;
        Ok(answer.attributes.unwrap_or_default())
    }
}

impl Queues for SqsQueues {
    fn numbers(&self) -> BoxFuture<'_, BTreeMap<String, Numbers>> {
        Box::pin(async move {
            let depths = self.queues.iter().map(async |(name, url)| {
                let depth = within(self.depth(url)).await;
                let depth = depth.map_err(|reason| {
                    tracing::warn!(
                        subscriber = name,
                        reason,
                        "the depth of the queue is not available"
                    );
                });
                (name, depth.ok())
            });
            let (depths, ages, lags) = join3(
                join_all(depths),
                self.metrics.ages(&self.queues),
                self.metrics.lags(&self.queues),
            )
            .await;
            let numbers = depths.into_iter().map(|(name, depth)| {
                let queue = depth.map(|depth| Queue {
                    oldest_seconds: ages.get(name).copied(),
                    ..depth
                });
                let lag = lags.get(name).copied();
                (name.clone(), Numbers { queue, lag })
            });
            numbers.collect()
        })
    }
}

/// Returns the call's result, or an error after [`PATIENCE`].
pub(crate) async fn within<T>(call: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    timeout(PATIENCE, call)
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {PATIENCE:?}")))
}

fn number(attributes: &Attributes, name: &QueueAttributeName) -> Result<u64, String> {
    let number = attributes.get(name).and_then(|text| text.parse().ok());
    number.ok_or_else(|| format!("the queue's attributes do not include {name}"))
}

/// Returns the URL of the dead-letter queue. It is in the same account and region, so only the last part of the URL differs.
fn dead_letter_queue(url: &str, attributes: &Attributes) -> Result<Option<String>, String> {
    let Some(policy) = attributes.get(&QueueAttributeName::RedrivePolicy) else {
        return Ok(None);
    };
    let policy: RedrivePolicy = serde_json::from_str(policy).map_err(|error| error.to_string())?;
    let name = policy.dead_letter_target_arn.rsplit(':').next();
    let (beginning, _) = url
        .rsplit_once('/')
        .ok_or_else(|| format!("{url} is not a queue URL"))?;
    Ok(name.map(|name| format!("{beginning}/{name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_letter_queue_is_found_by_the_redrive_policy() {
        let policy =
            r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:123:menus-dead.fifo","maxReceiveCount":5}"#;
        let attributes = HashMap::from([(QueueAttributeName::RedrivePolicy, policy.to_owned())]);
        let found = dead_letter_queue(
            "https://sqs.eu-central-1.amazonaws.com/123/menus.fifo",
            &attributes,
        );
        let expected = "https://sqs.eu-central-1.amazonaws.com/123/menus-dead.fifo";
        assert_eq!(found, Ok(Some(expected.to_owned())));
    }

    #[test]
    fn queue_without_a_redrive_policy_has_no_dead_letters() {
        assert_eq!(
            dead_letter_queue("https://q/menus.fifo", &HashMap::new()),
            Ok(None)
        );
    }
}
