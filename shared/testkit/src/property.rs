use crate::bench::Bench;
use crate::cases::cases;
use crate::plan::{Plan, plans};
use anyhow::{Context, ensure};
use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use aws_sdk_dynamodb::Client;
use commit::{Commit, Message, Parcel};
use futures::future::BoxFuture;
use local_dynamodb::LocalDynamo;
use projection::operations::{Bell, BellError, Control, ControlOptions, Subject, SubjectKind, Task};
use projection::testing::{batch, message};
use projection::{BatchHandler, sweep};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::collections::BTreeSet;
use std::future::{Future, ready};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Keeps the messages of an operator's redrive.
#[derive(Default)]
struct Outbox(Mutex<Vec<Message>>);

impl Outbox {
    fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Bell for Outbox {
    fn ring<'a>(&'a self, _: Task, _: Duration) -> BoxFuture<'a, Result<(), BellError>> {
        Box::pin(ready(Ok(())))
    }

    fn send<'a>(&'a self, _: &'a str, _: &'a str, message: Message) -> BoxFuture<'a, Result<(), BellError>> {
        let mut messages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        messages.push(message);
        Box::pin(ready(Ok(())))
    }
}

/// Runs a property over histories and plans, in at most `most` cases ([`cases`](super::cases)). One DynamoDB serves all
/// cases; each has its own tables.
///
/// The seed is printed on failure; `CONVERGENCE_SEED` repeats it.
#[track_caller]
pub(crate) fn check<F>(
    filters: &[&str],
    histories: impl Strategy<Value = Vec<Commit>>,
    most: u32,
    property: impl Fn(Bench, Vec<Commit>, Plan) -> F,
) where
    F: Future<Output = anyhow::Result<()>>,
{
    let seed = std::env::var("CONVERGENCE_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| fastrand::u64(..));
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    let config = Config {
        cases: cases(most),
        failure_persistence: None,
        // A failing case costs as much as a passing one, so shrinking stops at a readable case, which need not be the
        // smallest.
        max_shrink_iters: 100,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let dynamo = runtime.block_on(LocalDynamo::in_memory());
    let dynamo = dynamo.expect("the local DynamoDB starts");
    let client = dynamo.client();
    let number = AtomicU64::new(0);
    let outcome = runner.run(&(histories, plans()), |(history, plan)| {
        let name = format!("case-{}", number.fetch_add(1, Ordering::Relaxed));
        let case = async {
            let bench = Bench::create(client.clone(), &name, filters).await?;
            bench.store(&history).await?;
            property(bench.clone(), history, plan).await?;
            bench.delete().await
        };
        runtime
            .block_on(case)
            .map_err(|error| TestCaseError::fail(format!("{error:#}")))
    });
    runtime.block_on(dynamo.shutdown());
    if let Err(error) = outcome {
        panic!("CONVERGENCE_SEED={seed}\n{error}");
    }
}

/// Delivers a history as planned: first to the subject with the bug, then to the fixed one; failed messages are
/// delivered again. In the end everything in quarantine is redriven, and the sweep sends messages for the commits that
/// were not delivered.
pub(crate) async fn deliver(
    plan: &Plan,
    history: &[Commit],
    broken: &dyn BatchHandler,
    fixed: &dyn BatchHandler,
    bench: &Bench,
    categories: &[&str],
) -> anyhow::Result<()> {
    let mut queue = plan.schedule(history);
    let until = plan.fixed.map_or(0, |fixed| fixed.index(queue.len() + 1));
    let mut number = 0;
    while let Some(event) = queue.pop_front() {
        ensure!(number < 1_000, "messages are redelivered without end");
        let subject = if number < until { broken } else { fixed };
        let together = plan.together[number % plan.together.len()];
        let again = match queue.pop_front() {
            Some(next) if together => {
                let (first, second) = futures::join!(handle(subject, event), handle(subject, next));
                [first, second].concat()
            }
            Some(next) => {
                queue.push_front(next);
                handle(subject, event).await
            }
            None => handle(subject, event).await,
        };
        if !again.is_empty() {
            queue.push_back(batch(again));
        }
        number += 1;
    }
    redrive(fixed, bench, categories).await.context("redriving")?;
    if ring(fixed, &bench.client, bench, categories).await? > 0 {
        redrive(fixed, bench, categories).await.context("redriving")?;
    }
    let left = swept(&bench.client, bench, categories).await?;
    ensure!(left.behind.is_empty(), "still behind: {:?}", left.behind);
    ensure!(left.quarantined == 0, "still in quarantine");
    Ok(())
}

/// Handles a batch and returns the messages to be delivered again.
async fn handle(subject: &dyn BatchHandler, event: SqsEvent) -> Vec<SqsMessage> {
    let response = subject.handle(event.clone()).await;
    let failed: BTreeSet<String> = response
        .batch_item_failures
        .into_iter()
        .map(|failure| failure.item_identifier)
        .collect();
    let mut again = event.records;
    again.retain(|message| message.message_id.as_ref().is_some_and(|id| failed.contains(id)));
    for message in &mut again {
        let count = message.attributes.get_mut("ApproximateReceiveCount");
        if let Some(count) = count {
            *count = (count.parse().unwrap_or(1) + 1).to_string();
        }
    }
    again
}

/// Redrives everything in quarantine, as an operator does.
async fn redrive(subject: &dyn BatchHandler, bench: &Bench, categories: &[&str]) -> anyhow::Result<()> {
    let outbox = Arc::new(Outbox::default());
    let operated = Subject {
        name: bench.view_table.clone(),
        kind: SubjectKind::View,
        table: bench.view_table.clone(),
        sources: categories.iter().map(|c| (*c).to_owned()).collect(),
    };
    let options = ControlOptions::default();
    let control = Control::new(bench.client.clone(), operated, outbox.clone(), options);
    control.redrive(None).await?;
    let mut messages = Vec::new();
    for (number, sent) in outbox.take().into_iter().enumerate() {
        let mut message = SqsMessage::default();
        message.message_id = Some(format!("redrive{number}"));
        message.body = Some(serde_json::to_string(&sent)?);
        messages.push(message);
    }
    // Each effect of a document may fail the first time.
    taken(subject, messages, 1_000).await?;
    let held = control.quarantine(None, 1).await?.items;
    ensure!(held.is_empty(), "quarantined again: {held:?}");
    Ok(())
}

/// Delivers messages until they are acknowledged, at most `most` times.
async fn taken(subject: &dyn BatchHandler, mut messages: Vec<SqsMessage>, most: u32) -> anyhow::Result<()> {
    for _ in 0..most {
        if messages.is_empty() {
            return Ok(());
        }
        messages = handle(subject, batch(messages)).await;
    }
    ensure!(messages.is_empty(), "the messages are redelivered without end");
    Ok(())
}

async fn ring(
    subject: &dyn BatchHandler,
    client: &Client,
    bench: &Bench,
    categories: &[&str],
) -> anyhow::Result<usize> {
    let behind = swept(client, bench, categories).await?.behind;
    let rung = behind.len();
    let mut messages = Vec::new();
    for (number, key) in behind.into_iter().enumerate() {
        messages.push(message(format!("sweep{number}"), 1, vec![Parcel::Key(key)]));
    }
    taken(subject, messages, 10).await?;
    Ok(rung)
}

async fn swept(client: &Client, bench: &Bench, categories: &[&str]) -> anyhow::Result<sweep::Swept> {
    let sources = bench.sources(categories);
    Ok(sweep::quick(client, &bench.view_table, &sources, categories).await?)
}
