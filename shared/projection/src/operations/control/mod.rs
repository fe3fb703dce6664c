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

/// The subject of operations: a view or a reactor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The subscriber's name.
    pub name: String,
    /// The kind of the subscriber.
    pub kind: SubjectKind,
    /// The table of its documents.
    pub table: String,
    /// The categories that the subscriber listens to.
    pub sources: Vec<String>,
}

/// The kind of a subscriber. Views are rebuilt; reactors are not, because their side effects would run again (G9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectKind {
    /// A view.
    View,
    /// A reactor.
    Reactor,
}

/// The options of runs.
#[derive(Debug, Clone)]
pub struct ControlOptions {
    /// The duration of the fence: the timeout of a projector, and at least the second for which readers cache the
    /// serving generation. During the fence, work that began with an older registry may still be written.
    pub fence: Duration,
    /// The number of segments of each table, unless an operator gives one.
    pub segments: u32,
    /// The number of lanes of the subscribers' queues.
    pub lanes: u32,
    /// The clock. It must be [`Timestamp::now`] outside of tests.
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

/// The maximum number of segments of a table in one run.
pub const MOST_SEGMENTS: u32 = 256;

/// An overview of a subscriber.
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
    /// The number of documents that the last rounds, sweep or rebuild found, and the time.
    pub documents: Option<(u64, Timestamp)>,
    /// The number of quarantined sources of documents, counted up to a thousand.
    pub quarantined: u64,
    /// The sweep in progress.
    pub sweeping: Option<u64>,
    /// The generations that are no longer fed, and whose rows are not all deleted yet.
    pub clearing: BTreeSet<u64>,
}

/// The operations on one subscriber. Every operation may be repeated.
#[derive(Clone)]
pub struct Control {
    subject: Subject,
    store: Store,
    bell: Arc<dyn Bell>,
    options: ControlOptions,
    /// The idempotency key of the request that this control serves.
    request: Option<String>,
}

const COUNTED: usize = 1_000;

impl Control {
    /// Creates the control of this subscriber.
    #[must_use]
    pub fn new(client: Client, subject: Subject, bell: Arc<dyn Bell>, options: ControlOptions) -> Self {
        let name = subject.table.clone();
        let table = Table { client, name };
        Self {
            subject,
            store: Store { table },
            bell,
            options,
            request: None,
        }
    }

    /// Returns the control of the same subscriber for a request with this idempotency key. [`Self::flip`],
    /// [`Self::rollback`], [`Self::abort`] and [`Self::retire`] have one effect under one key: repeated later, they change
    /// nothing and return the state of that time. A rebuild remembers its last 32 keys.
    #[must_use]
    pub fn under(&self, idempotency_key: Option<String>) -> Self {
        Self {
            request: idempotency_key,
            ..self.clone()
        }
    }

    /// Returns the subscriber.
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

    pub(crate) fn lanes(&self) -> u32 {
        self.options.lanes
    }

    /// Returns the generations and the number of quarantined sources. A few RU.
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

    /// Returns the latest number of documents: from the last complete rounds, from the last completed sweep, or from the
    /// rebuild of the serving generation.
    async fn documents(&self, registry: &Registry) -> Result<Option<(u64, Timestamp)>, ControlError> {
        let counted = self.counted_by_runs(registry).await?;
        let swept = self.store.swept().await?;
        let rounds = self.subject.sources.iter().map(|source| swept.get(source));
        let Some(rounds) = rounds.collect::<Option<Vec<_>>>() else {
            return Ok(counted);
        };
        let documents = rounds.iter().map(|swept| swept.documents).sum();
        let ended = rounds.iter().map(|swept| swept.ended).min();
        let rounds = ended.map(|ended| (documents, ended));
        Ok([counted, rounds]
            .into_iter()
            .flatten()
            .max_by_key(|(_, as_of)| *as_of))
    }

    async fn counted_by_runs(&self, registry: &Registry) -> Result<Option<(u64, Timestamp)>, ControlError> {
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
            steps: Vec::new(),
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

    /// Returns when a fence that begins now is over.
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

/// The result of a request to start a run.
pub(crate) enum Next {
    /// The run of an earlier request with the same key.
    Known(Run),
    /// A new run.
    New(Run),
}
