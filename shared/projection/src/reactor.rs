use crate::deadline::{self, Deadline};
use crate::view::{ApplyError, Published};
use commit::{CommandId, Commit, Fingerprint, Metadata};
use event_store::CommandContext;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;

/// A reactor: the second kind of subscriber. It has the same queue, gate, heal and quarantine as a view, but its output
/// is commands to its own service.
///
/// Reactors are never rebuilt: side effects must not run again (G9).
pub trait Reactor: Send + Sync + 'static {
    /// The state of the process, one per key. Often nothing (`()`) but the versions that the engine keeps.
    type Document: Default + Clone + Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static;

    /// The commands to its own service.
    type Command: Clone + Send + Sync + 'static;

    /// The reactor's name. It is part of every effect's command id and is stored; never rename a deployed one.
    const NAME: &'static str;

    /// The stream categories that the reactor subscribes to.
    const SOURCES: &'static [&'static str];

    /// Applies one event and returns the commands to be run. Pure.
    ///
    /// # Errors
    /// See [`View::apply`](crate::View::apply).
    fn react(document: &mut Self::Document, event: &Published<'_>) -> Result<Vec<Self::Command>, ApplyError>;

    /// Returns what the process waits for, and until when. Pure: a time is that of an event in the document, and a constant.
    /// To ask again after a deadline was answered, the document states a later time.
    ///
    /// A document whose deadlines change is written in a transaction with an entry for each change: 2 write units for the
    /// document and 2 for each entry, instead of 1. A reactor without deadlines costs nothing more.
    fn due(document: &Self::Document) -> Vec<Deadline> {
        let _ = document;
        Vec::new()
    }

    /// Returns the commands that answer a deadline of the document with this key. Pure. It is called when the time has passed,
    /// every source of the document was read to its end, and the document still states the deadline.
    ///
    /// What would have met the deadline may be committed at the same moment, so the command's decider decides what was first.
    /// A command may run again, under the same id.
    ///
    /// # Errors
    /// An error is a defect: the deadline stays due, is tried again each minute, and counts as overdue.
    fn overdue(
        document: &Self::Document,
        key: &str,
        deadline: &Deadline,
    ) -> Result<Vec<Self::Command>, ApplyError> {
        let _ = (document, key, deadline);
        Ok(Vec::new())
    }
}

/// Executes a reactor's commands.
pub trait Effects<C>: Send + Sync + 'static {
    /// Runs one command. It is run at least once; a second run under `cause.command_id` must be recognized (G4). The
    /// event store does so with [`Cause::context`]: a creation is always recognized, any other command for the next 16
    /// commits of its stream. A command that adds something up must recognize a later repetition by its state.
    ///
    /// A refused command is a result: handle it here and return `Ok`.
    ///
    /// # Errors
    /// [`EffectError::Retry`] for technical errors that may be temporary.
    fn run(&self, command: C, cause: &Cause) -> impl Future<Output = Result<(), EffectError>> + Send;
}

/// The error of an effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EffectError {
    /// A technical error. The effect is retried at once a few times, then with the message; at the fourth delivery the
    /// document is parked, and the effect is retried with growing pauses of up to 15 minutes, until it succeeds.
    #[error("the effect failed and may be retried: {0}")]
    Retry(String),
}

/// The cause of an effect, and the id by which a repeated run is recognized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The id derived from the reactor's name, the source commit or the deadline, and the command's index: the same in
    /// every run.
    pub command_id: CommandId,
    /// The source commit's time, or that of the deadline.
    pub time: Timestamp,
    /// The time of this run, by the engine's clock ([`Options::clock`](crate::Options::clock)).
    pub now: Timestamp,
    /// The reactor as actor, the source's caller, correlation and trace, and the source commit as causation. For a deadline, only the
    /// actor is there.
    pub metadata: Metadata,
}

impl Cause {
    /// Returns the context for the event store. Its fingerprint depends on the command id alone: when a document has
    /// changed between two runs and the second run requests something else, the effect of the first run remains.
    ///
    /// Its time is now and not the source's, because a commit's time is when it was written; otherwise every reaction
    /// to an order would seem to have happened when the order was placed. A repeated run is recognized by its command
    /// id and writes nothing.
    #[must_use]
    pub fn context(&self) -> CommandContext {
        CommandContext {
            command_id: self.command_id,
            fingerprint: Fingerprint::of(&[&self.command_id.bytes()]),
            // A reactor's document remembers what was asked.
            keyed: false,
            now: self.now,
            metadata: self.metadata.clone(),
        }
    }

    /// Returns the cause of the `index`-th command that answers a deadline of this document.
    pub(crate) fn of_deadline(reactor: &str, document: &str, deadline: &Deadline, index: usize) -> Self {
        Self {
            command_id: deadline::command_id(reactor, document, deadline, index),
            time: deadline.time,
            now: deadline.time,
            metadata: Metadata {
                actor: Some(reactor.to_owned()),
                ..Metadata::default()
            },
        }
    }

    /// Returns the cause of the `index`-th command for the event of this version. The engine sets the time of the run.
    pub(crate) fn of(reactor: &str, commit: &Commit, version: u64, index: usize) -> Self {
        let commit_id = commit.id.to_string();
        // The id depends on the event and not on the commit, so the second half of a commit that is applied alone gets
        // the same ids.
        let place = format!("{version}.{index}");
        let metadata = &commit.metadata;
        // A commit has a caller as its actor if it was caused by a request and by no other commit. A reactor's has a cause, or,
        // if it answers a deadline, no correlation id.
        let is_a_callers = metadata.causation_id.is_none() && metadata.correlation_id.is_some();
        let caller = metadata.actor.clone().filter(|_| is_a_callers);
        Self {
            command_id: CommandId::derive(&[reactor, &commit_id, &place]),
            time: commit.time,
            now: commit.time,
            metadata: Metadata {
                actor: Some(reactor.to_owned()),
                on_behalf_of: metadata.on_behalf_of.clone().or(caller),
                correlation_id: metadata.correlation_id.clone(),
                causation_id: Some(commit_id),
                traceparent: metadata.traceparent.clone(),
            },
        }
    }
}
