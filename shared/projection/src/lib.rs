//! Builds views from commits: gate, heal, quarantine, generations, reactors.
//!
//! A message is a hint that usually carries the commit; the event table is authoritative. A [`Projector`] takes batches
//! of queue messages and keeps one document per key; [`ViewReader`] reads the documents; a [`ReactorRunner`] is the
//! same engine, but it sends commands to its own service. Correctness does not depend on order, on exactly-once
//! delivery, or on a message arriving at all (G6): every document contains the last version that it has of each source,
//! so a duplicate is dropped, a gap is healed by one consistent Query, and an event that cannot be applied is
//! quarantined for its document and source alone (G7).
//!
//! A view is a pure fold. The engine does everything else:
//!
//! ```
//! use commit::{Commit, CommandId, CommitId, Event, Metadata, Parcel};
//! use local_dynamodb::LocalDynamo;
//! use projection::testing::{batch, message};
//! use projection::{
//!     ApplyError, BatchHandler, Options, Projector, Published, ReadYourWrites, Uses, View, ViewReader,
//! };
//! use serde::{Deserialize, Serialize};
//! use testkit::Bench;
//!
//! #[derive(Serialize, Deserialize)]
//! #[serde(tag = "t", content = "d")]
//! enum LampEvent {
//!     SwitchedOn {},
//! }
//! impl Event for LampEvent {
//!     const TYPES: &'static [(&'static str, u32)] = &[("SwitchedOn", 1)];
//! }
//!
//! /// How often each lamp was switched on.
//! struct Lamps;
//! impl View for Lamps {
//!     type Document = u64;
//!     const NAME: &'static str = "lamps";
//!     const SOURCES: &'static [&'static str] = &["lamp"];
//!     const USES: Uses = Uses::NOTHING;
//!
//!     fn apply(count: &mut u64, event: &Published<'_>) -> Result<(), ApplyError> {
//!         let LampEvent::SwitchedOn {} = event.decode()?;
//!         *count += 1;
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> anyhow::Result<()> {
//! let dynamo = LocalDynamo::in_memory().await?;
//! let bench = Bench::create(dynamo.client(), "lamps", Lamps::FILTERS).await?;
//! let commit = Commit {
//!     stream: "lamp#kitchen".parse()?,
//!     first: 1,
//!     count: 1,
//!     id: CommitId::random(),
//!     command_id: CommandId::random(),
//!     previous: None,
//!     time: "2026-11-23T12:00:00Z".parse()?,
//!     metadata: Metadata::default(),
//!     events: vec![LampEvent::SwitchedOn {}.encode()?],
//! };
//! bench.store(&[commit.clone()]).await?;
//!
//! let sources = bench.sources(Lamps::SOURCES);
//! let lamps = Projector::<Lamps>::new(
//!     dynamo.client(),
//!     &bench.view_table,
//!     sources.clone(),
//!     Options::default(),
//! );
//! // Delivered twice, counted once.
//! for id in ["message-1", "message-2"] {
//!     lamps.handle(batch(vec![message(id, 1, vec![Parcel::Whole(commit.clone())])])).await;
//! }
//!
//! let reader = ViewReader::<Lamps>::new(dynamo.client(), &bench.view_table, sources);
//! let kitchen = reader.get("kitchen", &ReadYourWrites::default()).await?;
//! assert_eq!(kitchen.map(|fresh| fresh.document), Some(1));
//! # Ok(()) }
//! ```

mod batch;
mod combine;
mod deadline;
mod definition;
mod derived;
mod due;
mod engine;
mod failure;
mod gate;
mod history;
mod item;
mod job;
mod journal;
mod ledger;
mod mark;
#[cfg(feature = "mutations")]
pub mod mutation;
#[cfg(not(feature = "mutations"))]
mod mutation;
pub mod operations;
mod options;
mod outcome;
mod overdue;
mod pause;
mod projector;
mod reactor;
mod read;
mod registry;
mod report;
mod skips;
mod source;
mod state;
mod stored;
mod subscriber;
pub mod sweep;
mod table;
pub mod testing;
mod uses;
mod view;
mod work;
mod write;

pub use deadline::Deadline;
pub use definition::view_table;
pub use derived::{Index, Row, Tally};
pub use options::Options;
pub use pause::pause;
pub use projector::{BatchHandler, Projector, ReactorRunner};
pub use reactor::{Cause, EffectError, Effects, Reactor};
pub use read::{
    Condition, Filter, Fresh, IndexQuery, Page, Position, ReadError, ReadYourWrites, RowPage, RowPosition,
    RowRange, RowsQuery, Tallied, ViewReader, tell_filled,
};
pub use report::BatchReport;
pub use source::{CommitSource, SourceError, Sources};
pub use uses::Uses;
pub use view::{ApplyError, Published, View};
pub use write::Quarantined;
