//! From commits to views: gate, heal, quarantine, generations, reactors.

mod derived;
mod projector;
mod reactor;
mod read;
mod source;
pub mod testing;
mod view;

pub use derived::{Index, Row, Tally};
pub use projector::{BatchHandler, Options, Projector, ReactorRunner};
pub use reactor::{Cause, EffectError, Effects, Reactor};
pub use read::{Condition, Filter, Fresh, IndexQuery, Page, Position, ReadError, ReadYourWrites, ViewReader};
pub use source::{CommitSource, SourceError, Sources};
pub use view::{ApplyError, Published, View};
