use crate::__module__::{__Category__, __Category__Command};
__contracts__
use event_store::{EventStore, ExecuteError};
use function::Wiring;
use projection::{ApplyError, Cause, EffectError, Effects, Published, Reactor};
use std::fmt::Display;
use std::str::FromStr;
use uuid::Uuid;

/// What the reactor asks of its service.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Of whom.
    pub id: __Id__,
    /// What.
    pub command: __Category__Command,
}

/// Listens to __sources__: what begins there begins here.
#[derive(Debug, Clone, Copy)]
pub struct __Name__Reactor;

impl Reactor for __Name__Reactor {
    /// Nothing to remember. What a later event of the same stream needs goes here.
    type Document = ();
    type Command = Ask;
    const NAME: &'static str = "__name__-reactor";
    const SOURCES: &'static [&'static str] = &[__source_constants__];

    fn react((): &mut (), event: &Published<'_>) -> Result<Vec<Ask>, ApplyError> {
        // Types are listed one by one, so that the compiler asks what a new one means here.
        __react__
    }
}

/// Creates it under the UUID of what it is for, so that it is one however often it is asked for.
fn begin(uuid: Uuid, event: &Published<'_>) -> Result<Vec<Ask>, ApplyError> {
    let name = event.id().parse().map_err(rejected)?;
    Ok(vec![Ask {
        id: __Id__::from_uuid(uuid),
        command: __Category__Command::Create { name },
    }])
}

/// The id of the event's stream.
fn id<T: FromStr<Err: Display>>(event: &Published<'_>) -> Result<T, ApplyError> {
    event.id().parse().map_err(rejected)
}

fn rejected(reason: impl Display) -> ApplyError {
    ApplyError::rejected(reason.to_string())
}

/// Carries out what the reactor asks.
#[derive(Clone)]
pub struct __Name__Effects {
    store: EventStore<__Category__>,
}

impl __Name__Effects {
    /// On the service's own event table.
    #[must_use]
    pub fn new(wiring: &Wiring) -> Self {
        Self { store: wiring.store() }
    }
}

impl Effects<Ask> for __Name__Effects {
    async fn run(&self, Ask { id, command }: Ask, cause: &Cause) -> Result<(), EffectError> {
        // A creation is one put (1 WU) and recognized for ever; any other command for the next 16 commits of its stream. One that
        // adds something up has to know a later repetition by its state.
        let done = match &command {
            __Category__Command::Create { .. } => self.store.create(&id, &command, &cause.context()).await,
            _ => self.store.execute(&id, &command, &cause.context()).await,
        };
        match done {
            Ok(_) => Ok(()),
            // A refusal is an answer: asked again, it would be the same.
            Err(ExecuteError::Refused(error)) => {
                tracing::warn!(%id, %error, "what an event asks for was refused");
                Ok(())
            }
            Err(error) => Err(EffectError::Retry(error.to_string())),
        }
    }
}
