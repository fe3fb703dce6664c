//! Any system on a virtual clock: the real event store, relay, projection engine, rebuilds, services, views and reactors. A
//! seed determines everything else: DynamoDB, streams, queues, functions that die, clients and an operator.
//!
//! A system's own crate defines its clients' actions and the invariants of its commits. For every system the simulator checks
//! that views equal the folds of their events, that acknowledged commands are kept, and that no work is stuck.
//!
//! ```
//! use anyhow::ensure;
//! use commit::{Commit, Event};
//! use event_store::Decider;
//! use function::{Part, System};
//! use projection::{ApplyError, Published, Uses, View};
//! use serde::{Deserialize, Serialize};
//! use simulator::{Client, Clients, Scenario};
//! use std::convert::Infallible;
//!
//! #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
//! #[serde(tag = "t", content = "d")]
//! enum LampEvent {
//!     LampSwitched { on: bool },
//! }
//!
//! impl Event for LampEvent {
//!     const TYPES: &'static [(&'static str, u32)] = &[("LampSwitched", 1)];
//! }
//!
//! #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
//! struct Lamp {
//!     on: bool,
//! }
//!
//! struct Switch;
//!
//! impl Decider for Lamp {
//!     type Id = str;
//!     type Command = Switch;
//!     type Event = LampEvent;
//!     type State = Lamp;
//!     type Error = Infallible;
//!     const CATEGORY: &'static str = "lamp";
//!     const STATE_SCHEMA: u32 = 1;
//!
//!     fn decide(lamp: &Lamp, _: &Switch) -> Result<Vec<LampEvent>, Infallible> {
//!         Ok(vec![LampEvent::LampSwitched { on: !lamp.on }])
//!     }
//!
//!     fn evolve(_: Lamp, event: &LampEvent) -> Lamp {
//!         let LampEvent::LampSwitched { on } = event;
//!         Lamp { on: *on }
//!     }
//! }
//!
//! struct Lamps;
//!
//! impl View for Lamps {
//!     type Document = Lamp;
//!     const NAME: &'static str = "lamps";
//!     const SOURCES: &'static [&'static str] = &["lamp"];
//!     const USES: Uses = Uses::NOTHING;
//!
//!     fn apply(lamp: &mut Lamp, event: &Published<'_>) -> Result<(), ApplyError> {
//!         *lamp = Lamp::evolve(std::mem::take(lamp), &event.decode()?);
//!         Ok(())
//!     }
//! }
//!
//! fn house() -> System {
//!     System::new("A house", "Its lamps.").with(Part::service("lamps", &["lamp"]).keeps::<Lamps>("projector"))
//! }
//!
//! async fn switch(client: Client) -> anyhow::Result<()> {
//!     for _ in 0..3 {
//!         client.rest().await;
//!         let lamp = client.draw(|random| if random.bool() { "hall" } else { "attic" });
//!         client.insist::<Lamp>(lamp, &Switch).await?;
//!     }
//!     Ok(())
//! }
//!
//! /// A lamp is never switched on twice.
//! fn agree(history: &[Commit]) -> anyhow::Result<()> {
//!     for commit in history {
//!         for (version, event) in (commit.first..).zip(&commit.events) {
//!             let LampEvent::LampSwitched { on } = LampEvent::decode(event)?;
//!             ensure!(on == (version % 2 == 1), "{} is {on} at {version}", commit.stream);
//!         }
//!     }
//!     Ok(())
//! }
//!
//! const SCENARIOS: &[(u32, Scenario)] = &[(
//!     1,
//!     Scenario {
//!         system: |_| house(),
//!         clients: |clients: &mut Clients| (0..3).for_each(|_| clients.add(switch)),
//!         agree,
//!     },
//! )];
//!
//! // #[test]
//! fn every_schedule_keeps_every_promise() {
//!     simulator::schedules(SCENARIOS, 20);
//! }
//!
//! // #[test]
//! fn a_seed_is_always_the_same_run() {
//!     simulator::repetitions(SCENARIOS, 5);
//! }
//! # every_schedule_keeps_every_promise();
//! # a_seed_is_always_the_same_run();
//! ```
//!
//! `README.md` says what is real, what is simulated and which invariants are checked.

mod campaign;
pub mod cli;
mod clients;
mod consumer;
mod deployment;
mod dynamo;
mod faults;
mod lambda;
mod lists;
mod operator;
mod promises;
mod put_back;
mod queue;
mod reader;
mod run;
mod scenario;
mod schedules;
mod shelves;
mod stream;
mod subject;
mod trace;
mod workshop;
mod world;

pub use campaign::{Campaign, Summary};
pub use clients::{Client, Clients};
/// The source of all draws.
pub use fastrand::Rng;
pub use faults::{Counts, Fault};
pub use run::{Report, run, run_outage};
pub use scenario::Scenario;
pub use schedules::{repetitions, schedules};
pub use shelves::SHELVES;

use std::sync::Arc;

/// Returns a client of an empty simulated DynamoDB with these tables and without faults, to compare it with other engines.
///
/// It must be used in a `tokio` runtime.
#[must_use]
pub fn dynamodb(tables: impl IntoIterator<Item = tables::TableDefinition>) -> aws_sdk_dynamodb::Client {
    let world = Arc::new(world::World::quiet());
    tables.into_iter().for_each(|table| world.create(table));
    dynamo::client(&world)
}
