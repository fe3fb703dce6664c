use crate::recent::Recent;
use crate::{Consumed, Decider};
use commit::{CommandId, Fingerprint, Metadata, StreamId};
use jiff::Timestamp;
use std::fmt;
use std::time::Duration;

/// What comes with a command besides its content.
#[derive(Debug, Clone)]
pub struct CommandContext {
    /// What makes a repetition recognizable (G4).
    pub command_id: CommandId,
    /// What the command looks like: under one command id it must always be the same.
    pub fingerprint: Fingerprint,
    /// The commit time, taken once; stored in milliseconds. Nothing in the store depends on it.
    pub now: Timestamp,
    /// Who and why.
    pub metadata: Metadata,
}

impl CommandContext {
    /// Without metadata.
    #[must_use]
    pub fn new(command_id: CommandId, fingerprint: Fingerprint, now: Timestamp) -> Self {
        Self {
            command_id,
            fingerprint,
            now,
            metadata: Metadata::default(),
        }
    }

    /// For a command that nobody will repeat.
    #[must_use]
    pub fn unrepeatable(now: Timestamp) -> Self {
        Self::new(CommandId::random(), Fingerprint::of(&[]), now)
    }

    /// The time as it is stored, so that an answer and a later reading of it agree.
    pub(crate) fn time(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now.as_millisecond()).unwrap_or(self.now)
    }
}

/// What a command did.
pub struct Executed<D: Decider> {
    /// The stream.
    pub stream: StreamId,
    /// The state right after the command.
    pub state: D::State,
    /// The version right after the command: that of its last event.
    pub version: u64,
    /// What happened; empty when there was nothing to do.
    pub events: Vec<D::Event>,
    /// The commit time. When there was nothing to do: that of the last commit.
    pub time: Timestamp,
    /// The command had been done before, and this is what was answered then (G4), also when the stream has moved on.
    pub replayed: bool,
    /// What it cost.
    pub consumed: Consumed,
}

impl<D: Decider> fmt::Debug for Executed<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A state need not be printable.
        f.debug_struct("Executed")
            .field("stream", &self.stream)
            .field("version", &self.version)
            .field("events", &self.events)
            .field("time", &self.time)
            .field("replayed", &self.replayed)
            .field("consumed", &self.consumed)
            .finish_non_exhaustive()
    }
}

/// A state as it was read, and what [`EventStore::execute_loaded`](crate::EventStore::execute_loaded) decides on.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded<S> {
    /// The stream.
    pub stream: StreamId,
    /// The state; the default one when there is no such stream.
    pub state: S,
    /// The version of the last event; 0 when there is no such stream.
    pub version: u64,
    /// The time of the last commit.
    pub time: Option<Timestamp>,
    /// What reading it cost.
    pub consumed: Consumed,
    pub(crate) recent: Recent,
    pub(crate) commits_since_snapshot: u32,
}

/// The bounds of an [`EventStore`](crate::EventStore).
#[derive(Debug, Clone)]
pub struct Options {
    /// After how many refused appends in a row a command is given up with
    /// [`ExecuteError::Conflict`](crate::ExecuteError::Conflict). 12 outlasts twenty writers that hit one stream at once.
    pub max_attempts: u32,
    /// The longest pause before the third attempt; doubled up to 64 times, drawn between zero and that.
    pub backoff: Duration,
    /// The largest item, in bytes. DynamoDB's own limit is 400 KB; the margin is for attributes that may be added.
    pub item_limit: usize,
    /// How many streams are kept in memory; 0 for none. A kept stream saves the Query of its next command. With
    /// `cached_state_limit` it bounds the memory: 2,048 of 16 KB are 32 MB, most states have some hundred bytes.
    pub cached_streams: usize,
    /// For how long. The next command after it reads.
    pub cache_age: Duration,
    /// States larger than this many bytes are not kept, so that memory stays bounded on a small function.
    pub cached_state_limit: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_attempts: 12,
            backoff: Duration::from_millis(8),
            item_limit: 350 * 1024,
            cached_streams: 2048,
            cache_age: Duration::from_secs(300),
            cached_state_limit: 16 * 1024,
        }
    }
}
