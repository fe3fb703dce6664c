use crate::__module__::{__Category__, __Category__Command};
__contracts__
use event_store::{EventStore, ExecuteError};
use function::Wiring;
use projection::{ApplyError, Cause, EffectError, Effects, Published, Reactor};
use std::fmt::Display;
use std::str::FromStr;
use uuid::Uuid;

/// A command of the reactor to its own service.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The id of the aggregate.
    pub id: __Id__,
    /// The command.
    pub command: __Category__Command,
}

/// The reactor that consumes the events of __sources__. An event of a source's first type creates an aggregate.
#[derive(Debug, Clone, Copy)]
pub struct __Name__Reactor;

impl Reactor for __Name__Reactor {
    /// Empty: each event determines the command by itself. Store here what a later event of the same stream needs.
    type Document = ();
    type Command = Ask;
    const NAME: &'static str = "__name__-reactor";
    const SOURCES: &'static [&'static str] = &[__source_constants__];

    fn react((): &mut (), event: &Published<'_>) -> Result<Vec<Ask>, ApplyError> {
        // Lists every type, so that the compiler reports a new one.
        __react__
    }
}

/// Returns the command that creates an aggregate under the UUID of the source stream, so that repetitions create only one.
fn begin(uuid: Uuid, event: &Published<'_>) -> Result<Vec<Ask>, ApplyError> {
    let name = event.id().parse().map_err(rejected)?;
    Ok(vec![Ask {
        id: __Id__::from_uuid(uuid),
        command: __Category__Command::Create { name },
    }])
}

/// Parses the id of the event's stream.
fn id<T: FromStr<Err: Display>>(event: &Published<'_>) -> Result<T, ApplyError> {
    event.id().parse().map_err(rejected)
}

fn rejected(reason: impl Display) -> ApplyError {
    ApplyError::rejected(reason.to_string())
}

/// Executes the reactor's commands.
#[derive(Clone)]
pub struct __Name__Effects {
    store: EventStore<__Category__>,
}

impl __Name__Effects {
    /// Returns the effects on the service's own event table.
    #[must_use]
    pub fn new(wiring: &Wiring) -> Self {
        Self { store: wiring.store() }
    }
}

impl Effects<Ask> for __Name__Effects {
    async fn run(&self, Ask { id, command }: Ask, cause: &Cause) -> Result<(), EffectError> {
        // A creation is one put (1 WU), and its repetition is always recognized. A repetition of any other command is recognized
        // within the next 16 commits of its stream. A command that adds to a sum needs a state that recognizes later repetitions.
        let done = match &command {
            __Category__Command::Create { .. } => self.store.create(&id, &command, &cause.context()).await,
            _ => self.store.execute(&id, &command, &cause.context()).await,
        };
        match done {
            Ok(_) => Ok(()),
            // A refusal is final: the same command would be refused again.
            Err(ExecuteError::Refused(error)) => {
                tracing::warn!(%id, %error, "a command of the reactor was refused");
                Ok(())
            }
            Err(error) => Err(EffectError::Retry(error.to_string())),
        }
    }
}
