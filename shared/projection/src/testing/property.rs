use super::bench::{Bench, batch, message};
use super::plan::{Plan, plans};
use crate::projector::{BatchHandler, Projector, ReactorRunner};
use crate::reactor::{Effects, Reactor};
use crate::sweep;
use crate::view::View;
use anyhow::{Context, ensure};
use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_dynamodb::Client;
use commit::{Commit, Parcel};
use futures::future::BoxFuture;
use local_dynamodb::LocalDynamo;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the property drives: a projector or a reactor runner.
pub(crate) trait Subject: BatchHandler {
    fn recover_all(&self) -> BoxFuture<'_, anyhow::Result<()>>;
}

impl<V: View> Subject for Projector<V> {
    fn recover_all(&self) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(async move {
            let held = self.quarantined().await?;
            let keys: BTreeSet<String> = held.iter().map(|q| q.stream.id().to_owned()).collect();
            for key in keys {
                let recovered = self.recover(&key).await?;
                ensure!(recovered.quarantined.is_empty(), "{recovered:?}");
            }
            Ok(())
        })
    }
}

impl<R: Reactor, E: Effects<R::Command>> Subject for ReactorRunner<R, E> {
    fn recover_all(&self) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(async move {
            let held = self.quarantined().await?;
            let keys: BTreeSet<String> = held.iter().map(|q| q.stream.id().to_owned()).collect();
            for key in keys {
                // An effect may fail; recovering again is safe.
                while self.recover(&key).await.is_err() {}
            }
            Ok(())
        })
    }
}

/// Runs a property over histories and plans. One DynamoDB for all cases, tables of its own for each.
///
/// The seed is printed on failure; `CONVERGENCE_SEED` repeats it.
#[track_caller]
pub(crate) fn check<F>(
    filters: &[&str],
    histories: impl Strategy<Value = Vec<Commit>>,
    cases: u32,
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
        cases,
        failure_persistence: None,
        // A failing case costs as much as a passing one: small enough to read, not the smallest there is.
        max_shrink_iters: 100,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let runtime = tokio::runtime::Runtime::new().expect("a test can have a runtime");
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

/// Delivers a history as planned: first to the subject with the bug, then to the one without; what failed comes again. In
/// the end everything in quarantine is recovered, and the sweep rings for what nobody delivered.
pub(crate) async fn deliver(
    plan: &Plan,
    history: &[Commit],
    broken: &dyn Subject,
    fixed: &dyn Subject,
    bench: &Bench,
    categories: &[&str],
) -> anyhow::Result<()> {
    let mut queue = plan.schedule(history);
    let until = plan.fixed.map_or(0, |fixed| fixed.index(queue.len() + 1));
    let mut number = 0;
    while let Some(event) = queue.pop_front() {
        ensure!(number < 1_000, "messages come again for ever");
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
    fixed.recover_all().await.context("recovering")?;
    if ring(fixed, &bench.client, bench, categories).await? > 0 {
        fixed.recover_all().await.context("recovering")?;
    }
    let left = swept(&bench.client, bench, categories).await?;
    ensure!(left.behind.is_empty(), "still behind: {:?}", left.behind);
    ensure!(left.quarantined == 0, "still in quarantine");
    Ok(())
}

/// The messages that must come again.
async fn handle(subject: &dyn Subject, event: SqsEvent) -> Vec<aws_lambda_events::event::sqs::SqsMessage> {
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

async fn ring(
    subject: &dyn Subject,
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
    for _ in 0..10 {
        if messages.is_empty() {
            return Ok(rung);
        }
        messages = handle(subject, batch(messages)).await;
    }
    anyhow::bail!("the sweep's messages come again for ever")
}

async fn swept(client: &Client, bench: &Bench, categories: &[&str]) -> anyhow::Result<sweep::Swept> {
    let sources = bench.sources(categories);
    Ok(sweep::quick(client, &bench.view_table, &sources, categories).await?)
}
