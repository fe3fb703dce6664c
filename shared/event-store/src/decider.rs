use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::{Debug, Display};

/// One kind of aggregate: what it remembers, what may happen to it, and how it decides.
///
/// Both functions are pure: no I/O, no clock, no randomness. Time and generated ids come in with the command. That is
/// what allows the store to decide again after a lost race, and to rebuild a state from its events at any time.
pub trait Decider: Send + Sync + 'static {
    /// What names one of them, for example an `OrderId`: its text is the id of the stream, so a change of the text loses the
    /// streams. `str` where an id is any text.
    type Id: Display + Send + Sync + ?Sized;
    /// What it can be asked to do.
    type Command: Send + Sync;
    /// What can have happened to it.
    type Event: commit::Event + Clone + Debug + PartialEq + Send + Sync;
    /// What it must remember in order to decide. Keep it small: up to about 500 bytes ride on every commit for free.
    type State: Default + Clone + Serialize + DeserializeOwned + Send + Sync;
    /// Why it says no.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The category of its streams, for example `order`.
    const CATEGORY: &'static str;

    /// The version of the state's schema *and meaning*. Raise it whenever [`Self::State`] or [`Self::evolve`] changes:
    /// snapshots of other versions are then ignored and the state is folded from the events.
    const STATE_SCHEMA: u32;

    /// At the latest every how many commits a snapshot is written, and so how many items a cold load reads.
    ///
    /// 4 suits states that ride for free: four items of up to 1 KB are one read unit. For a larger state the cheapest is
    /// near `√(20 · state bytes / commit bytes)`, about 8 for 2 KB.
    const SNAPSHOT_EVERY: u32 = 4;

    /// What happens when `command` meets `state`: nothing (an empty list, which costs no write), events, or a refusal.
    ///
    /// # Errors
    /// The reason of the refusal.
    fn decide(state: &Self::State, command: &Self::Command) -> Result<Vec<Self::Event>, Self::Error>;

    /// The state after `event`. Total: what has happened cannot be refused.
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;
}
