//! An aggregate for tests: a jar of coins with a note on it, whose length is the size of the state.

use crate::Decider;
use commit::{CodecError, Event};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "d")]
pub(crate) enum JarEvent {
    CoinsAdded { coins: u64, label: String },
    CoinsTaken { coins: u64 },
    NoteWritten { text: String },
}

impl Event for JarEvent {
    const TYPES: &'static [(&'static str, u32)] = &[("CoinsAdded", 2), ("CoinsTaken", 1), ("NoteWritten", 1)];

    fn upcast(kind: &str, schema: u32, data: Value) -> Result<Value, CodecError> {
        match (kind, schema) {
            // Version 1 had no label.
            ("CoinsAdded", 1) => Ok(json!({ "coins": data["coins"], "label": "" })),
            _ => Err(CodecError::UnknownSchema {
                kind: kind.to_owned(),
                schema,
            }),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Command {
    /// Adds coins; each number is an event.
    Add(Vec<u64>),
    /// Adds coins with a label of this many bytes.
    AddLabelled(u64, usize),
    Take(u64),
    /// Writes a note of this many bytes.
    Write(usize),
    /// Writes a note unless there is one of this length.
    WriteOnce(usize),
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) coins: u64,
    pub(crate) note: String,
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("there are only {coins} coins")]
pub(crate) struct TooFew {
    pub(crate) coins: u64,
}

/// The decider, with the schema version and the snapshot interval as parameters.
pub(crate) struct JarOf<const SCHEMA: u32, const EVERY: u32>;

pub(crate) type Jar = JarOf<1, 4>;
/// The same streams in code with another state schema.
pub(crate) type NewerJar = JarOf<2, 4>;

impl<const SCHEMA: u32, const EVERY: u32> Decider for JarOf<SCHEMA, EVERY> {
    type Id = str;
    type Command = Command;
    type Event = JarEvent;
    type State = State;
    type Error = TooFew;

    const CATEGORY: &'static str = "jar";
    const STATE_SCHEMA: u32 = SCHEMA;
    const SNAPSHOT_EVERY: u32 = EVERY;

    fn decide(state: &State, command: &Command) -> Result<Vec<JarEvent>, TooFew> {
        let added = |coins: u64, bytes: usize| JarEvent::CoinsAdded {
            coins,
            label: "l".repeat(bytes),
        };
        let written = |bytes: usize| JarEvent::NoteWritten {
            text: "n".repeat(bytes),
        };
        Ok(match command {
            Command::Add(all) => all.iter().map(|coins| added(*coins, 0)).collect(),
            Command::AddLabelled(coins, bytes) => vec![added(*coins, *bytes)],
            Command::Take(coins) if *coins > state.coins => return Err(TooFew { coins: state.coins }),
            Command::Take(coins) => vec![JarEvent::CoinsTaken { coins: *coins }],
            Command::Write(bytes) => vec![written(*bytes)],
            Command::WriteOnce(bytes) if state.note.len() == *bytes => vec![],
            Command::WriteOnce(bytes) => vec![written(*bytes)],
        })
    }

    fn evolve(mut state: State, event: &JarEvent) -> State {
        match event {
            JarEvent::CoinsAdded { coins, .. } => state.coins += coins,
            JarEvent::CoinsTaken { coins } => state.coins -= coins,
            JarEvent::NoteWritten { text } => state.note.clone_from(text),
        }
        state
    }
}

pub(crate) fn add(coins: u64) -> Command {
    Command::Add(vec![coins])
}
