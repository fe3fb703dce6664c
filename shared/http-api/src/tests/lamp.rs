//! An aggregate for tests of responses to commands.

use crate::{Code, Problem};
use commit::Event;
use event_store::{Consumed, Decider, Executed};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) struct Lamp;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "d")]
pub(crate) enum LampEvent {
    SwitchedOn {},
}

impl Event for LampEvent {
    const TYPES: &'static [(&'static str, u32)] = &[("SwitchedOn", 1)];
}

#[derive(Debug, thiserror::Error)]
#[error("no bulb")]
pub(crate) struct NoBulb;

impl From<NoBulb> for Problem {
    fn from(_: NoBulb) -> Self {
        Code::conflict("NO_BULB", "the lamp has no bulb").problem("The lamp has no bulb.")
    }
}

impl Decider for Lamp {
    type Id = str;
    type Command = ();
    type Event = LampEvent;
    type State = ();
    type Error = NoBulb;
    const CATEGORY: &'static str = "lamp";
    const STATE_SCHEMA: u32 = 1;
    fn decide((): &(), (): &()) -> Result<Vec<LampEvent>, NoBulb> {
        Ok(vec![LampEvent::SwitchedOn {}])
    }
    fn evolve((): (), _: &LampEvent) {}
}

/// Returns the result of a command of the lamp.
pub(crate) fn executed(replayed: bool, version: u64) -> Executed<Lamp> {
    Executed {
        stream: "lamp#lamp_1".parse().unwrap(),
        state: (),
        version,
        events: vec![LampEvent::SwitchedOn {}],
        time: Timestamp::UNIX_EPOCH,
        replayed,
        consumed: Consumed {
            calls: 2,
            read_units: 1.0,
            write_units: 1.0,
        },
    }
}
