//! Measures the units of sweeps.

use crate::costs::marketplace::Marketplace;
use crate::costs::spent::{Purse, Spent};
use anyhow::Context;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemInput;
use aws_sdk_dynamodb::types::Select;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use commit::Message;
use futures::future::BoxFuture;
use projection::operations::{Bell, BellError, RoundOptions, Task, Worker, WorkerOptions};
use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The tasks of a worker, without their delays.
#[derive(Default)]
struct Tasks(Mutex<VecDeque<Task>>);

impl Tasks {
    fn next(&self) -> Option<Task> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

impl Bell for Tasks {
    fn ring<'a>(&'a self, task: Task, _: Duration) -> BoxFuture<'a, Result<(), BellError>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back(task);
        Box::pin(async { Ok(()) })
    }

    fn send<'a>(&'a self, _: &'a str, _: &'a str, _: Message) -> BoxFuture<'a, Result<(), BellError>> {
        Box::pin(async { Ok(()) })
    }
}

/// Reads all documents consistently, as sweeps did until 0.2.0.
#[derive(Debug, Clone)]
struct Consistent;

#[dyn_dispatch_hint]
impl Intercept for Consistent {
    fn name(&self) -> &'static str {
        "Consistent"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input_mut().downcast_mut::<BatchGetItemInput>();
        let tables = input.and_then(|input| input.request_items.as_mut());
        for keys in tables.into_iter().flat_map(|tables| tables.values_mut()) {
            keys.consistent_read = Some(true);
        }
        Ok(())
    }
}

/// The number of sweeps in a week until 0.2.0: one every six hours.
const SIX_HOURLY: u32 = 28;

/// A round takes this long. Measuring waits until all of its parts are due.
const ROUND: Duration = Duration::from_millis(50);

/// Returns the table of sweeps of the orders that were delivered.
pub(crate) async fn table(marketplace: &Marketplace) -> anyhow::Result<String> {
    let purse = Purse::default();
    let client = marketplace.client_of(&purse);
    let commits = commits(&client).await?;
    let mut table = format!(
        "{commits} commits in {} event tables, with {} subscribers. Per million commits:\n\n\
        | in a week | calls | units | $ |\n\
        | --- | ---: | ---: | ---: |\n",
        system::belvedere().event_tables().count(),
        system::belvedere().subscribers().count(),
    );
    let before = Client::from_conf(client.config().to_builder().interceptor(Consistent).build());
    for (client, what, times) in [
        (
            &before,
            "until 0.2.0: a sweep of each subscriber, every six hours",
            SIX_HOURLY,
        ),
        (&client, "a sweep of each subscriber, once, by hand", 1),
    ] {
        let each = worker(client, 1)?;
        let spent = spend(&each, &purse, Task::SweepAll { deep: false }).await?;
        row(&mut table, what, spent, times, commits);
    }
    for (passes, what) in [
        (RoundOptions::default().passes, "a round in seven passes"),
        (1, "a round in one pass, of a large table"),
    ] {
        let round = worker(&client, passes)?;
        // The first completes the round that was in progress.
        spend(&round, &purse, Task::SweepRounds {}).await?;
        let spent = spend(&round, &purse, Task::SweepRounds {}).await?;
        row(&mut table, what, spent, 1, commits);
    }
    Ok(table)
}

fn worker(client: &Client, passes: u32) -> anyhow::Result<(Worker, Arc<Tasks>)> {
    let tasks = Arc::new(Tasks::default());
    let mut options = WorkerOptions {
        round: RoundOptions {
            length: ROUND,
            passes,
            parts: 1,
            settled: Duration::ZERO,
            ..RoundOptions::default()
        },
        ..WorkerOptions::default()
    };
    options.control.segments = 1;
    let system = system::belvedere();
    let wiring = system.wiring(client.clone());
    Ok((
        system.operated(Worker::new(tasks.clone(), options), &wiring)?,
        tasks,
    ))
}

/// Handles a task and all that follow from it.
async fn spend((worker, tasks): &(Worker, Arc<Tasks>), purse: &Purse, task: Task) -> anyhow::Result<Spent> {
    purse.take();
    let deadline = Instant::now() + Duration::from_secs(600);
    worker.handle(task, deadline).await?;
    tokio::time::sleep(ROUND).await;
    while let Some(task) = tasks.next() {
        worker.handle(task, deadline).await?;
    }
    Ok(purse.take())
}

async fn commits(client: &Client) -> anyhow::Result<u64> {
    let mut commits = 0;
    for table in system::belvedere().event_tables() {
        let scan = client.scan().table_name(&table.name).select(Select::Count);
        let mut pages = scan.into_paginator().send();
        while let Some(page) = pages.next().await {
            commits += u64::try_from(page?.count).context("a negative count")?;
        }
    }
    Ok(commits)
}

/// Adds what is spent as often as this, per million commits.
fn row(table: &mut String, what: &str, spent: Spent, times: u32, commits: u64) {
    /// On-demand list price of us-east-1, dollars per read unit.
    const READ_UNIT: f64 = 0.125e-6;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let million = |value: f64| f64::from(times) * 1e6 * value / commits as f64;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let calls = million(spent.calls as f64);
    let units = million(spent.units);
    // Writing to a String cannot fail.
    let _ = writeln!(
        table,
        "| {what} | {calls:.0} | {units:.0} | {:.2} |",
        units * READ_UNIT
    );
}
