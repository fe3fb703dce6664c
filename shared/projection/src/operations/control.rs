use super::error::ControlError;
use super::quarantine::{QuarantinePage, Skip, Skipped};
use super::rebuild::{Rebuild, RebuildOptions};
use super::record::{Kind, Phase, Run, RunId, State};
use super::run::{Total, places};
use super::store::{Store, Transition, meter};
use super::sweep::Sweep;
use super::task::{Advance, Bell, Task};
use crate::item::{key, quarantine_partition};
use crate::registry::Registry;
use crate::skips;
use crate::table::{Table, Written};
use crate::write::Quarantined;
use aws_sdk_dynamodb::Client;
use commit::{Message, lane};
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
            fence: Duration::from_secs(32),
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
const RUNS_SHOWN: usize = 20;
/// Reasons are read by people, and stored.
const REDRIVES_PER_MESSAGE: usize = 100;

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
        Ok(Overview {
            serving: registry.serving,
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
        Ok(rebuilt.and_then(|rebuilt| Some((rebuilt.scanned.written, rebuilt.ended?))))
    }

    /// Begins a new generation beside the one that serves.
    ///
    /// # Errors
    /// [`ControlError::Refused`] for a reactor, while another one is being built or waits to be flipped to, and while
    /// the last flip can still be rolled back.
    pub async fn start_rebuild(&self, options: &RebuildOptions) -> Result<Rebuild, ControlError> {
        if self.subject.kind == SubjectKind::Reactor {
            return Err(ControlError::Refused(format!(
                "{} is a reactor: it is never rebuilt, because its side effects would run again",
                self.subject.name
            )));
        }
        let segments = options.segments.unwrap_or(self.options.segments);
        let now = self.now();
        let run = self
            .store
            .transition(async |registry| {
                if let Some(candidate) = registry.candidate {
                    let id = RunId::rebuild(candidate);
                    let known = self.store.run(id).await?.ok_or_else(|| lost(id))?;
                    if options.idempotency_key.is_none() || known.request != options.idempotency_key {
                        return Err(ControlError::Refused(in_the_way(candidate, known.state)));
                    }
                    return Ok(unchanged(known));
                }
                if options.idempotency_key.is_some() {
                    let known = self.store.runs(Kind::Rebuild).await?.into_iter();
                    let mut known = known.filter(|run| run.request == options.idempotency_key);
                    if let Some(known) = known.next() {
                        return Ok(unchanged(known));
                    }
                }
                if let Some(previous) = registry.previous {
                    return Err(ControlError::Refused(format!(
                        "generation {previous} is still kept for a rollback of rebuild {}: retire it first",
                        registry.serving
                    )));
                }
                let generation = registry.last + 1;
                registry.last = generation;
                registry.candidate = Some(generation);
                registry.feeding.insert(generation);
                let run = Run {
                    id: RunId::rebuild(generation),
                    state: State::Building,
                    phase: Phase::Fence,
                    segments: segments.clamp(1, MOST_SEGMENTS),
                    deep: options.compare,
                    request: options.idempotency_key.clone(),
                    replaces: Some(registry.serving),
                    ..self.new_run(now)
                };
                Ok(changed(run))
            })
            .await?;
        if run.active() {
            self.ring(run.id).await?;
        }
        self.report(&run).await
    }

    /// A rebuild; none when there never was one of this generation.
    ///
    /// # Errors
    /// [`ControlError::Unavailable`].
    pub async fn rebuild(&self, generation: u64) -> Result<Option<Rebuild>, ControlError> {
        self.find(RunId::rebuild(generation)).await
    }

    /// The last twenty rebuilds, the latest first.
    ///
    /// # Errors
    /// [`ControlError::Unavailable`].
    pub async fn rebuilds(&self) -> Result<Vec<Rebuild>, ControlError> {
        let mut rebuilds = Vec::new();
        for run in self.store.runs(Kind::Rebuild).await?.iter().take(RUNS_SHOWN) {
            rebuilds.push(self.report(run).await?);
        }
        Ok(rebuilds)
    }

    /// Lets readers see the generation: all of them within a second. The one before goes on being fed.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], [`ControlError::Refused`] unless it is ready or was rolled back.
    pub async fn flip(&self, generation: u64) -> Result<Rebuild, ControlError> {
        self.change(generation, async |registry, run| {
            match run.state {
                State::Serving if registry.serving == generation => return Ok(false),
                State::Ready | State::RolledBack if registry.candidate == Some(generation) => {}
                State::Ready => {
                    return Err(ControlError::Refused(format!(
                        "generation {generation} is kept for a rollback: roll back rebuild {} instead",
                        registry.serving
                    )));
                }
                State::Building => {
                    return Err(ControlError::Refused(format!(
                        "generation {generation} is still being built ({:?}): wait until it is READY",
                        run.phase
                    )));
                }
                state => return Err(over(generation, state)),
            }
            registry.previous = Some(registry.serving);
            registry.serving = generation;
            registry.candidate = None;
            run.state = State::Serving;
            Ok(true)
        })
        .await
    }

    /// Lets readers see the generation before this one again. This one goes on being fed, and may be flipped to once more.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], [`ControlError::Refused`] unless it serves and the one before is still there.
    pub async fn rollback(&self, generation: u64) -> Result<Rebuild, ControlError> {
        self.change(generation, async |registry, run| {
            match run.state {
                State::RolledBack => return Ok(false),
                State::Serving if registry.serving == generation => {}
                State::Building | State::Ready => {
                    return Err(ControlError::Refused(format!(
                        "generation {generation} does not serve: to give it up, abort it"
                    )));
                }
                state => return Err(over(generation, state)),
            }
            let Some(previous) = registry.previous.take() else {
                return Err(ControlError::Refused(
                    "the generation before was retired: there is nothing to roll back to".to_owned(),
                ));
            };
            registry.serving = previous;
            registry.candidate = Some(generation);
            run.state = State::RolledBack;
            Ok(true)
        })
        .await
    }

    /// Gives up a generation that does not serve: it is no longer fed, and its rows are deleted after the fence.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], [`ControlError::Refused`] when it serves, or is kept for a rollback.
    pub async fn abort(&self, generation: u64) -> Result<Rebuild, ControlError> {
        let aborted = self
            .change(generation, async |registry, run| {
                match run.state {
                    State::Aborted => return Ok(false),
                    State::Building | State::Ready | State::RolledBack
                        if registry.candidate == Some(generation) => {}
                    State::Serving => {
                        return Err(ControlError::Refused(format!(
                            "generation {generation} serves: roll it back first"
                        )));
                    }
                    State::Ready => {
                        return Err(ControlError::Refused(format!(
                            "generation {generation} is kept for a rollback: retire it by rebuild {}",
                            registry.serving
                        )));
                    }
                    state => return Err(over(generation, state)),
                }
                registry.candidate = None;
                run.state = State::Aborted;
                run.enter(Phase::End, self.now());
                Ok(true)
            })
            .await?;
        self.ring(RunId::clear(generation)).await?;
        Ok(aborted)
    }

    /// Gives up the generation that this one took the place of: it is no longer fed, and its rows are deleted after the
    /// fence. There is no rollback from then on.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], [`ControlError::Refused`] unless it serves.
    pub async fn retire(&self, generation: u64) -> Result<Rebuild, ControlError> {
        let retired = self
            .change(generation, async |registry, run| match run.state {
                State::Serving if registry.serving == generation => Ok(registry.previous.take().is_some()),
                State::Building | State::Ready | State::RolledBack => Err(ControlError::Refused(format!(
                    "generation {generation} does not serve: only what it replaced could be retired"
                ))),
                state => Err(over(generation, state)),
            })
            .await?;
        if let Some(replaced) = retired.replaces {
            self.ring(RunId::clear(replaced)).await?;
        }
        Ok(retired)
    }

    /// Compares all documents of all generations that are fed with the streams: how far they are, or with `deep` whole.
    /// What is behind is healed.
    ///
    /// # Errors
    /// [`ControlError::Refused`] while one is under way, and for a deep sweep of a reactor.
    pub async fn start_sweep(&self, deep: bool, idempotency_key: Option<&str>) -> Result<Sweep, ControlError> {
        if deep && self.subject.kind == SubjectKind::Reactor {
            return Err(ControlError::Refused(format!(
                "{} is a reactor: only how far its documents are can be compared; sweep it without \"deep\"",
                self.subject.name
            )));
        }
        let now = self.now();
        let run = self
            .store
            .transition(async |registry| {
                if idempotency_key.is_some() {
                    let known = self.store.runs(Kind::Sweep).await?.into_iter();
                    let mut known = known.filter(|run| run.request.as_deref() == idempotency_key);
                    if let Some(known) = known.next() {
                        return Ok(unchanged(known));
                    }
                }
                if let Some(number) = registry.sweeping {
                    return Err(ControlError::Refused(format!(
                        "sweep {number} is under way: wait until it is through"
                    )));
                }
                registry.sweeps += 1;
                registry.sweeping = Some(registry.sweeps);
                Ok(changed(Run {
                    id: RunId::sweep(registry.sweeps),
                    state: State::Running,
                    phase: Phase::Compare,
                    deep,
                    request: idempotency_key.map(str::to_owned),
                    ..self.new_run(now)
                }))
            })
            .await?;
        if run.active() {
            self.ring(run.id).await?;
        }
        self.swept(&run).await
    }

    /// A sweep; none when there was none of this number, or it was long ago: the last twenty are kept.
    ///
    /// # Errors
    /// [`ControlError::Unavailable`].
    pub async fn sweep(&self, number: u64) -> Result<Option<Sweep>, ControlError> {
        match self.store.run(RunId::sweep(number)).await? {
            Some(run) => Ok(Some(self.swept(&run).await?)),
            None => Ok(None),
        }
    }

    /// What stands still, in every generation that is fed, by source and key. `after` is a page's `next`.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when `after` is no page's; [`ControlError::Unavailable`].
    pub async fn quarantine(&self, after: Option<&str>, limit: usize) -> Result<QuarantinePage, ControlError> {
        let (from, mut place) = match after {
            None => (0, None),
            Some(after) => after
                .split_once('.')
                .and_then(|(generation, place)| Some((generation.parse().ok()?, Some(place.to_owned()))))
                .ok_or_else(|| ControlError::NotFound("no page of the quarantine begins there".to_owned()))?,
        };
        let mut page = QuarantinePage {
            items: Vec::new(),
            next: None,
        };
        for generation in self.store.registry().await?.feeding {
            if generation < from {
                continue;
            }
            let start = place.take().filter(|_| generation == from);
            let more = self
                .marks(generation, start.as_deref(), limit - page.items.len() + 1)
                .await?;
            page.items.extend(more.items);
            if page.items.len() > limit {
                page.items.truncate(limit);
                let last = page.items.last();
                page.next = last.map(|last| format!("{}.{}", last.generation, last.stream));
                break;
            }
        }
        Ok(page)
    }

    /// Sends a redrive of these documents to the subscriber: it lifts their quarantine and heals them from the event
    /// tables, in every generation that is fed. None: of all that stand still. How many documents that are.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] for a document that does not stand still.
    pub async fn redrive(&self, document: Option<&str>) -> Result<u64, ControlError> {
        let mut keys = BTreeSet::new();
        for generation in self.store.registry().await?.feeding {
            let mut after: Option<String> = None;
            loop {
                let page = self.marks(generation, after.as_deref(), COUNTED).await?;
                let here = page.items.iter().map(|mark| mark.stream.id().to_owned());
                keys.extend(here.filter(|key| document.is_none_or(|wanted| wanted == key)));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        if let (Some(document), true) = (document, keys.is_empty()) {
            return Err(ControlError::NotFound(format!(
                "no source of the document {document:?} stands still"
            )));
        }
        let count = keys.len() as u64;
        self.send_redrives(keys).await?;
        Ok(count)
    }

    async fn send_redrives(&self, keys: BTreeSet<String>) -> Result<(), ControlError> {
        let mut lanes: std::collections::BTreeMap<u32, Vec<String>> = std::collections::BTreeMap::new();
        for key in keys {
            let lane = lane(&key, self.options.lanes);
            lanes.entry(lane).or_default().push(key);
        }
        for (lane, keys) in lanes {
            for keys in keys.chunks(REDRIVES_PER_MESSAGE) {
                let message = Message {
                    commits: Vec::new(),
                    redrive: keys.to_vec(),
                };
                self.bell
                    .send(&self.subject.name, &lane.to_string(), message)
                    .await?;
            }
        }
        Ok(())
    }

    /// Leaves one event out of its document, in every generation from now on, and redrives the document.
    ///
    /// # Errors
    /// [`ControlError::Refused`] unless the document stands still at this event.
    pub async fn skip(&self, skip: Skip) -> Result<Skipped, ControlError> {
        let known = self
            .store
            .table
            .get(skips::place(&skip.stream, skip.version), true, &meter())
            .await
            .map_err(ControlError::Unavailable)?;
        let skipped = if let Some(known) = known.as_ref().and_then(skips::read) {
            known
        } else {
            self.stands_still_at(&skip).await?;
            let skipped = Skipped {
                skip,
                time: self.now(),
            };
            let written = self
                .store
                .table
                .put(skips::write(&skipped), 0, &meter())
                .await;
            match written {
                Written::Done | Written::Lost(_) => skipped,
                Written::Busy(error) | Written::Invalid(error) | Written::Failed(error) => {
                    return Err(ControlError::Unavailable(error));
                }
            }
        };
        let key = skipped.skip.stream.id().to_owned();
        self.send_redrives([key].into()).await?;
        Ok(skipped)
    }

    async fn stands_still_at(&self, skip: &Skip) -> Result<(), ControlError> {
        let mut at = None;
        for generation in self.store.registry().await?.feeding {
            let key = key(quarantine_partition(generation), skip.stream.to_string());
            let item = self.store.table.get(key, true, &meter()).await;
            let item = item.map_err(ControlError::Unavailable)?;
            if let Some(mark) = item.and_then(|item| Quarantined::read(generation, &item)) {
                if mark.version == skip.version {
                    return Ok(());
                }
                at = Some(mark.version);
            }
        }
        Err(ControlError::Refused(match at {
            Some(version) => format!(
                "{} stands still at version {version}, not at {}: only the event that it stands still at can be skipped",
                skip.stream, skip.version
            ),
            None => format!("{} does not stand still: there is nothing to skip", skip.stream),
        }))
    }

    /// The events that are left out, at most a thousand.
    ///
    /// # Errors
    /// [`ControlError::Unavailable`].
    pub async fn skipped(&self) -> Result<Vec<Skipped>, ControlError> {
        let (items, _) = self
            .store
            .table
            .page(skips::SKIPS, None, COUNTED, &meter())
            .await
            .map_err(ControlError::Unavailable)?;
        Ok(items.iter().filter_map(skips::read).collect())
    }

    /// Up to so many marks of a generation, from after this stream on.
    async fn marks(
        &self,
        generation: u64,
        after: Option<&str>,
        limit: usize,
    ) -> Result<QuarantinePage, ControlError> {
        let (items, more) = self
            .store
            .table
            .page(&quarantine_partition(generation), after, limit, &meter())
            .await
            .map_err(ControlError::Unavailable)?;
        let next = items.last().filter(|_| more);
        let next = next.and_then(|item| crate::item::text(item, crate::item::SK));
        Ok(QuarantinePage {
            items: items
                .iter()
                .filter_map(|item| Quarantined::read(generation, item))
                .collect(),
            next,
        })
    }

    /// One change of the registry and a rebuild. What is no longer fed after it is cleared.
    async fn change(
        &self,
        generation: u64,
        change: impl AsyncFn(&mut Registry, &mut Run) -> Result<bool, ControlError>,
    ) -> Result<Rebuild, ControlError> {
        let id = RunId::rebuild(generation);
        let now = self.now();
        let run = self
            .store
            .transition(async |registry| {
                let Some(mut run) = self.store.run(id).await? else {
                    return Err(ControlError::NotFound(format!(
                        "{} has no rebuild {generation}",
                        self.subject.name
                    )));
                };
                let before = registry.clone();
                if !change(registry, &mut run).await? {
                    return Ok(unchanged(run));
                }
                let mut runs = vec![run.clone()];
                self.settle(&before, registry, &mut runs, now).await?;
                Ok(Transition { runs, answer: run })
            })
            .await?;
        self.report(&run).await
    }

    /// What follows from a change of the registry for the generations that it moved: which ones are fed, the states of
    /// their rebuilds, and the clearing of what is given up.
    pub(crate) async fn settle(
        &self,
        before: &Registry,
        registry: &mut Registry,
        runs: &mut Vec<Run>,
        now: Timestamp,
    ) -> Result<(), ControlError> {
        let fed = [Some(registry.serving), registry.candidate, registry.previous];
        registry.feeding = fed.into_iter().flatten().collect();
        let mut moved = |run: Run| runs.push(run);
        for generation in &before.feeding {
            let known = RunId::rebuild(*generation);
            let other = match () {
                () if !registry.feeding.contains(generation) => {
                    moved(Run {
                        id: RunId::clear(*generation),
                        state: State::Running,
                        phase: Phase::Fence,
                        segments: self.options.segments,
                        ..self.new_run(now)
                    });
                    (before.previous == Some(*generation)).then_some(State::Retired)
                }
                () if registry.previous == Some(*generation) && before.serving == *generation => {
                    Some(State::Ready)
                }
                () if registry.serving == *generation && before.previous == Some(*generation) => {
                    Some(State::Serving)
                }
                () => None,
            };
            // Generation 1 has no rebuild.
            if let Some(state) = other
                && let Some(mut run) = self.store.run(known).await?
            {
                run.state = state;
                moved(run);
            }
        }
        Ok(())
    }

    /// Gives up a generation that could not be built. Nothing when it is not being built any more.
    pub(crate) async fn fail_rebuild(&self, generation: u64, reason: &str) -> Result<Rebuild, ControlError> {
        self.change(generation, async |registry, run| {
            if run.state != State::Building || registry.candidate != Some(generation) {
                return Ok(false);
            }
            registry.candidate = None;
            run.state = State::Failed;
            run.failure = Some(reason.to_owned());
            run.enter(Phase::End, self.now());
            Ok(true)
        })
        .await
    }

    fn new_run(&self, now: Timestamp) -> Run {
        Run {
            id: RunId::clear(0),
            state: State::Running,
            phase: Phase::Fence,
            segments: self.options.segments,
            deep: false,
            request: None,
            replaces: None,
            started: now,
            fence: now.checked_add(self.options.fence).unwrap_or(now),
            phase_since: now,
            scan_since: None,
            scan_ended: None,
            ended: None,
            expected: None,
            failure: None,
            r: 0,
        }
    }

    pub(crate) async fn ring(&self, run: RunId) -> Result<(), ControlError> {
        let task = Task::Advance(Advance {
            subscriber: self.subject.name.clone(),
            run,
            heartbeat: true,
        });
        Ok(self.bell.ring(task, Duration::ZERO).await?)
    }

    async fn find(&self, id: RunId) -> Result<Option<Rebuild>, ControlError> {
        match self.store.run(id).await? {
            Some(run) => Ok(Some(self.report(&run).await?)),
            None => Ok(None),
        }
    }

    async fn report(&self, run: &Run) -> Result<Rebuild, ControlError> {
        let scan = Total::of(&self.store.segments(run.id, Phase::Scan).await?);
        let verify = Total::of(&self.store.segments(run.id, Phase::Verify).await?);
        let places = places(run, run.phase, &self.subject.sources);
        Ok(Rebuild::new(run, scan, verify, places.len() as u64))
    }

    async fn swept(&self, run: &Run) -> Result<Sweep, ControlError> {
        let total = Total::of(&self.store.segments(run.id, Phase::Compare).await?);
        let places = places(run, Phase::Compare, &self.subject.sources);
        Ok(Sweep::new(run, total, places.len() as u64))
    }
}

fn unchanged(run: Run) -> Transition<Run> {
    let runs = Vec::new();
    Transition { runs, answer: run }
}

fn changed(run: Run) -> Transition<Run> {
    let runs = vec![run.clone()];
    Transition { runs, answer: run }
}

fn lost(id: RunId) -> ControlError {
    ControlError::Unavailable(format!("the registry names {id}, and its record is gone"))
}

fn in_the_way(generation: u64, state: State) -> String {
    let what = match state {
        State::Ready => "is READY: flip to it, or abort it",
        State::RolledBack => "was rolled back and is still fed: flip to it again, or abort it",
        _ => "is being built: wait for it, or abort it",
    };
    format!("rebuild {generation} {what}")
}

fn over(generation: u64, state: State) -> ControlError {
    let what = match state {
        State::Aborted => "was aborted",
        State::Failed => "failed",
        State::Retired => "was retired",
        _ => "does not allow it now",
    };
    ControlError::Refused(format!("rebuild {generation} {what}: start a new one"))
}
