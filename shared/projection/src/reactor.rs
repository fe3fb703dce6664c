use crate::view::{ApplyError, Published};
use commit::{CommandId, Commit, Fingerprint, Metadata};
use event_store::CommandContext;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;

/// A reactor: the second kind of subscriber. The same queue, gate, heal and quarantine as a view, but what comes out is
/// commands to its own service.
///
/// Reactors are never part of a rebuild: side effects do not run again (G9).
pub trait Reactor: Send + Sync + 'static {
    /// Where the process stands, one per key. Often nothing (`()`) but the versions that the engine keeps.
    type Document: Default + Clone + Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static;

    /// What it asks of its own service.
    type Command: Clone + Send + Sync + 'static;

    /// The reactor's name: part of every effect's command id, so it is stored; never rename a deployed one.
    const NAME: &'static str;

    /// The stream categories that it listens to.
    const SOURCES: &'static [&'static str];

    /// Takes one event into account and says what is to be done. Pure.
    ///
    /// # Errors
    /// As for [`View::apply`](crate::View::apply).
    fn react(document: &mut Self::Document, event: &Published<'_>) -> Result<Vec<Self::Command>, ApplyError>;
}

/// What carries out a reactor's commands.
pub trait Effects<C>: Send + Sync + 'static {
    /// Runs one command. It is run at least once; under `cause.command_id` a second run must be recognized (G4), which
    /// is what the event store does with [`Cause::context`]: a creation for ever, any other command for the next 16 commits of
    /// its stream. A command that adds something up has to know a later repetition by its state.
    ///
    /// A command that is refused is an outcome: deal with it here and return `Ok`.
    ///
    /// # Errors
    /// [`EffectError::Retry`] for what is technical and may pass.
    fn run(&self, command: C, cause: &Cause) -> impl Future<Output = Result<(), EffectError>> + Send;
}

/// Why an effect did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EffectError {
    /// Technical. It is tried again at once a few times, then with the message; at the fourth delivery the document is
    /// quarantined instead.
    #[error("the effect failed and may be retried: {0}")]
    Retry(String),
}

/// What an effect answers, and what makes it recognizable when it is run again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Derived from the reactor's name, the source commit and the command's place in it: the same in every run.
    pub command_id: CommandId,
    /// The source commit's time.
    pub time: Timestamp,
    /// Actor: the reactor. Correlation and trace: the source's. Causation: the source commit.
    pub metadata: Metadata,
}

impl Cause {
    /// What the event store takes with a command. Its fingerprint says nothing but the command id: when a document has
    /// moved on between two runs and the second one asks for something else, the first one's effect stands.
    ///
    /// Its time is now, not the source's: a commit's time says when it was written, or every reaction to an order would
    /// seem to have happened when it was placed. A rerun is recognized by its command id and writes nothing.
    #[must_use]
    pub fn context(&self) -> CommandContext {
        CommandContext {
            command_id: self.command_id,
            fingerprint: Fingerprint::of(&[&self.command_id.bytes()]),
            now: Timestamp::now(),
            metadata: self.metadata.clone(),
        }
    }

    /// The cause of the `index`-th command that the event of this version set off.
    pub(crate) fn of(reactor: &str, commit: &Commit, version: u64, index: usize) -> Self {
        let commit_id = commit.id.to_string();
        // By event, not by commit: the second half of a commit that is applied alone gets the same ids.
        let place = format!("{version}.{index}");
        Self {
            command_id: CommandId::derive(&[reactor, &commit_id, &place]),
            time: commit.time,
            metadata: Metadata {
                actor: Some(reactor.to_owned()),
                correlation_id: commit.metadata.correlation_id.clone(),
                causation_id: Some(commit_id),
                traceparent: commit.metadata.traceparent.clone(),
            },
        }
    }
}
