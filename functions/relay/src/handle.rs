use crate::deliver::{Delivery, deliver};
use crate::pack::pack;
use crate::parcel::Written;
use crate::record::{About, commit_in, table_of};
use crate::{Destination, MessageSink};
use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use commit::Metadata;
use futures::future::join_all;
use telemetry::Metrics;
use tokio::time::Instant;

/// Why a whole batch is to be handed over again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// Nothing of it could be sent. Raised instead of reported, so that it counts as an error of the function.
    #[error(
        "no progress: {unsent} messages were not taken by the deadline, and {not_commits} records are no commits; see the log"
    )]
    NoProgress {
        /// Messages that no queue took.
        unsent: u64,
        /// Records that are no commits.
        not_commits: u64,
    },
    /// A record that failed has no sequence number to report it by.
    #[error("a record that failed has no sequence number")]
    NoSequenceNumber,
}

/// The relay of one event table.
#[derive(Debug, Clone)]
pub struct Relay<S> {
    sink: S,
    destinations: Vec<Destination>,
    lanes: u32,
}

impl<S: MessageSink> Relay<S> {
    /// Sends to these destinations, each by so many lanes. The number of lanes bounds how many messages of a queue are
    /// handled at the same time; changing it is safe at any time, because a lane out of order is healed.
    #[must_use]
    pub fn new(sink: S, destinations: Vec<Destination>, lanes: u32) -> Self {
        Self {
            sink,
            destinations,
            lanes,
        }
    }

    /// Sends a batch of stream records. Answers with the lowest sequence number that must be handed over again, if any:
    /// Lambda goes on from there.
    ///
    /// Stops trying at `deadline`, which has to leave time to answer. What was sent is sent again in part after a failure;
    /// the queue drops it within five minutes, the projection (by its version) at any time.
    ///
    /// Records other than `INSERT` are ignored: commits are immutable. A record that is no commit is logged as an error and
    /// reported as failed, so that it ends in the on-failure destination with an alarm (G11); the commits around it are
    /// sent (G7).
    ///
    /// # Errors
    /// [`RelayError`] when nothing could be sent.
    pub async fn handle(
        &self,
        event: Event,
        deadline: impl Into<Instant>,
    ) -> Result<DynamoDbEventResponse, RelayError> {
        let deadline = deadline.into();
        let started = Instant::now();
        let batch = Batch::read(event, self.lanes);
        let deliveries = join_all(self.destinations.iter().map(|destination| {
            let groups = pack(&batch.commits, destination);
            deliver(&self.sink, &destination.queue_url, groups, deadline)
        }))
        .await;
        batch.count(&deliveries, started);
        batch.log(&deliveries, &self.destinations);
        batch.answer(&deliveries)
    }
}

/// The records of one invocation.
struct Batch {
    table: String,
    sequence_numbers: Vec<Option<String>>,
    commits: Vec<Written>,
    /// The indexes of records that are no commits.
    not_commits: Vec<usize>,
    ignored: u64,
}

impl Batch {
    fn read(event: Event, lanes: u32) -> Self {
        let table = event.records.first().and_then(table_of).unwrap_or("unknown");
        let mut batch = Self {
            table: table.to_owned(),
            sequence_numbers: Vec::with_capacity(event.records.len()),
            commits: Vec::with_capacity(event.records.len()),
            not_commits: Vec::new(),
            ignored: 0,
        };
        for (index, record) in event.records.into_iter().enumerate() {
            batch.sequence_numbers.push(record.change.sequence_number.clone());
            batch.read_record(index, record, lanes);
        }
        batch
    }

    fn read_record(&mut self, index: usize, record: EventRecord, lanes: u32) {
        if record.event_name != "INSERT" {
            self.ignored += 1;
            return;
        }
        let sequence_number = record.change.sequence_number.clone();
        let about = About::of(&record);
        let written = commit_in(record)
            .and_then(|commit| Written::new(index, commit, lanes).map_err(|_| "it has no JSON".to_owned()));
        match written {
            Ok(written) => self.commits.push(written),
            Err(reason) => {
                tracing::error!(
                    table = self.table,
                    sequence_number,
                    stream = about.stream,
                    version = about.version,
                    correlationId = about.correlation_id,
                    traceId = about.trace_id,
                    reason,
                    "not a commit"
                );
                self.not_commits.push(index);
            }
        }
    }

    fn count(&self, deliveries: &[Delivery], started: Instant) {
        let sum = |of: fn(&Delivery) -> u64| deliveries.iter().map(of).sum();
        Metrics::event("RelayBatch")
            .dimension("Table", &self.table)
            .count("CommitsIn", self.commits.len() as u64)
            .count("MessagesOut", sum(|d| d.sent))
            .count("MessagesUnsent", sum(|d| d.unsent))
            .property("Requests", sum(|d| d.requests))
            .property("MessagesRefused", sum(|d| d.refused))
            .property(
                "KeysOnly",
                self.commits.iter().filter(|commit| commit.key_only).count(),
            )
            .property("NotCommits", self.not_commits.len())
            .property("RecordsIgnored", self.ignored)
            .property("Duration", started.elapsed().as_secs_f64() * 1_000.0)
            .property(
                "correlationIds",
                Metadata::correlation_ids(self.commits.iter().map(|commit| &commit.metadata)),
            )
            .emit();
    }

    /// A line for every commit that all queues took, for who looks closely; and one for the first that a queue did not
    /// take, because everything after it waits for it.
    fn log(&self, deliveries: &[Delivery], destinations: &[Destination]) {
        let unsent = deliveries.iter().filter_map(|delivery| delivery.first_unsent);
        let lowest = unsent.min().unwrap_or(usize::MAX);
        for commit in self.commits.iter().filter(|commit| commit.record < lowest) {
            tracing::debug!(
                table = self.table,
                stream = %commit.stream,
                version = commit.version,
                correlationId = commit.metadata.correlation_id,
                traceId = commit.metadata.trace_id(),
                "relayed"
            );
        }
        for (delivery, destination) in deliveries.iter().zip(destinations) {
            let Some(first) = delivery.first_unsent else {
                continue;
            };
            for commit in self.commits.iter().filter(|commit| commit.record == first) {
                tracing::warn!(
                    table = self.table,
                    queue_url = destination.queue_url,
                    unsent = delivery.unsent,
                    stream = %commit.stream,
                    version = commit.version,
                    correlationId = commit.metadata.correlation_id,
                    traceId = commit.metadata.trace_id(),
                    "a queue did not take this commit in time; the stream hands it over again, with what follows"
                );
            }
        }
    }

    fn answer(&self, deliveries: &[Delivery]) -> Result<DynamoDbEventResponse, RelayError> {
        let unsent = deliveries.iter().filter_map(|delivery| delivery.first_unsent);
        let mut response = DynamoDbEventResponse::default();
        let Some(lowest) = unsent.chain(self.not_commits.iter().copied()).min() else {
            return Ok(response);
        };
        if deliveries.iter().all(|delivery| delivery.sent == 0) {
            return Err(RelayError::NoProgress {
                unsent: deliveries.iter().map(|delivery| delivery.unsent).sum(),
                not_commits: self.not_commits.len() as u64,
            });
        }
        // An empty identifier would make Lambda repeat the whole batch as well, but without saying why.
        let sequence_number = self.sequence_numbers.get(lowest).cloned().flatten();
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(sequence_number.ok_or(RelayError::NoSequenceNumber)?);
        response.batch_item_failures.push(failure);
        Ok(response)
    }
}
