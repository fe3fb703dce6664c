//! The commit: what the event store writes, the relay sends, and the projections read.
//!
//! A [`Commit`] contains all events of one command on one stream. This crate defines its format and does no I/O, so
//! publishers and subscribers share it without depending on one another.
//!
//! ```
//! use commit::{Commit, Event, EventData, StreamId};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! #[serde(tag = "t", content = "d")]
//! enum LampEvent {
//!     LampSwitchedOn { watts: u32 },
//! }
//!
//! impl Event for LampEvent {
//!     const TYPES: &'static [(&'static str, u32)] = &[("LampSwitchedOn", 1)];
//! }
//!
//! let stored: EventData = LampEvent::LampSwitchedOn { watts: 40 }.encode()?;
//! assert_eq!((stored.kind.as_str(), stored.schema), ("LampSwitchedOn", 1));
//! assert_eq!(LampEvent::decode(&stored)?, LampEvent::LampSwitchedOn { watts: 40 });
//! # Ok::<(), commit::CodecError>(())
//! ```

mod event;
mod fault;
mod head;
mod identity;
mod lane;
mod message;
mod metadata;
mod stream_id;

pub use event::{CodecError, Event, EventData};
pub use fault::fault;
pub use head::{Head, InvalidHead};
pub use identity::{CommandId, CommitId, Fingerprint, InvalidIdentity, InvalidLink, Link};
pub use lane::lane;
pub use message::{CommitKey, Message, Parcel};
pub use metadata::Metadata;
pub use stream_id::{InvalidStreamId, MARKS, StreamId};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// All events of one command, stored and delivered together (G1).
///
/// The names are short because they are billed: they are the attribute names of the item in the event table and the
/// field names of a queue message. They are stored; version them with care. What is private to the service (the
/// snapshot, the body's fingerprint) is not part of this type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Commit {
    /// The stream it belongs to.
    #[serde(rename = "pk")]
    pub stream: StreamId,
    /// The version of its first event, from 1.
    #[serde(rename = "sk")]
    pub first: u64,
    /// The number of its events, at least 1.
    #[serde(rename = "n")]
    pub count: u64,
    /// The unique id of the commit.
    #[serde(rename = "i")]
    pub id: CommitId,
    /// The command that caused the commit. A retry is recognized by it (G4).
    #[serde(rename = "c")]
    pub command_id: CommandId,
    /// The end of the id of the commit before this one in the stream: the chain, by which a reader notices that the history
    /// is no longer the one that it knows (G16). `None` for the first commit of a stream, and for commits stored before
    /// there was a chain.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Link>,
    /// The time at which the command function received the command, in epoch milliseconds. It is the only time that a
    /// view may use (G8).
    #[serde(rename = "t", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub time: Timestamp,
    /// The actor, and the ids that connect the commit to others.
    #[serde(rename = "m", default)]
    pub metadata: Metadata,
    /// The events, in order.
    #[serde(rename = "e")]
    pub events: Vec<EventData>,
}

impl Commit {
    /// Returns the version of the commit's last event.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.first + self.count.saturating_sub(1)
    }

    /// Returns the commit's place in its stream, without the events.
    #[must_use]
    pub fn key(&self) -> CommitKey {
        CommitKey {
            stream: self.stream.clone(),
            first: self.first,
            count: self.count,
            time: self.time,
            id: Some(self.id),
        }
    }

    /// Returns the commit's place and id, for a reader that ends here for now.
    #[must_use]
    pub fn head(&self) -> Head {
        Head {
            first: self.first,
            id: self.id,
        }
    }

    /// Returns the events with the version of each.
    pub fn versioned(&self) -> impl Iterator<Item = (u64, &EventData)> {
        (self.first..).zip(&self.events)
    }
}
