//! A long history: the commits of one delivered order, repeated for many orders.

use anyhow::{Context, ensure};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use commit::{CommandId, Commit, CommitId};
use futures::stream::{self, StreamExt, TryStreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::HashMap;

/// The number of consumers of the orders.
const CONSUMERS: usize = 1_000;
/// Writers at a time.
const WRITERS: usize = 8;
const ITEMS_PER_CALL: usize = 25;

pub(crate) struct History {
    order: String,
    consumer: String,
    /// The commits by event table, as JSON, whose ids are replaced for each order.
    pattern: Vec<(String, Vec<String>)>,
    pub(crate) orders: usize,
}

impl History {
    pub(crate) fn of(
        order: &str,
        consumer: &str,
        commits: Vec<(String, Vec<Commit>)>,
        orders: usize,
    ) -> anyhow::Result<Self> {
        let pattern: Result<Vec<_>, serde_json::Error> = commits
            .into_iter()
            .map(|(table, commits)| {
                let commits: Result<Vec<String>, _> = commits.iter().map(serde_json::to_string).collect();
                Ok((table, commits?))
            })
            .collect();
        let pattern = pattern?;
        ensure!(
            pattern.iter().all(|(_, commits)| !commits.is_empty()),
            "a source is missing"
        );
        Ok(Self {
            order: order.to_owned(),
            consumer: consumer.to_owned(),
            pattern,
            orders,
        })
    }

    pub(crate) fn commits_per_order(&self) -> usize {
        self.pattern.iter().map(|(_, commits)| commits.len()).sum()
    }

    /// Returns the id of the n-th order, which has the same length as the pattern's but differs from it.
    pub(crate) fn order(&self, n: usize) -> String {
        renumbered(&self.order, n)
    }

    pub(crate) fn consumer(&self, n: usize) -> String {
        renumbered(&self.consumer, n % CONSUMERS)
    }

    /// Returns the commits of the n-th order, by table.
    pub(crate) fn commits(&self, n: usize) -> anyhow::Result<Vec<(&str, Vec<Commit>)>> {
        let (order, consumer) = (self.order(n), self.consumer(n));
        let mut tables = Vec::new();
        for (table, pattern) in &self.pattern {
            let mut commits = Vec::new();
            for text in pattern {
                let text = text
                    .replace(&self.order, &order)
                    .replace(&self.consumer, &consumer);
                let mut commit: Commit = serde_json::from_str(&text)?;
                let place = CommandId::derive(&[&commit.stream.to_string(), &commit.first.to_string()]);
                commit.id = CommitId::from_bytes(place.bytes());
                commit.command_id = place;
                commits.push(commit);
            }
            tables.push((table.as_str(), commits));
        }
        Ok(tables)
    }

    /// Writes the history directly into the event tables, bypassing the relays.
    pub(crate) async fn store(&self, client: &Client) -> anyhow::Result<()> {
        let progress = progress("history", self.orders as u64);
        stream::iter(0..self.orders.div_ceil(ITEMS_PER_CALL))
            .map(|chunk| {
                let progress = &progress;
                async move {
                    let orders = chunk * ITEMS_PER_CALL..self.orders.min((chunk + 1) * ITEMS_PER_CALL);
                    let mut tables: HashMap<&str, Vec<WriteRequest>> = HashMap::new();
                    for n in orders.clone() {
                        for (table, commits) in self.commits(n)? {
                            for commit in commits {
                                tables.entry(table).or_default().push(request(&commit)?);
                            }
                        }
                    }
                    for (table, requests) in tables {
                        for part in requests.chunks(ITEMS_PER_CALL) {
                            let answer = client.batch_write_item();
                            let answer = answer.request_items(table, part.to_vec()).send().await?;
                            let left = answer.unprocessed_items.unwrap_or_default();
                            ensure!(left.is_empty(), "the local DynamoDB left items unprocessed");
                        }
                    }
                    progress.inc(orders.len() as u64);
                    anyhow::Ok(())
                }
            })
            .buffer_unordered(WRITERS)
            .try_collect::<()>()
            .await?;
        progress.finish_and_clear();
        Ok(())
    }
}

fn request(commit: &Commit) -> anyhow::Result<WriteRequest> {
    let mut item: HashMap<String, AttributeValue> = serde_dynamo::to_item(commit)?;
    // The sizes of a command's fingerprint and of a small snapshot.
    item.insert("f".to_owned(), AttributeValue::S("x".repeat(64)));
    item.insert("s".to_owned(), AttributeValue::S("x".repeat(300)));
    let put = PutRequest::builder().set_item(Some(item)).build();
    Ok(WriteRequest::builder()
        .put_request(put.context("an item")?)
        .build())
}

/// Replaces the last eight hexadecimal digits of an id.
fn renumbered(id: &str, n: usize) -> String {
    format!("{}{n:08x}", &id[..id.len() - 8])
}

pub(crate) fn progress(what: &str, length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:20} {wide_bar} {pos}/{len} {elapsed}");
    let progress = ProgressBar::new(length).with_message(what.to_owned());
    progress.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    progress
}
