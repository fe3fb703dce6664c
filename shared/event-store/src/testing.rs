//! Tests of deciders that read as sentences.
//!
//! `given(events).when(command).then(events)`, without a table, a runtime or a mock:
//!
//! ```
//! # use event_store::{Decider, testing::given};
//! # use serde::{Deserialize, Serialize};
//! # #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
//! # #[serde(tag = "t", content = "d")]
//! # enum DoorEvent { DoorOpened {}, DoorClosed {} }
//! # impl commit::Event for DoorEvent {
//! #     const TYPES: &'static [(&'static str, u32)] = &[("DoorOpened", 1), ("DoorClosed", 1)];
//! # }
//! # #[derive(Debug, PartialEq, thiserror::Error)]
//! # #[error("the door is open already")]
//! # struct AlreadyOpen;
//! # struct Door;
//! # struct Open;
//! # impl Decider for Door {
//! #     type Id = str; type Command = Open; type Event = DoorEvent; type State = bool; type Error = AlreadyOpen;
//! #     const CATEGORY: &'static str = "door"; const STATE_SCHEMA: u32 = 1;
//! #     fn decide(open: &bool, _: &Open) -> Result<Vec<DoorEvent>, AlreadyOpen> {
//! #         if *open { Err(AlreadyOpen) } else { Ok(vec![DoorEvent::DoorOpened {}]) }
//! #     }
//! #     fn evolve(_: bool, event: &DoorEvent) -> bool { *event == DoorEvent::DoorOpened {} }
//! # }
//! given::<Door>([]).when(Open).then([DoorEvent::DoorOpened {}]);
//! given::<Door>([DoorEvent::DoorOpened {}]).when(Open).then_error(AlreadyOpen);
//! ```

use crate::Decider;
use std::fmt::Debug;

/// The events before the command.
pub struct Given<D: Decider> {
    state: D::State,
}

/// The outcome of a command.
pub struct When<D: Decider> {
    outcome: Result<Vec<D::Event>, D::Error>,
    before: D::State,
}

/// Starts with these events; with none, the stream does not exist yet.
#[must_use]
pub fn given<D: Decider>(events: impl IntoIterator<Item = D::Event>) -> Given<D> {
    Given {
        state: fold::<D>(D::State::default(), &events.into_iter().collect::<Vec<_>>()),
    }
}

fn fold<D: Decider>(state: D::State, events: &[D::Event]) -> D::State {
    events.iter().fold(state, D::evolve)
}

impl<D: Decider> Given<D> {
    /// Decides on the command under test.
    #[must_use]
    pub fn when(self, command: D::Command) -> When<D> {
        When {
            outcome: D::decide(&self.state, &command),
            before: self.state,
        }
    }

    /// Returns the state after the events.
    #[must_use]
    pub fn state(self) -> D::State {
        self.state
    }
}

impl<D: Decider> When<D> {
    /// Asserts that the command led to exactly these events, in this order.
    ///
    /// # Panics
    /// When the events differ, or the command is refused.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = D::Event>) {
        let expected: Vec<_> = expected.into_iter().collect();
        match self.outcome {
            Ok(events) => assert_eq!(events, expected, "the command led to other events"),
            Err(refusal) => panic!("the command was refused: {refusal}"),
        }
    }

    /// Asserts that the command is accepted and leads to no events.
    ///
    /// # Panics
    /// When there are events, or the command is refused.
    #[track_caller]
    pub fn then_nothing(self) {
        self.then([]);
    }

    /// Asserts that the command is refused for this reason.
    ///
    /// # Panics
    /// When the command is accepted, or refused for another reason.
    #[track_caller]
    pub fn then_error(self, expected: D::Error)
    where
        D::Error: PartialEq + Debug,
    {
        match self.outcome {
            Ok(events) => panic!("the command was accepted: {events:?}"),
            Err(refusal) => assert_eq!(refusal, expected, "the command was refused for another reason"),
        }
    }

    /// Returns the state after the command.
    ///
    /// # Panics
    /// When the command is refused.
    #[track_caller]
    pub fn then_state(self) -> D::State {
        match self.outcome {
            Ok(events) => fold::<D>(self.before, &events),
            Err(refusal) => panic!("the command was refused: {refusal}"),
        }
    }
}
