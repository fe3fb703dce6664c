//! Measures what it costs that many documents are counted by one counter at once: `cargo run -p benchmarks -- counters`.
//!
//! DynamoDB cancels a transaction that overlaps with another one at one item, and the local engine does not; so the
//! transport does ([`Faults::cancel_overlapping_transactions`]). Each transaction holds its items for 5 ms. A message that
//! fails is delivered again at once, and is a dead letter after [`MAX_RECEIVE_COUNT`] times, as in a queue; a queue would hide
//! it for seconds to minutes in between.

use anyhow::ensure;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::{CommandId, Commit, CommitId, EventData, Metadata, Parcel};
use event_store::{CommitReader, event_table};
use futures::future::join_all;
use jiff::Timestamp;
use local_dynamodb::{Faults, LocalDynamo};
use projection::testing::{batch, feeding, message};
use projection::{
    ApplyError, BatchReport, Options, Projector, Published, ReadYourWrites, Sources, Tally, Uses, View,
    ViewReader, view_table,
};
use settings::MAX_RECEIVE_COUNT;
use std::time::{Duration, Instant};

/// How long a transaction holds its items.
const HOLD: Duration = Duration::from_millis(5);

/// The number of documents that are written at once.
const WRITERS: usize = 320;

const VIEW: &str = "sales-view";
const EVENTS: &str = "sales-events";
const COUNTER: &str = "today";

/// A view that counts every document in one counter, which is spread over this many shards.
struct Sales<const SHARDS: u32>;

impl<const SHARDS: u32> View for Sales<SHARDS> {
    type Document = u64;
    const NAME: &'static str = "sales";
    const SOURCES: &'static [&'static str] = &["sale"];
    const USES: Uses = Uses::NOTHING.tallies();

    fn apply(document: &mut u64, _: &Published<'_>) -> Result<(), ApplyError> {
        *document += 1;
        Ok(())
    }

    fn tallies(document: &u64) -> Vec<Tally> {
        vec![Tally {
            key: COUNTER.to_owned(),
            amounts: [("sales".to_owned(), i64::try_from(*document).unwrap_or(i64::MAX))].into(),
        }]
    }

    fn tally_shards(_: &str) -> u32 {
        SHARDS
    }
}

/// What a run led to.
#[derive(Default)]
struct Outcome {
    conflicts: u64,
    redelivered: u64,
    dead: u64,
    calls: u64,
    write_units: f64,
}

impl Outcome {
    fn add(&mut self, report: &BatchReport) {
        self.conflicts += report.conflicts;
        self.calls += report.calls;
        self.write_units += report.write_units;
    }
}

fn sale(number: usize) -> anyhow::Result<Commit> {
    let stream = format!("sale#s{number}").parse()?;
    let id = CommandId::derive(&[&format!("{stream}")]);
    Ok(Commit {
        stream,
        first: 1,
        count: 1,
        id: CommitId::from_bytes(id.bytes()),
        previous: None,
        command_id: id,
        time: Timestamp::now(),
        metadata: Metadata::default(),
        events: vec![EventData {
            kind: "Sold".to_owned(),
            schema: 1,
            data: serde_json::json!({}),
        }],
    })
}

/// One instance of the projector, which takes its documents in one batch.
async fn instance<const SHARDS: u32>(client: Client, documents: Vec<Commit>) -> Outcome {
    let sources = Sources::new().with("sale", CommitReader::new(client.clone(), EVENTS));
    let projector = Projector::<Sales<SHARDS>>::new(client, VIEW, sources, Options::default());
    let mut outcome = Outcome::default();
    // In one message, as the relay packs the commits of a lane.
    let parcels: Vec<Parcel> = documents.into_iter().map(Parcel::Whole).collect();
    for receives in 1..=MAX_RECEIVE_COUNT {
        let (response, report) = projector
            .handle_batch(batch(vec![message("m", receives, parcels.clone())]))
            .await;
        outcome.add(&report);
        if response.batch_item_failures.is_empty() {
            return outcome;
        }
        outcome.redelivered += 1;
    }
    outcome.dead = 1;
    outcome
}

async fn row<const SHARDS: u32>(instances: usize) -> anyhow::Result<()> {
    let dynamo = LocalDynamo::in_memory().await?;
    let plain = dynamo.client();
    view_table(VIEW, Sales::<SHARDS>::FILTERS, false)
        .create(&plain)
        .await?;
    event_table(EVENTS).without_stream().create(&plain).await?;
    let put = plain.put_item().table_name(VIEW);
    put.set_item(Some(feeding(1))).send().await?;
    let faults = Faults::default();
    faults.cancel_overlapping_transactions(HOLD);
    let client = Client::from_conf(dynamo.config().http_client(faults.transport()).build());
    let each = WRITERS / instances;
    let mut runs = Vec::new();
    for instance_number in 0..instances {
        let documents: anyhow::Result<Vec<Commit>> =
            (0..each).map(|n| sale(instance_number * each + n)).collect();
        runs.push(tokio::spawn(instance::<SHARDS>(client.clone(), documents?)));
    }
    let started = Instant::now();
    let mut total = Outcome::default();
    for run in join_all(runs).await {
        let run = run?;
        total.conflicts += run.conflicts;
        total.redelivered += run.redelivered;
        total.dead += run.dead;
        total.calls += run.calls;
        total.write_units += run.write_units;
    }
    let seconds = started.elapsed().as_secs_f64();
    let sources = Sources::new().with("sale", CommitReader::new(plain.clone(), EVENTS));
    let reader = ViewReader::<Sales<SHARDS>>::new(plain.clone(), VIEW, sources);
    let counted = reader
        .tallies(&[COUNTER.to_owned()], &ReadYourWrites::default())
        .await?;
    let counted = counted.first().map_or(0, |tallied| tallied.amount("sales"));
    let stored = documents(&plain).await?;
    ensure!(
        usize::try_from(counted)? == stored,
        "{counted} were counted, but {stored} documents are stored"
    );
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let (stored_f, writers, calls) = (stored as f64, WRITERS as f64, total.calls as f64);
    println!(
        "| {instances} x {each} | {SHARDS} | {stored} | {:.0} | {:.2} | {:.2} | {} | {} | {} |",
        stored_f / seconds,
        calls / writers,
        total.write_units / writers,
        faults.cancelled(),
        total.redelivered,
        total.dead,
    );
    drop((plain, client));
    dynamo.shutdown().await;
    Ok(())
}

/// Returns the number of documents that are stored.
async fn documents(client: &Client) -> anyhow::Result<usize> {
    let mut stored = 0;
    let mut start = None;
    loop {
        let scan = client
            .scan()
            .table_name(VIEW)
            .filter_expression("sk = :self AND pk <> :registry");
        let page = scan
            .expression_attribute_values(":self", AttributeValue::S("-".to_owned()))
            .expression_attribute_values(":registry", AttributeValue::S("registry".to_owned()))
            .set_exclusive_start_key(start)
            .send()
            .await?;
        stored += page.items().len();
        start = page.last_evaluated_key.filter(|key| !key.is_empty());
        if start.is_none() {
            return Ok(stored);
        }
    }
}

/// Prints the table.
pub(crate) async fn run() -> anyhow::Result<()> {
    println!(
        "| instances x documents | shards | counted exactly | documents/s | calls/document | write units/document | cancelled | delivered again | dead letters |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    );
    for instances in [20, 320] {
        row::<1>(instances).await?;
        row::<2>(instances).await?;
        row::<4>(instances).await?;
    }
    Ok(())
}
