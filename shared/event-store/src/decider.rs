use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::{Debug, Display};

/// One kind of aggregate: its state, its events, and its decisions.
///
/// Both functions are pure: no I/O, no clock, no randomness. Time and generated ids are passed in with the command.
/// This allows the store to decide again after a lost race, and to rebuild a state from its events at any time.
pub trait Decider: Send + Sync + 'static {
    /// The id of an aggregate, for example an `OrderId`. Its text is the id of the stream, so a change of the text
    /// loses the streams. Use `str` where an id is any text.
    type Id: Display + Send + Sync + ?Sized;
    /// The commands.
    type Command: Send + Sync;
    /// The events.
    type Event: commit::Event + Clone + Debug + PartialEq + Send + Sync;
    /// The state that decisions need. Keep it small: a state of up to about 500 bytes is stored with every commit at no
    /// extra cost.
    type State: Default + Clone + Serialize + DeserializeOwned + Send + Sync;
    /// The reason of a refusal.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The category of the streams, for example `order`.
    const CATEGORY: &'static str;

    /// The version of the state's schema *and meaning*. Raise it whenever [`Self::State`] or [`Self::evolve`] changes:
    /// snapshots of other versions are then ignored and the state is folded from the events.
    const STATE_SCHEMA: u32;

    /// The maximum number of commits between two snapshots, and so the number of items that a cold load reads.
    ///
    /// 4 suits states that cost nothing extra: four items of up to 1 KB are one read unit. For a larger state the
    /// cheapest value is near `√(20 · state bytes / commit bytes)`, about 8 for 2 KB.
    const SNAPSHOT_EVERY: u32 = 4;

    /// Decides on `command` in `state`: returns events, an empty list when there is nothing to do (which costs no
    /// write), or a refusal.
    ///
    /// # Errors
    /// The reason of the refusal.
    fn decide(state: &Self::State, command: &Self::Command) -> Result<Vec<Self::Event>, Self::Error>;

    /// Returns the state after `event`. It cannot fail: an event that is stored cannot be refused.
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;
}
