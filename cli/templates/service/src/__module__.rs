//! The aggregate: it has a name that can be changed until it is closed.

use contracts::__module__::{CATEGORY, __Category__Event, __Category__Name};
use contracts::__Id__;
use event_store::Decider;
use serde::{Deserialize, Serialize};

/// The state that decisions and answers need; empty before the creation.
///
/// The names are stored in snapshots; a change of their meaning requires a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct __Category__State(pub Option<__Category__Details>);

/// The details of one __thing__ that exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct __Category__Details {
    /// The name.
    pub name: __Category__Name,
    /// Whether it is closed, which is permanent.
    pub closed: bool,
}

/// The commands of one __thing__.
#[derive(Debug, Clone, PartialEq)]
pub enum __Category__Command {
    /// Creates it.
    Create {
        /// The name.
        name: __Category__Name,
    },
    /// Changes the name.
    Rename {
        /// The new name.
        name: __Category__Name,
    },
    /// Closes it permanently.
    Close,
}

/// Why it refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum __Category__Error {
    /// Another command created one under this id.
    #[error("the id is already in use")]
    Exists,
    /// Nothing exists under this id.
    #[error("nothing exists under this id")]
    NotCreated,
    /// It is closed and cannot be changed.
    #[error("it is closed and cannot be changed")]
    Closed,
}

/// The decider of the aggregate.
#[derive(Debug)]
pub struct __Category__;

impl Decider for __Category__ {
    type Id = __Id__;
    type Command = __Category__Command;
    type Event = __Category__Event;
    type State = __Category__State;
    type Error = __Category__Error;

    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 1;

    fn decide(
        __Category__State(state): &__Category__State,
        command: &__Category__Command,
    ) -> Result<Vec<__Category__Event>, __Category__Error> {
        let Some(details) = state else {
            return match command {
                __Category__Command::Create { name } => Ok(vec![__Category__Event::__Category__Created { name: name.clone() }]),
                _ => Err(__Category__Error::NotCreated),
            };
        };
        match command {
            __Category__Command::Create { .. } => Err(__Category__Error::Exists),
            // Already closed: the command succeeds without an event.
            __Category__Command::Close if details.closed => Ok(vec![]),
            __Category__Command::Close => Ok(vec![__Category__Event::__Category__Closed {}]),
            _ if details.closed => Err(__Category__Error::Closed),
            __Category__Command::Rename { name } if *name == details.name => Ok(vec![]),
            __Category__Command::Rename { name } => Ok(vec![__Category__Event::__Category__Renamed { name: name.clone() }]),
        }
    }

    fn evolve(__Category__State(state): __Category__State, event: &__Category__Event) -> __Category__State {
        __Category__State(match event {
            __Category__Event::__Category__Created { name } => Some(__Category__Details { name: name.clone(), closed: false }),
            __Category__Event::__Category__Renamed { name } => {
                state.map(|details| __Category__Details { name: name.clone(), ..details })
            }
            __Category__Event::__Category__Closed {} => state.map(|details| __Category__Details { closed: true, ..details }),
        })
    }
}
