mod quarantine;
mod rebuilds;
mod sweeps;

use crate::operations::error::ControlError;
use crate::operations::record::{Kind, Phase, Run, RunId, State};
use crate::operations::store::Store;
use crate::operations::task::{Advance, Bell, Task};
use crate::registry::Registry;
use crate::table::Table;
use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// What is operated: a view or a reactor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The subscriber's name.
    pub name: String,
    /// What it is.
    pub kind: SubjectKind,
    /// The table of its documents.
    pub table: String,
    /// The categories that it listens to.
    pub sources: Vec<String>,
}

/// Views are rebuilt; reactors are not, because their side effects would run again (G9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectKind {
    /// A view.
    View,
    /// A reactor.
    Reactor,
}

/// How runs are started.
#[derive(Debug, Clone)]
pub struct ControlOptions {
    /// How long the fence lasts: the timeout of a projector, and no less than the second for which readers remember
    /// which generation serves. While it lasts, what was begun by an older registry may still be written.
    pub fence: Duration,
    /// Segments of each table, where an operator names no number.
    pub segments: u32,
    /// Lanes of the subscribers' queues.
    pub lanes: u32,
    /// The time of day. Never anything else than [`Timestamp::now`] outside of tests.
    pub clock: fn() -> Timestamp,
}

impl Default for ControlOptions {
    fn default() -> Self {
        Self {
            fence: settings::SUBSCRIBER_TIMEOUT + settings::FENCE_MARGIN,
            segments: 8,
            lanes: 64,
            clock: Timestamp::now,
        }
    }
}

/// The most segments of a table in one run.
pub const MOST_SEGMENTS: u32 = 256;

/// A subscriber at a glance.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// The generation that readers see.
    pub serving: u64,
    /// Whether that generation has everything that was ever committed: false for a view that has never been built. None for a
    /// reactor, which is not filled: it acts on what happens from now on.
    pub filled: Option<bool>,
    /// The generations that are kept up to date.
    pub feeding: BTreeSet<u64>,
    /// The generation that is being built, is ready, or was rolled back.
    pub candidate: Option<u64>,
    /// The generation that can be rolled back to.
    pub previous: Option<u64>,
    /// How many documents the last sweep or rebuild found, and when.
    pub documents: Option<(u64, Timestamp)>,
    /// How many sources of documents stand still: at most a thousand are counted.
    pub quarantined: u64,
    /// The sweep that is under way.
    pub sweeping: Option<u64>,
    /// The generations that are no longer fed, and whose rows are not all deleted yet.
    pub clearing: BTreeSet<u64>,
}

/// What an operator may ask of one subscriber. Everything here may be asked twice.
#[derive(Clone)]
pub struct Control {
    subject: Subject,
    store: Store,
    bell: Arc<dyn Bell>,
    options: ControlOptions,
}

const COUNTED: usize = 1_000;

impl Control {
    /// Of this subscriber.
    #[must_use]
    pub fn new(client: Client, subject: Subject, bell: Arc<dyn Bell>, options: ControlOptions) -> Self {
        let name = subject.table.clone();
        let table = Table { client, name };
        Self {
            subject,
            store: Store { table },
            bell,
            options,
        }
    }

    /// The subscriber.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.options.clock)()
    }

    /// Which generations there are, and what stands still. A few RU.
    ///
    /// # Errors
    /// [`ControlError::Unavailable`].
    pub async fn overview(&self) -> Result<Overview, ControlError> {
        let registry = self.store.registry().await?;
        let mut quarantined = 0;
        for generation in &registry.feeding {
            let page = self.marks(*generation, None, COUNTED).await?;
            quarantined += page.items.len() as u64;
        }
        let clearing = self.store.runs(Kind::Clear).await?.into_iter();
        let clearing = clearing.filter(Run::active).map(|run| run.id.number);
        Ok(Overview {
            clearing: clearing.collect(),
            serving: registry.serving,
            filled: (self.subject.kind == SubjectKind::View).then(|| registry.filled()),
            candidate: registry.candidate,
            previous: registry.previous,
            documents: self.documents(&registry).await?,
            quarantined,
            sweeping: registry.sweeping,
            feeding: registry.feeding,
        })
    }

    /// From the last sweep that is through, or the rebuild of what serves.
    async fn documents(&self, registry: &Registry) -> Result<Option<(u64, Timestamp)>, ControlError> {
        let mut sweep = registry.sweeps;
        while sweep > 0 && sweep + 2 > registry.sweeps {
            if let Some(swept) = self.sweep(sweep).await?
                && let (State::Done, Some(ended)) = (swept.state, swept.ended)
            {
                return Ok(Some((swept.counts.documents, ended)));
            }
            sweep -= 1;
        }
        let rebuilt = self.find(RunId::rebuild(registry.serving)).await?;
        Ok(rebuilt.and_then(|rebuilt| Some((rebuilt.verified.documents, rebuilt.ended?))))
    }

    fn new_run(&self, now: Timestamp) -> Run {
        Run {
            id: RunId::clear(0),
            state: State::Running,
            phase: Phase::Fence,
            segments: self.options.segments,
            deep: false,
            request: None,
            fill: None,
            replaces: None,
            started: now,
            fence: None,
            phase_since: now,
            scan_since: None,
            scan_ended: None,
            ended: None,
            expected: None,
            failure: None,
            r: 0,
        }
    }

    /// When a fence that begins now is over.
    pub(crate) fn fence(&self, now: Timestamp) -> Timestamp {
        now.checked_add(self.options.fence).unwrap_or(now)
    }

    pub(crate) async fn ring(&self, run: RunId) -> Result<(), ControlError> {
        let task = Task::Advance(Advance {
            subscriber: self.subject.name.clone(),
            run,
            heartbeat: true,
        });
        Ok(self.bell.ring(task, Duration::ZERO).await?)
    }
}

/// What a request to start something comes to.
pub(crate) enum Next {
    /// It was asked for before, by the same key.
    Known(Run),
    /// It begins.
    New(Run),
}
