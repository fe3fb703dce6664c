//! The relays between the feed and the queues.

use super::tasks::InProcessBell;
use crate::feed::StreamHandler;
use crate::queues::{Envelope, Queue};
use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::streams::DynamoDbEventResponse;
use function::{EventTable, System, settings};
use futures::FutureExt;
use futures::future::BoxFuture;
use projection::operations::{Bell, Task};
use relay::{Destination, Failed, MessageSink, OutgoingMessage, Relay, SinkError};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

type Queues = Arc<BTreeMap<&'static str, Arc<Queue>>>;

/// Returns the relay of one event table to all its subscribers. What it puts aside goes to the worker.
pub(super) fn relay(
    system: &System,
    table: &EventTable,
    queues: &Queues,
    worker: InProcessBell,
) -> Arc<dyn StreamHandler> {
    let destinations = system
        .destinations(table)
        .map(|(subscriber, categories)| Destination {
            subscriber: subscriber.name.to_owned(),
            queue_url: subscriber.name.to_owned(),
            categories: categories.into_iter().map(str::to_owned).collect(),
        })
        .collect();
    Arc::new(Local(Relay::new(
        InMemory {
            queues: queues.clone(),
            worker,
        },
        destinations,
        settings::LANES,
    )))
}

struct Local(Relay<InMemory>);

impl StreamHandler for Local {
    fn handle<'a>(
        &'a self,
        event: Event,
        deadline: Instant,
    ) -> BoxFuture<'a, Result<DynamoDbEventResponse, String>> {
        self.0
            .handle(event, deadline)
            .map(|outcome| outcome.map_err(|error| error.to_string()))
            .boxed()
    }
}

/// The queues of this process; a queue's URL is its name.
struct InMemory {
    queues: Queues,
    worker: InProcessBell,
}

impl MessageSink for InMemory {
    async fn send(&self, queue_url: &str, batch: Vec<OutgoingMessage>) -> Result<Vec<Failed>, SinkError> {
        let queue = self
            .queues
            .get(queue_url)
            .expect("relays are only wired to queues of the system");
        // As in SQS, the queue assigns ids to messages; the relay's ids only distinguish those of one batch.
        for OutgoingMessage {
            group, dedup, body, ..
        } in batch
        {
            let id = Uuid::now_v7().to_string();
            queue
                .send(Envelope {
                    id,
                    group,
                    dedup,
                    body,
                })
                .await;
        }
        Ok(Vec::new())
    }

    async fn put_aside(&self, task: Task) -> Result<(), SinkError> {
        let rung = self.worker.ring(task, Duration::ZERO).await;
        rung.map_err(|error| SinkError(error.to_string()))
    }
}
