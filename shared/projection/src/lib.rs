//! From commits to views: gate, heal, quarantine, generations, reactors.

mod batch;
mod definition;
mod derived;
mod engine;
mod gate;
mod item;
mod ledger;
mod projector;
mod reactor;
mod read;
mod registry;
mod report;
mod source;
mod state;
mod subscriber;
pub mod sweep;
mod table;
pub mod testing;
mod view;
mod work;
mod write;

pub use definition::view_table;
pub use derived::{Index, Row, Tally};
pub use projector::{
    BatchHandler, Options, Projector, QuarantineError, ReactorRunner, RecoverError, Recovered,
};
pub use reactor::{Cause, EffectError, Effects, Reactor};
pub use read::{Condition, Filter, Fresh, IndexQuery, Page, Position, ReadError, ReadYourWrites, ViewReader};
pub use report::BatchReport;
pub use source::{CommitSource, SourceError, Sources};
pub use view::{ApplyError, Published, View};
pub use write::Quarantined;
