//! An event store on DynamoDB: one immutable item per commit, the snapshot inside it.
//!
//! A command costs one Query and one PutItem, 1 read unit and 1 write unit, for a stream of any length; or one PutItem
//! when the process used the stream recently (G5). There is no index, no second item, no transaction and no head row.
//!
//! Guarantees, and how they are kept: all events of a command or none (G1, one item) · one winner per version (G2, a
//! conditional write on the version of the commit's *first* event) · a lost reply is acknowledged, not repeated (G3,
//! the commit id in the item that refuses the retry) · a repeated command gets its first reply (G4, the command id in
//! that item, in those that a load folds, and in the snapshot).
//!
//! An aggregate is a [`Decider`]; an [`EventStore`] executes its commands; a [`CommitReader`] reads the published part.
//!
//! ```
//! use commit::{CommandId, Event, Fingerprint};
//! use event_store::{CommandContext, Decider, EventStore, ExecuteError, event_table};
//! use serde::{Deserialize, Serialize};
//!
//! // Events: these names are stored; version them with care.
//! #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
//! #[serde(tag = "t", content = "d")]
//! enum LampEvent {
//!     LampSwitchedOn { watts: u32 },
//!     LampSwitchedOff {},
//! }
//!
//! impl Event for LampEvent {
//!     const TYPES: &'static [(&'static str, u32)] = &[("LampSwitchedOn", 1), ("LampSwitchedOff", 1)];
//! }
//!
//! // State: what a decision needs.
//! #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
//! struct Lamp {
//!     on: bool,
//! }
//!
//! enum Command {
//!     SwitchOn { watts: u32 },
//!     SwitchOff,
//! }
//!
//! #[derive(Debug, PartialEq, thiserror::Error)]
//! #[error("{watts} watts are too many")]
//! struct TooBright {
//!     watts: u32,
//! }
//!
//! impl Decider for Lamp {
//!     type Id = str;
//!     type Command = Command;
//!     type Event = LampEvent;
//!     type State = Lamp;
//!     type Error = TooBright;
//!
//!     const CATEGORY: &'static str = "lamp";
//!     const STATE_SCHEMA: u32 = 1;
//!
//!     fn decide(lamp: &Lamp, command: &Command) -> Result<Vec<LampEvent>, TooBright> {
//!         match command {
//!             Command::SwitchOn { watts } if *watts > 100 => Err(TooBright { watts: *watts }),
//!             Command::SwitchOn { watts } if !lamp.on => Ok(vec![LampEvent::LampSwitchedOn { watts: *watts }]),
//!             Command::SwitchOff if lamp.on => Ok(vec![LampEvent::LampSwitchedOff {}]),
//!             _ => Ok(vec![]),
//!         }
//!     }
//!
//!     fn evolve(_: Lamp, event: &LampEvent) -> Lamp {
//!         Lamp { on: matches!(event, LampEvent::LampSwitchedOn { .. }) }
//!     }
//! }
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let dynamo = local_dynamodb::LocalDynamo::in_memory().await?;
//! event_table("lamps-events").create(&dynamo.client()).await?;
//! let lamps = EventStore::<Lamp>::new(dynamo.client(), "lamps-events");
//!
//! // The key under which a client may repeat its command, and a hash of the command.
//! let now = jiff::Timestamp::now();
//! let context = CommandContext::new(CommandId::derive(&["POST /lamps", "key"]), Fingerprint::of(&[b"40"]), now);
//! let done = lamps.execute("lmp_1", &Command::SwitchOn { watts: 40 }, &context).await?;
//! assert_eq!((done.version, done.state.on), (1, true));
//!
//! // A repeated command gets the same reply and has no second effect (G4).
//! let again = lamps.execute("lmp_1", &Command::SwitchOn { watts: 40 }, &context).await?;
//! assert!(again.replayed && again.version == 1);
//!
//! let refused = lamps.execute("lmp_1", &Command::SwitchOn { watts: 400 }, &CommandContext::unrepeatable(now)).await;
//! assert!(matches!(refused, Err(ExecuteError::Refused(TooBright { watts: 400 }))));
//! # anyhow::Ok(()) }).unwrap();
//! ```

mod append;
mod cache;
mod command;
mod consumed;
mod decider;
mod draft;
mod error;
mod item;
mod item_size;
mod known;
mod load;
mod mark;
mod reader;
mod recent;
mod report;
mod snapshot;
mod store;
mod stored;
mod table;
pub mod testing;
#[cfg(test)]
mod tests;
mod turns;

pub use command::{CommandContext, Executed, Loaded, Options};
pub use consumed::Consumed;
pub use decider::Decider;
pub use error::{ExecuteError, StoreError};
pub use item_size::item_size;
pub use reader::{CommitPage, CommitReader, KeyPage, ScanPage, ScanPosition};
pub use store::{Condition, EventStore};
pub use table::event_table;
