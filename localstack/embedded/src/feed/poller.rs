//! Emulates Lambda's event source mapping of a stream: batches in order, repeated from the first failure on.

use super::{Feed, Shard};
use crate::backoff;
use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::streams::DynamoDbEventResponse;
use function::settings::{RELAY_TIMEOUT, STREAM_BATCH, STREAM_MAX_AGE};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// The function behind a stream: a relay.
pub(crate) trait StreamHandler: Send + Sync {
    /// Processes one batch until the deadline; an error fails the whole batch.
    fn handle<'a>(
        &'a self,
        event: Event,
        deadline: std::time::Instant,
    ) -> BoxFuture<'a, Result<DynamoDbEventResponse, String>>;
}

impl Feed {
    /// Passes the records of one event table to its relay until the returned future is dropped.
    pub(crate) async fn relay(self: Arc<Self>, table: String, handler: Arc<dyn StreamHandler>) {
        let mut shards = JoinSet::new();
        for shard in self.tables.get(&table).into_iter().flatten() {
            shards.spawn(
                self.clone()
                    .poll(table.as_str().into(), shard.clone(), handler.clone()),
            );
        }
        shards.join_all().await;
    }

    async fn poll(self: Arc<Self>, table: Arc<str>, shard: Arc<Shard>, handler: Arc<dyn StreamHandler>) {
        let mut paused = self.paused.subscribe();
        let mut attempt = 0;
        // When the first record that waits failed for the first time. It is not much older.
        let mut failing: Option<Instant> = None;
        loop {
            // This fails only when the feed is dropped, and this task holds it.
            let _ = paused.wait_for(|paused| !paused).await;
            let batch = shard.next_batch();
            if batch.records.is_empty() {
                shard.arrived.notified().await;
                continue;
            }
            let size = batch.records.len();
            let acknowledged = invoke(&table, &*handler, batch).await.min(size);
            shard.acknowledge(acknowledged);
            self.outstanding.done(acknowledged);
            if acknowledged == size {
                (attempt, failing) = (0, None);
                continue;
            }
            if acknowledged > 0 {
                (attempt, failing) = (0, None);
            }
            attempt += 1;
            if failing.get_or_insert_with(Instant::now).elapsed() < STREAM_MAX_AGE {
                tokio::time::sleep(backoff::delay(attempt)).await;
            } else {
                tracing::error!(
                    table = &*table,
                    "a record became too old and was given up; a sweep will find its commit"
                );
                shard.acknowledge(1);
                self.lost.notify_one();
                self.outstanding.done(1);
                (attempt, failing) = (0, None);
            }
        }
    }
}

impl Shard {
    fn acknowledge(&self, count: usize) {
        self.backlog().records.drain(..count);
    }

    fn next_batch(&self) -> Event {
        let mut event = Event::default();
        event.records = self
            .backlog()
            .records
            .iter()
            .take(STREAM_BATCH)
            .cloned()
            .collect();
        event
    }
}

/// Invokes the relay and returns how many records from the front of the batch are done.
async fn invoke(table: &str, handler: &dyn StreamHandler, batch: Event) -> usize {
    let sequences: Vec<_> = batch
        .records
        .iter()
        .map(|record| record.change.sequence_number.clone())
        .collect();
    let deadline = std::time::Instant::now() + RELAY_TIMEOUT;
    let call = AssertUnwindSafe(handler.handle(batch, deadline)).catch_unwind();
    match tokio::time::timeout(RELAY_TIMEOUT, call).await {
        // The checkpoint is the lowest reported sequence number; one that is not in the batch fails the whole batch.
        Ok(Ok(Ok(response))) => response
            .batch_item_failures
            .iter()
            .map(|failure| {
                sequences
                    .iter()
                    .position(|sequence| *sequence == failure.item_identifier)
                    .unwrap_or(0)
            })
            .min()
            .unwrap_or(sequences.len()),
        Ok(Ok(Err(error))) => {
            tracing::error!(table, error, "the relay failed; the batch is delivered again");
            0
        }
        Ok(Err(_)) => {
            tracing::error!(table, "the relay panicked; the batch is delivered again");
            0
        }
        Err(_) => {
            tracing::error!(table, "the relay timed out; the batch is delivered again");
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outstanding::Outstanding;
    use aws_lambda_events::streams::DynamoDbBatchItemFailure;
    use aws_sdk_dynamodb::types::AttributeValue;
    use std::collections::HashMap;
    use std::sync::Mutex;
    use std::time::Duration;

    const TABLE: &str = "orders-events";

    /// Fails each record as often as the test demands, and records the received versions, batch by batch.
    struct Scripted {
        failures: Mutex<HashMap<String, u32>>,
        batches: Mutex<Vec<Vec<String>>>,
    }

    impl Scripted {
        fn new(failures: &[(&str, u32)]) -> Arc<Self> {
            let failures = failures
                .iter()
                .map(|(version, times)| ((*version).to_owned(), *times))
                .collect();
            Arc::new(Self {
                failures: Mutex::new(failures),
                batches: Mutex::default(),
            })
        }
    }

    impl StreamHandler for Scripted {
        fn handle<'a>(
            &'a self,
            event: Event,
            _: std::time::Instant,
        ) -> BoxFuture<'a, Result<DynamoDbEventResponse, String>> {
            let mut response = DynamoDbEventResponse::default();
            let mut batch = vec![];
            for record in event.records {
                let Some(serde_dynamo::AttributeValue::N(version)) = record.change.keys.get("sk") else {
                    panic!("no version")
                };
                batch.push(version.clone());
                if let Some(times @ 1..) = self.failures.lock().unwrap().get_mut(version) {
                    *times -= 1;
                    let mut failure = DynamoDbBatchItemFailure::default();
                    failure.item_identifier = record.change.sequence_number.clone();
                    response.batch_item_failures.push(failure);
                }
            }
            self.batches.lock().unwrap().push(batch);
            Box::pin(async { Ok(response) })
        }
    }

    fn commit(feed: &Feed, version: u64) {
        let item = HashMap::from([
            ("pk".to_owned(), AttributeValue::S("order#ord_1".into())),
            ("sk".to_owned(), AttributeValue::N(version.to_string())),
        ]);
        feed.written(TABLE, item);
    }

    fn feed() -> (Arc<Feed>, Outstanding) {
        let outstanding = Outstanding::default();
        (Feed::new([TABLE], outstanding.clone()), outstanding)
    }

    #[tokio::test(start_paused = true)]
    async fn failed_batch_is_repeated_from_the_lowest_failed_record() {
        let (feed, outstanding) = feed();
        (1..=4).for_each(|version| commit(&feed, version));
        let relay = Scripted::new(&[("2", 2), ("3", 1)]);
        tokio::spawn(feed.clone().relay(TABLE.to_owned(), relay.clone()));
        outstanding.none().await;
        assert_eq!(
            *relay.batches.lock().unwrap(),
            [vec!["1", "2", "3", "4"], vec!["2", "3", "4"], vec!["2", "3", "4"]]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn batch_has_at_most_a_hundred_records() {
        let (feed, outstanding) = feed();
        (1..=250).for_each(|version| commit(&feed, version));
        let relay = Scripted::new(&[]);
        tokio::spawn(feed.clone().relay(TABLE.to_owned(), relay.clone()));
        outstanding.none().await;
        let sizes: Vec<_> = relay.batches.lock().unwrap().iter().map(Vec::len).collect();
        assert_eq!(sizes, [100, 100, 50]);
    }

    #[tokio::test(start_paused = true)]
    async fn f4_record_that_always_fails_is_kept_as_long_as_the_stream_keeps_records() {
        let (feed, outstanding) = feed();
        (1..=2).for_each(|version| commit(&feed, version));
        let relay = Scripted::new(&[("1", u32::MAX)]);
        let began = Instant::now();
        tokio::spawn(feed.clone().relay(TABLE.to_owned(), relay.clone()));
        outstanding.none().await;
        assert!(
            began.elapsed() >= Duration::from_secs(23 * 3600),
            "{:?}",
            began.elapsed()
        );
        assert_eq!(*relay.batches.lock().unwrap().last().unwrap(), ["2"]);
    }

    #[tokio::test(start_paused = true)]
    async fn records_wait_while_paused() {
        let (feed, outstanding) = feed();
        feed.pause();
        let relay = Scripted::new(&[]);
        tokio::spawn(feed.clone().relay(TABLE.to_owned(), relay.clone()));
        commit(&feed, 1);
        tokio::task::yield_now().await;
        assert!(relay.batches.lock().unwrap().is_empty());
        feed.resume();
        outstanding.none().await;
        assert_eq!(*relay.batches.lock().unwrap(), [["1"]]);
    }

    #[tokio::test(start_paused = true)]
    async fn full_backlog_drops_records_and_reports_it() {
        let (feed, outstanding) = feed();
        feed.pause();
        (0..=super::super::BACKLOG as u64).for_each(|version| commit(&feed, version));
        assert_eq!(outstanding.count(), super::super::BACKLOG);
        feed.lost().await;
    }

    #[test]
    fn items_of_other_tables_are_ignored() {
        let (feed, outstanding) = feed();
        feed.written(
            "order-history",
            HashMap::from([("pk".to_owned(), AttributeValue::S("g1#ord_1".into()))]),
        );
        assert_eq!(outstanding.count(), 0);
    }
}
