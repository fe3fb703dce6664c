use crate::aside::{Refusals, put_item_aside};
use crate::deliver::{Delivery, deliver};
use crate::pack::pack;
use crate::parcel::Written;
use crate::record::{About, commit_in, is_tampered, table_of};
use crate::{Destination, MessageSink};
use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use commit::Metadata;
use futures::future::join_all;
use projection::operations::NotACommit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use telemetry::Metrics;
use tokio::time::Instant;

/// Why a whole batch must be repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// No message could be sent. Returned as an error and not as a report, so that it counts as an error of the function.
    #[error(
        "no progress: {unsent} messages were not accepted by the deadline, and {not_commits} records are not commits; see the log"
    )]
    NoProgress {
        /// The number of messages that no queue accepted.
        unsent: u64,
        /// The number of records that are not commits.
        not_commits: u64,
    },
    /// A failed record has no sequence number to report.
    #[error("a failed record has no sequence number")]
    NoSequenceNumber,
}

/// The relay of one event table.
#[derive(Debug)]
pub struct Relay<S> {
    sink: S,
    destinations: Vec<Destination>,
    lanes: u32,
    refusals: Refusals,
}

impl<S: MessageSink> Relay<S> {
    /// Returns a relay that sends to these destinations, each with this number of lanes. The number of lanes bounds how
    /// many messages of a queue are handled at the same time. Changing it is safe at any time, because projections heal
    /// events that arrive out of order.
    #[must_use]
    pub fn new(sink: S, destinations: Vec<Destination>, lanes: u32) -> Self {
        Self {
            sink,
            destinations,
            lanes,
            refusals: Refusals::default(),
        }
    }

    /// Sends a batch of stream records. Returns the lowest sequence number that must be repeated, if any: Lambda
    /// continues from there.
    ///
    /// Stops at `deadline`, which must leave time to answer. After a failure, some messages are sent again; the queue
    /// drops these duplicates within five minutes, and the projection drops them at any time, by version.
    ///
    /// Only `INSERT` records are sent, because commits are immutable. A commit that somebody changed or deleted is logged as an
    /// error and counted (G16). Items that expired, and marks of commands without events, are ignored. Any other record that is
    /// not a commit is logged as an error and put aside: its subscribers quarantine the document at it (G11), and the commits
    /// around it are sent (G7).
    ///
    /// # Errors
    /// [`RelayError`] if no message could be sent or put aside.
    pub async fn handle(
        &self,
        event: Event,
        deadline: impl Into<Instant>,
    ) -> Result<DynamoDbEventResponse, RelayError> {
        let deadline = deadline.into();
        let started = Instant::now();
        let mut batch = Batch::read(event, self.lanes);
        let mut deliveries = join_all(self.destinations.iter().map(|destination| {
            let groups = pack(&batch.commits, destination);
            let patience = self.refusals.patience(&destination.queue_url, deadline);
            deliver(&self.sink, &destination.queue_url, groups, patience)
        }))
        .await;
        let (sink, to) = (&self.sink, &self.destinations);
        let aside = self
            .refusals
            .put_aside(sink, to, &batch.commits, &mut deliveries, deadline);
        aside.await;
        batch.put_items_aside(sink, deadline).await;
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
    /// The indexes of records that are not commits, with their keys.
    not_commits: Vec<(usize, NotACommit)>,
    /// The number of them that were put aside.
    items_aside: u64,
    /// The number of commits that somebody changed or deleted.
    tampered: u64,
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
            items_aside: 0,
            tampered: 0,
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
            if is_tampered(&record) {
                self.note_tampered(&record);
            } else {
                self.ignored += 1;
            }
            return;
        }
        let sequence_number = record.change.sequence_number.clone();
        let about = About::of(&record);
        // What a command without events leaves is private to its service.
        if about.is_mark() {
            self.ignored += 1;
            return;
        }
        let read = || {
            let commit = commit_in(record)?;
            Written::new(index, commit, lanes).map_err(|_| "it cannot be written as JSON".to_owned())
        };
        // The stream repeats a failed batch until its records expire, so no record may fail the whole batch.
        let written = catch_unwind(AssertUnwindSafe(read));
        let written = written.unwrap_or_else(|_| Err("reading it panicked".to_owned()));
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
                let item = NotACommit {
                    table: self.table.clone(),
                    stream: about.stream,
                    version: about.version,
                };
                self.not_commits.push((index, item));
            }
        }
    }

    async fn put_items_aside(&mut self, sink: &impl MessageSink, deadline: Instant) {
        for (index, item) in std::mem::take(&mut self.not_commits) {
            if put_item_aside(sink, item.clone(), deadline).await {
                self.items_aside += 1;
            } else {
                self.not_commits.push((index, item));
            }
        }
    }

    fn note_tampered(&mut self, record: &EventRecord) {
        let About { stream, version, .. } = About::of(record);
        tracing::error!(
            table = self.table,
            stream,
            version,
            change = record.event_name,
            "a commit was changed or deleted, and commits are immutable"
        );
        self.tampered += 1;
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
            .property("CommitsPutAside", sum(|d| d.aside))
            .property("NotCommits", self.not_commits.len() as u64 + self.items_aside)
            .property("CommitsTampered", self.tampered)
            .property("RecordsIgnored", self.ignored)
            .property("Duration", started.elapsed().as_secs_f64() * 1_000.0)
            .property(
                "correlationIds",
                Metadata::correlation_ids(self.commits.iter().map(|commit| &commit.metadata)),
            )
            .emit();
        telemetry::history_changed(&self.table, self.tampered);
    }

    /// Logs every commit that all queues accepted at `debug`, and at `warn` the first one that a queue did not accept,
    /// because everything after it waits for it.
    fn log(&self, deliveries: &[Delivery], destinations: &[Destination]) {
        let unsent = deliveries.iter().filter_map(|delivery| delivery.left.first());
        let lowest = unsent.min().copied().unwrap_or(usize::MAX);
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
            let Some(&first) = delivery.left.first() else {
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
                    "a queue did not accept this commit in time; the stream repeats it and the following records"
                );
            }
        }
    }

    fn answer(&self, deliveries: &[Delivery]) -> Result<DynamoDbEventResponse, RelayError> {
        let unsent = deliveries.iter().filter_map(|delivery| delivery.left.first());
        let not_commits = self.not_commits.iter().map(|(index, _)| index);
        let mut response = DynamoDbEventResponse::default();
        let Some(&lowest) = unsent.chain(not_commits).min() else {
            return Ok(response);
        };
        let progress = |delivery: &Delivery| delivery.sent + delivery.aside > 0;
        if self.items_aside == 0 && !deliveries.iter().any(progress) {
            return Err(RelayError::NoProgress {
                unsent: deliveries.iter().map(|delivery| delivery.unsent).sum(),
                not_commits: self.not_commits.len() as u64,
            });
        }
        // An empty identifier would also make Lambda repeat the whole batch, but without a reason.
        let sequence_number = self.sequence_numbers.get(lowest).cloned().flatten();
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(sequence_number.ok_or(RelayError::NoSequenceNumber)?);
        response.batch_item_failures.push(failure);
        Ok(response)
    }
}
