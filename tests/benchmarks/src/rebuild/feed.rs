//! Sends the same events through the queue to measure a projector.

use crate::rebuild::history::{History, progress};
use crate::rebuild::market::Market;
use crate::rebuild::operate::Numbers;
use anyhow::ensure;
use commit::{Commit, Parcel, lane};
use function::settings;
use futures::stream::{self, StreamExt, TryStreamExt};
use order_history::OrderHistory;
use projection::BatchReport;
use projection::testing::{batch, message};
use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

/// Orders in progress at a time, which determines the distance between an order's commits in a stream.
const UNDER_WAY: usize = 1_000;
/// The sizes of the relay's and of the queue's batches, and a subscriber's concurrent invocations.
const RECORDS: usize = 100;
const MESSAGES: usize = 10;
const INVOCATIONS: usize = 8;

/// Sends this number of orders: each table's commits in the order of time, packed by lane like the relay does.
pub(crate) async fn through_the_queue(
    market: &Market,
    history: &History,
    orders: usize,
) -> anyhow::Result<Numbers> {
    let lanes = lanes(history, orders)?;
    let projector = system::belvedere()
        .wiring(market.stack.dynamodb())
        .projector::<OrderHistory>();
    let progress = progress("through the queue", orders as u64);
    let started = Instant::now();
    // A lane is handled by one invocation at a time.
    let reports: Vec<BatchReport> = stream::iter(lanes.into_values())
        .map(|mut lane| {
            let (projector, progress) = (&projector, &progress);
            async move {
                let mut total = BatchReport::default();
                while !lane.is_empty() {
                    let messages: Vec<Vec<Commit>> = lane.drain(..MESSAGES.min(lane.len())).collect();
                    let created = messages
                        .iter()
                        .flatten()
                        .filter(|c| c.stream.category() == "order" && c.first == 1);
                    progress.inc(created.count() as u64);
                    let messages = messages.into_iter().enumerate().map(|(n, commits)| {
                        message(n.to_string(), 1, commits.into_iter().map(Parcel::Whole).collect())
                    });
                    let (response, report) = projector.handle_batch(batch(messages.collect())).await;
                    ensure!(
                        response.batch_item_failures.is_empty(),
                        "a message failed: {report:?}"
                    );
                    total.applied += report.applied;
                    total.written += report.written;
                    total.read_units += report.read_units;
                    total.write_units += report.write_units;
                }
                anyhow::Ok(total)
            }
        })
        .buffer_unordered(INVOCATIONS)
        .try_collect()
        .await?;
    let seconds = started.elapsed().as_secs_f64();
    progress.finish_and_clear();
    let sum = |of: fn(&BatchReport) -> f64| -> f64 { reports.iter().map(of).sum() };
    let documents = orders as f64;
    Ok(Numbers {
        commits_per_second: sum(|report| report.applied as f64) / seconds,
        documents: orders as u64,
        writes_per_document: sum(|report| report.written as f64) / documents,
        write_units_per_document: sum(|report| report.write_units) / documents,
        read_units_per_document: sum(|report| report.read_units) / documents,
    })
}

/// Returns the messages of each lane.
fn lanes(history: &History, orders: usize) -> anyhow::Result<BTreeMap<u32, VecDeque<Vec<Commit>>>> {
    let mut records: BTreeMap<&str, Vec<(usize, Commit)>> = BTreeMap::new();
    for n in 0..orders {
        for (table, commits) in history.commits(n)? {
            let commits = commits.into_iter().enumerate();
            let records = records.entry(table).or_default();
            records.extend(commits.map(|(step, commit)| (n + step * UNDER_WAY, commit)));
        }
    }
    let mut messages: Vec<(usize, u32, Vec<Commit>)> = Vec::new();
    for (_, mut records) in records {
        records.sort_by_key(|(time, _)| *time);
        for records in records.chunks(RECORDS) {
            let mut by_lane: BTreeMap<u32, Vec<Commit>> = BTreeMap::new();
            for (_, commit) in records {
                let lane = lane(commit.stream.id(), settings::LANES);
                by_lane.entry(lane).or_default().push(commit.clone());
            }
            let time = records.first().map_or(0, |(time, _)| *time);
            messages.extend(by_lane.into_iter().map(|(lane, commits)| (time, lane, commits)));
        }
    }
    messages.sort_by_key(|(time, _, _)| *time);
    let mut lanes: BTreeMap<u32, VecDeque<Vec<Commit>>> = BTreeMap::new();
    for (_, lane, commits) in messages {
        lanes.entry(lane).or_default().push_back(commits);
    }
    Ok(lanes)
}
