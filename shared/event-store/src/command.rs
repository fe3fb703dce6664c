use crate::recent::Recent;
use crate::{Consumed, Decider};
use commit::{CommandId, Fingerprint, Head, Metadata, StreamId};
use jiff::Timestamp;
use std::fmt;
use std::time::Duration;

/// The context of a command: all that it carries besides its content.
#[derive(Debug, Clone)]
pub struct CommandContext {
    /// The id by which a repeated command is recognized (G4).
    pub command_id: CommandId,
    /// A hash of the command's content. It must always be the same under one command id.
    pub fingerprint: Fingerprint,
    /// The commit time, taken once and stored in milliseconds. Nothing in the store depends on it.
    pub now: Timestamp,
    /// The actor, and the ids that connect the commit to others.
    pub metadata: Metadata,
    /// Whether it is remembered even if it leads to no event: for commands with a client's key. It costs 1 read unit when the
    /// command leads to events or is refused, and 1 write unit when it does not.
    pub keyed: bool,
}

impl CommandContext {
    /// Creates a context without metadata, for a command that is remembered if it leads to events.
    #[must_use]
    pub fn new(command_id: CommandId, fingerprint: Fingerprint, now: Timestamp) -> Self {
        Self {
            command_id,
            fingerprint,
            now,
            metadata: Metadata::default(),
            keyed: false,
        }
    }

    /// Returns the context of a command under a client's key: it is remembered even if it leads to no event (G4).
    #[must_use]
    pub fn keyed(self) -> Self {
        Self { keyed: true, ..self }
    }

    /// Creates a context for a command that is never repeated.
    #[must_use]
    pub fn unrepeatable(now: Timestamp) -> Self {
        Self::new(CommandId::random(), Fingerprint::of(&[]), now)
    }

    /// Returns the time as it is stored, so that a reply and a later read agree.
    pub(crate) fn time(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now.as_millisecond()).unwrap_or(self.now)
    }
}

/// The result of a command.
pub struct Executed<D: Decider> {
    /// The stream.
    pub stream: StreamId,
    /// The state right after the command.
    pub state: D::State,
    /// The version right after the command: the version of its last event.
    pub version: u64,
    /// The events; empty when there was nothing to do.
    pub events: Vec<D::Event>,
    /// The commit time; the time of the last commit when there was nothing to do.
    pub time: Timestamp,
    /// Whether the command had been executed before. If so, this is the reply of that time (G4), even when the stream
    /// has more commits since.
    pub replayed: bool,
    /// The cost of the command.
    pub consumed: Consumed,
}

impl<D: Decider> fmt::Debug for Executed<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `D::State` need not implement `Debug`.
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

/// A loaded state, on which [`EventStore::execute_loaded`](crate::EventStore::execute_loaded) decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded<S> {
    /// The stream.
    pub stream: StreamId,
    /// The state; the default state when the stream does not exist.
    pub state: S,
    /// The version of the last event; 0 when the stream does not exist.
    pub version: u64,
    /// The time of the last commit.
    pub time: Option<Timestamp>,
    /// The cost of the load.
    pub consumed: Consumed,
    pub(crate) head: Option<Head>,
    pub(crate) recent: Recent,
    pub(crate) commits_since_snapshot: u32,
}

/// The limits of an [`EventStore`](crate::EventStore).
#[derive(Debug, Clone)]
pub struct Options {
    /// The number of refused appends after which a command fails with
    /// [`ExecuteError::Conflict`](crate::ExecuteError::Conflict). 12 is enough for twenty writers that append to one
    /// stream at once.
    pub max_attempts: u32,
    /// The longest pause before the third attempt. It doubles with each further attempt, up to 64-fold; the pause is drawn
    /// between zero and it.
    pub backoff: Duration,
    /// The maximum size of an item, in bytes. DynamoDB's own limit is 400 KB; the margin is for attributes that may be
    /// added.
    pub item_limit: usize,
    /// The number of streams kept in memory; 0 for none. A cached stream saves the Query of its next command. With
    /// `cached_state_limit` it limits the memory: 2,048 states of 16 KB are 32 MB; most states have some hundred bytes.
    pub cached_streams: usize,
    /// How long a stream is kept after its last commit. The next command after that time reads it again.
    ///
    /// An event table that was put back to an earlier time must see no command for this long, because a state that is
    /// newer than the table would be appended to (G16, `docs/runbook.md`).
    pub cache_age: Duration,
    /// States larger than this number of bytes are not kept, so that memory stays limited on a small function.
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
