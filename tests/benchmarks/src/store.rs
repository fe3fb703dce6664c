//! Measures and prints the cost of commands: `cargo run -p benchmarks -- store`.
//!
//! Every number is the consumed capacity that DynamoDB's wire API reports. Commands have one event of about 190 bytes and the
//! metadata of an HTTP request. A "2 KB" state takes a snapshot at every eighth commit, so its rows are averages of sixteen
//! commands.

use commit::{CommandId, Event, Fingerprint, Metadata};
use event_store::{CommandContext, Consumed, Decider, EventStore, Executed, event_table};
use jiff::Timestamp;
use local_dynamodb::LocalDynamo;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "d")]
enum ParcelEvent {
    ParcelScanned { place: String, remark: String },
}

impl Event for ParcelEvent {
    const TYPES: &'static [(&'static str, u32)] = &[("ParcelScanned", 1)];
}

/// The number of the command's events.
struct Scan(usize);

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct State {
    scans: u64,
    place: String,
    label: String,
}

/// A parcel whose state has a label of `LABEL` bytes.
struct Parcel<const LABEL: usize, const EVERY: u32>;

impl<const LABEL: usize, const EVERY: u32> Decider for Parcel<LABEL, EVERY> {
    type Id = str;
    type Command = Scan;
    type Event = ParcelEvent;
    type State = State;
    type Error = Infallible;

    const CATEGORY: &'static str = "parcel";
    const STATE_SCHEMA: u32 = 1;
    const SNAPSHOT_EVERY: u32 = EVERY;

    fn decide(_: &State, Scan(events): &Scan) -> Result<Vec<ParcelEvent>, Infallible> {
        let scanned = ParcelEvent::ParcelScanned {
            place: "Oakland, CA 94612".to_owned(),
            remark: "r".repeat(140),
        };
        Ok(vec![scanned; *events])
    }

    fn evolve(state: State, event: &ParcelEvent) -> State {
        let ParcelEvent::ParcelScanned { place, .. } = event;
        State {
            scans: state.scans + 1,
            place: place.clone(),
            label: "l".repeat(LABEL),
        }
    }
}

struct Bench {
    dynamo: LocalDynamo,
}

impl Bench {
    fn process<D: Decider>(&self) -> EventStore<D> {
        EventStore::new(self.dynamo.client(), "events")
    }

    /// Measures the average cost of sixteen commands, each in a process with a cold cache, or all in one with a warm cache.
    async fn row<const LABEL: usize, const EVERY: u32>(
        &self,
        name: &str,
        length: u64,
        events: usize,
    ) -> anyhow::Result<()> {
        let id = format!("{LABEL}-{length}-{events}");
        let seeding = self.process::<Parcel<LABEL, EVERY>>();
        for _ in 0..length {
            seeding.execute(&id, &Scan(1), &context()).await?;
        }
        let mut cold = Vec::new();
        for _ in 0..16 {
            cold.push(
                self.process::<Parcel<LABEL, EVERY>>()
                    .execute(&id, &Scan(events), &context())
                    .await?,
            );
        }
        let mut warm = Vec::new();
        let process = self.process::<Parcel<LABEL, EVERY>>();
        process.execute(&id, &Scan(events), &context()).await?;
        for _ in 0..16 {
            warm.push(process.execute(&id, &Scan(events), &context()).await?);
        }
        let (cold, warm) = (average(&cold), average(&warm));
        println!(
            "| {name} | {length} | {} | {:.2} | {:.2} | {:.2} | {} | {:.2} | {:.2} |",
            cold.calls,
            cold.read_units,
            cold.write_units,
            dollars(&cold),
            warm.calls,
            warm.write_units,
            dollars(&warm),
        );
        Ok(())
    }
}

fn context() -> CommandContext {
    let mut context = CommandContext::new(CommandId::random(), Fingerprint::of(&[]), Timestamp::now());
    context.metadata = Metadata {
        actor: Some("con_0199a1b2c3d47e5f8091a2b3c4d5e6f7".into()),
        correlation_id: Some("0199a1b2-c3d4-7e5f-8091-a2b3c4d5e6f7".into()),
        causation_id: None,
        on_behalf_of: None,
        traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into()),
    };
    context
}

fn average<D: Decider>(executed: &[Executed<D>]) -> Consumed {
    let mut sum = Consumed::default();
    for one in executed {
        sum += one.consumed;
    }
    let count = u32::try_from(executed.len()).unwrap_or(1);
    Consumed {
        calls: sum.calls / count,
        read_units: sum.read_units / f64::from(count),
        write_units: sum.write_units / f64::from(count),
    }
}

/// Returns the cost per million commands, at on-demand list prices in us-east-1: $0.125 per million read units, $0.625 per
/// million write units.
fn dollars(consumed: &Consumed) -> f64 {
    consumed.read_units * 0.125 + consumed.write_units * 0.625
}

/// Prints the table.
pub(crate) async fn run() -> anyhow::Result<()> {
    let dynamo = LocalDynamo::in_memory().await?;
    event_table("events")
        .without_stream()
        .create(&dynamo.client())
        .await?;
    let bench = Bench { dynamo };
    println!(
        "| command | stream length | calls, cold | read units | write units | $ per million | calls, warm | write units | $ per million |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for length in [1, 100, 1000] {
        bench.row::<100, 4>("1 event, small state", length, 1).await?;
    }
    for length in [1, 100, 1000] {
        bench.row::<2000, 8>("1 event, 2 KB state", length, 1).await?;
    }
    bench.row::<100, 4>("3 events, small state", 100, 3).await?;
    bench.dynamo.shutdown().await;
    Ok(())
}
