//! An event store on DynamoDB: one immutable item per commit.

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
mod reader;
mod recent;
mod snapshot;
mod store;
mod table;
pub mod testing;

pub use command::{CommandContext, Executed, Loaded, Options};
pub use consumed::Consumed;
pub use decider::Decider;
pub use error::{ExecuteError, StoreError};
pub use reader::{CommitPage, CommitReader, KeyPage, ScanPosition};
pub use store::EventStore;
pub use table::{IndexDefinition, KeyAttribute, KeyKind, TableDefinition, event_table};
