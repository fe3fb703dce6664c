use super::clear;
use super::compare::ReactorPages;
use super::control::{Control, ControlOptions, Subject, SubjectKind};
use super::error::ControlError;
use super::page::{Page, PageError, Pages, stands_still};
use super::record::{DIFFERENCES_KEPT, Kind, Phase, Run, RunId, State};
use super::run::places;
use super::segment;
use super::store::{Store, Transition, meter};
use super::task::{Advance, Bell, BellError, Place, SegmentTask, Task};
use crate::engine::Engine;
use crate::item::{SK, key, text};
use crate::projector::Options;
use crate::registry::REGISTRY;
use crate::source::Sources;
use crate::subscriber::ViewOf;
use crate::table::Table;
use crate::view::View;
use aws_sdk_dynamodb::Client;
use futures::future::BoxFuture;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;
use telemetry::Metrics;
use tokio::time::Instant;

/// How a worker works.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// As for [`Control`].
    pub control: ControlOptions,
    /// How views are written.
    pub projection: Options,
    /// How often an active run is looked after.
    pub heartbeat: Duration,
    /// A segment that was not saved for this long has lost its worker, and is rung for again: longer than a worker's
    /// timeout.
    pub stale: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            control: ControlOptions::default(),
            projection: Options::default(),
            heartbeat: Duration::from_secs(60),
            stale: Duration::from_secs(600),
        }
    }
}

/// Why a task is to be delivered again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkError {
    /// A table or a queue did not answer.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// A queue did not take a task.
    #[error(transparent)]
    Bell(#[from] BellError),
    /// The task names a subscriber that this worker does not have: it is not wired.
    #[error("no subscriber {0:?} is wired to this worker")]
    Unknown(String),
}

/// Carries out rebuilds and sweeps, page by page. Any number of workers may run at once, and any of them may die.
pub struct Worker {
    members: BTreeMap<String, Member>,
    bell: Arc<dyn Bell>,
    options: WorkerOptions,
}

struct Member {
    control: Control,
    pages: Box<dyn Pages>,
}

/// A segment that failed so often without any progress has failed for good.
const MOST_FAILURES: u32 = 10;
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Sweeps before these are forgotten.
const SWEEPS_KEPT: usize = 20;

impl Worker {
    /// A worker that rings here for what comes next. It has no subscribers yet.
    #[must_use]
    pub fn new(bell: Arc<dyn Bell>, options: WorkerOptions) -> Self {
        Self {
            members: BTreeMap::new(),
            bell,
            options,
        }
    }

    /// With this view, in this table, from these event tables.
    #[must_use]
    pub fn with_view<V: View>(mut self, client: Client, table: impl Into<String>, sources: Sources) -> Self {
        let subject = Subject {
            name: V::NAME.to_owned(),
            kind: SubjectKind::View,
            table: table.into(),
            sources: V::SOURCES.iter().map(|source| (*source).to_owned()).collect(),
        };
        let table = Table {
            client: client.clone(),
            name: subject.table.clone(),
        };
        let options = self.options.projection.clone();
        let engine = Engine::new(ViewOf::<V>(PhantomData), table, sources, options);
        self.insert(client, subject, Box::new(engine));
        self
    }

    /// With this reactor: it is swept, and what it is behind of is rung for.
    #[must_use]
    pub fn with_reactor(
        mut self,
        client: Client,
        name: impl Into<String>,
        table: impl Into<String>,
        categories: &[&str],
        sources: Sources,
    ) -> Self {
        let subject = Subject {
            name: name.into(),
            kind: SubjectKind::Reactor,
            table: table.into(),
            sources: categories.iter().map(|source| (*source).to_owned()).collect(),
        };
        let pages = ReactorPages {
            name: subject.name.clone(),
            table: Table {
                client: client.clone(),
                name: subject.table.clone(),
            },
            sources,
            categories: subject.sources.clone(),
            bell: Arc::clone(&self.bell),
            lanes: self.options.control.lanes,
        };
        self.insert(client, subject, Box::new(pages));
        self
    }

    fn insert(&mut self, client: Client, subject: Subject, pages: Box<dyn Pages>) {
        let name = subject.name.clone();
        let control = Control::new(
            client,
            subject,
            Arc::clone(&self.bell),
            self.options.control.clone(),
        );
        self.members.insert(name, Member { control, pages });
    }

    /// What an operator may ask of each subscriber of this worker, by name.
    pub fn controls(&self) -> impl Iterator<Item = &Control> {
        self.members.values().map(|member| &member.control)
    }

    /// Does what a task asks for, until it is done or the deadline has come: then the rest is rung for.
    ///
    /// # Errors
    /// [`WorkError`]: the task has to be delivered again.
    pub async fn handle(&self, task: Task, deadline: Instant) -> Result<(), WorkError> {
        match task {
            Task::SweepAll { deep } => self.sweep_all(deep).await,
            Task::Advance(advance) => self.member(&advance.subscriber)?.advance(self, &advance).await,
            Task::Segment(task) => {
                self.member(&task.subscriber)?
                    .segment(self, &task, deadline)
                    .await
            }
        }
    }

    /// Rings for everything that was under way when the last process ended. How many runs that were.
    ///
    /// # Errors
    /// [`WorkError`].
    pub async fn resume(&self) -> Result<u64, WorkError> {
        let mut resumed = 0;
        for member in self.members.values() {
            resumed += member.resume(self, true).await?;
        }
        Ok(resumed)
    }

    async fn sweep_all(&self, deep: bool) -> Result<(), WorkError> {
        for member in self.members.values() {
            member.resume(self, false).await?;
            let subject = member.control.subject();
            let deep = deep && subject.kind == SubjectKind::View;
            match member.control.start_sweep(deep, None).await {
                Err(ControlError::Refused(reason)) => {
                    tracing::info!(subscriber = subject.name, reason, "no sweep was started");
                }
                other => other.map(drop)?,
            }
        }
        Ok(())
    }

    fn member(&self, name: &str) -> Result<&Member, WorkError> {
        self.members
            .get(name)
            .ok_or_else(|| WorkError::Unknown(name.to_owned()))
    }
}

impl Member {
    fn store(&self) -> &Store {
        self.control.store()
    }

    fn name(&self) -> &str {
        &self.control.subject().name
    }

    /// Rings for every active run, and with `segments` for each of its segments that is not through.
    async fn resume(&self, worker: &Worker, segments: bool) -> Result<u64, WorkError> {
        let mut resumed = 0;
        for kind in [Kind::Rebuild, Kind::Sweep, Kind::Clear] {
            for run in self.store().runs(kind).await?.iter().filter(|run| run.active()) {
                resumed += 1;
                self.control.ring(run.id).await?;
                if segments {
                    self.ring_segments(worker, run, |_| true).await?;
                }
            }
        }
        Ok(resumed)
    }

    async fn advance(&self, worker: &Worker, advance: &Advance) -> Result<(), WorkError> {
        let Some(mut run) = self.store().run(advance.run).await?.filter(Run::active) else {
            return Ok(());
        };
        let now = self.control.now();
        let mut again = worker.options.heartbeat;
        if run.phase == Phase::Fence {
            let left = run.fence.duration_since(now);
            if let Ok(left) = Duration::try_from(left)
                && !left.is_zero()
            {
                again = left;
            } else if self.begin(&mut run, now).await? {
                self.ring_segments(worker, &run, |_| true).await?;
            }
        } else if self.failed_early(&run).await? {
            return Ok(());
        } else if self.through(&run).await? {
            if let Some(next) = self.end_phase(&mut run, now).await? {
                self.ring_segments(worker, &next, |_| true).await?;
            } else {
                return Ok(());
            }
        } else if advance.heartbeat {
            let stale = worker.options.stale;
            let unbegun = worker.options.heartbeat * 2;
            self.ring_segments(worker, &run, |saved| {
                let (since, patience) = saved.map_or((run.phase_since, unbegun), |saved| (saved, stale));
                Duration::try_from(now.duration_since(since)).is_ok_and(|age| age > patience)
            })
            .await?;
        }
        if advance.heartbeat {
            worker.bell.ring(Task::Advance(advance.clone()), again).await?;
        }
        Ok(())
    }

    /// From the fence to the first phase with segments. False: somebody else did it, or the run changed.
    async fn begin(&self, run: &mut Run, now: Timestamp) -> Result<bool, WorkError> {
        if run.id.kind == Kind::Rebuild {
            run.expected = self.pages.size().await;
            run.enter(Phase::Scan, now);
        } else {
            run.enter(Phase::Delete, now);
        }
        Ok(self.store().save_run(run).await?)
    }

    /// An event that cannot be applied in a generation that is built, wherever it was met, fails the rebuild at once (C8).
    async fn failed_early(&self, run: &Run) -> Result<bool, WorkError> {
        if run.id.kind != Kind::Rebuild {
            return Ok(false);
        }
        let table = &self.store().table;
        let reason = stands_still(table, run.id.number, &meter()).await;
        match reason.map_err(ControlError::Unavailable)? {
            Some(reason) => {
                self.fail(run.id, &reason).await?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    async fn through(&self, run: &Run) -> Result<bool, WorkError> {
        let segments = self.store().segments(run.id, run.phase).await?;
        let places = places(run, run.phase, &self.control.subject().sources);
        Ok(places
            .iter()
            .all(|place| segments.get(place).is_some_and(|segment| segment.done)))
    }

    /// All segments of the phase are through. The run, when it has a next phase.
    async fn end_phase(&self, run: &mut Run, now: Timestamp) -> Result<Option<Run>, WorkError> {
        let id = run.id;
        match (id.kind, run.phase) {
            (Kind::Rebuild, Phase::Scan) => run.enter(Phase::Verify, now),
            (Kind::Rebuild, _) => {
                run.enter(Phase::End, now);
                run.state = State::Ready;
            }
            (Kind::Clear, _) => {
                run.enter(Phase::End, now);
                run.state = State::Done;
            }
            (Kind::Sweep, _) => {
                self.swept(id, State::Done, None).await?;
                self.forget_old_sweeps().await?;
                return Ok(None);
            }
        }
        let saved = self.store().save_run(run).await?;
        if saved && !run.active() {
            tracing::info!(subscriber = self.name(), run = %id, state = ?run.state, "a run is through");
        }
        Ok((saved && run.active()).then(|| run.clone()))
    }

    /// Ends a sweep.
    async fn swept(&self, id: RunId, state: State, failure: Option<&str>) -> Result<(), WorkError> {
        let now = self.control.now();
        let store = self.store();
        store
            .transition(async |registry| {
                let run = store.run(id).await?.filter(Run::active);
                let runs = run.map(|mut run| {
                    registry.sweeping = registry.sweeping.filter(|sweeping| *sweeping != id.number);
                    run.enter(Phase::End, now);
                    run.state = state;
                    run.failure = failure.map(str::to_owned);
                    run
                });
                Ok(Transition {
                    runs: runs.into_iter().collect(),
                    answer: (),
                })
            })
            .await?;
        Ok(())
    }

    async fn forget_old_sweeps(&self) -> Result<(), WorkError> {
        let old = self.store().runs(Kind::Sweep).await?;
        let table = &self.store().table;
        let unavailable = ControlError::Unavailable;
        for run in old.iter().skip(SWEEPS_KEPT).filter(|run| !run.active()) {
            let partition = segment::partition(run.id);
            let segments = table.partition(&partition, &meter()).await.map_err(unavailable)?;
            let segments = segments.iter().filter_map(|item| text(item, SK));
            let keys = segments
                .map(|sort| key(partition.as_str(), sort))
                .chain([key(REGISTRY, run.id.to_string())])
                .collect();
            let attempts = 8;
            table.delete(keys, attempts, &meter()).await.map_err(unavailable)?;
        }
        Ok(())
    }

    /// A run that cannot go on. A generation that was built is given up; what serves is as it was (G9).
    async fn fail(&self, id: RunId, reason: &str) -> Result<(), WorkError> {
        tracing::error!(subscriber = self.name(), run = %id, reason, "a run failed");
        Metrics::event("RunFailed")
            .dimension("Subscriber", self.name())
            .property("run", id.to_string())
            .count("RunsFailed", 1)
            .emit();
        match id.kind {
            // There is always something to go on with: the rows stay until a table that answers is asked again.
            Kind::Clear => Ok(()),
            Kind::Sweep => self.swept(id, State::Failed, Some(reason)).await,
            Kind::Rebuild => {
                self.control.fail_rebuild(id.number, reason).await?;
                Ok(self.control.ring(RunId::clear(id.number)).await?)
            }
        }
    }

    async fn ring_segments(
        &self,
        worker: &Worker,
        run: &Run,
        wanted: impl Fn(Option<Timestamp>) -> bool,
    ) -> Result<(), WorkError> {
        let segments = self.store().segments(run.id, run.phase).await?;
        for place in places(run, run.phase, &self.control.subject().sources) {
            let known = segments.get(&place);
            let done = known.is_some_and(|segment| segment.done);
            if !done && wanted(known.and_then(|segment| segment.saved)) {
                let task = self.task(run, place);
                worker.bell.ring(Task::Segment(task), Duration::ZERO).await?;
            }
        }
        Ok(())
    }

    fn task(&self, run: &Run, place: Place) -> SegmentTask {
        SegmentTask {
            subscriber: self.name().to_owned(),
            run: run.id,
            phase: run.phase,
            place,
        }
    }

    async fn segment(&self, worker: &Worker, task: &SegmentTask, deadline: Instant) -> Result<(), WorkError> {
        let (id, phase, place) = (task.run, task.phase, &task.place);
        let mut segment = self.store().segment(id, phase, place).await?;
        while !segment.done {
            // Once per page: a run may be aborted at any time.
            let run = self.store().run(id).await?;
            let Some(run) = run.filter(|run| run.active() && run.phase == phase) else {
                return Ok(());
            };
            let start = segment.start.clone();
            let page = match phase {
                Phase::Delete => clear::page(&self.store().table, &run, place, start.as_deref()).await,
                _ => self.pages.page(&run, place, start.as_deref()).await,
            };
            segment.saved = Some(self.control.now());
            match page {
                Ok(page) => {
                    self.count(&run, &page);
                    segment.counts += page.counts;
                    let room = DIFFERENCES_KEPT - segment.differences.len().min(DIFFERENCES_KEPT);
                    segment.differences.extend(page.differences.into_iter().take(room));
                    segment.done = page.next.is_none();
                    segment.start = page.next;
                    (segment.failures, segment.error) = (0, None);
                }
                Err(PageError::Never(reason)) => return self.fail(id, &reason).await,
                Err(PageError::Again(reason)) => {
                    tracing::warn!(subscriber = self.name(), run = %id, reason, "a page comes again");
                    segment.failures += 1;
                    if segment.failures >= MOST_FAILURES && id.kind != Kind::Clear {
                        return self.fail(id, &reason).await;
                    }
                    segment.error = Some(reason);
                    let pause = Duration::from_secs(1 << segment.failures.min(6)).min(LONGEST_PAUSE);
                    self.store().save_segment(id, phase, place, &mut segment).await?;
                    worker.bell.ring(Task::Segment(task.clone()), pause).await?;
                    return Ok(());
                }
            }
            if !self.store().save_segment(id, phase, place, &mut segment).await? {
                // Another worker is at it, and further: what this one wrote, it finds as duplicates.
                return Ok(());
            }
            if !segment.done && Instant::now() >= deadline {
                worker
                    .bell
                    .ring(Task::Segment(task.clone()), Duration::ZERO)
                    .await?;
                return Ok(());
            }
        }
        let advance = Advance {
            subscriber: task.subscriber.clone(),
            run: id,
            heartbeat: false,
        };
        worker.bell.ring(Task::Advance(advance), Duration::ZERO).await?;
        Ok(())
    }

    /// The one place where a page's numbers leave the worker.
    fn count(&self, run: &Run, page: &Page) {
        let counts = &page.counts;
        Metrics::event("OperationsPage")
            .dimension("Subscriber", self.name())
            .property("run", run.id.to_string())
            .property("phase", format!("{:?}", run.phase))
            .count("CommitsRead", counts.commits)
            .count("DocumentsRebuilt", if run.phase == Phase::Scan { counts.written } else { 0 })
            .count("DocumentsBehind", counts.behind)
            .count("Differences", counts.differences)
            .count("ItemsDeleted", counts.deleted)
            .number("ReadUnits", telemetry::Unit::None, counts.read_units)
            .number("WriteUnits", telemetry::Unit::None, counts.write_units)
            .emit();
    }
}

impl<V: View> Pages for Engine<ViewOf<V>> {
    fn page<'a>(
        &'a self,
        run: &'a Run,
        place: &'a Place,
        start: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Page, PageError>> {
        Box::pin(async move {
            match run.phase {
                Phase::Scan => self.scan_page(run, place, start).await,
                Phase::Verify => self.verify_page(run, place, start).await,
                Phase::Compare if run.deep => self.deep_page(run, place, start).await,
                Phase::Compare => self.quick_page(run, place, start).await,
                Phase::Fence | Phase::Delete | Phase::End => Ok(Page::default()),
            }
        })
    }

    fn size(&self) -> BoxFuture<'_, Option<u64>> {
        Box::pin(async move {
            let mut size = 0;
            for source in V::SOURCES {
                size += self.sources.of(source).ok()?.size().await.ok()?;
            }
            Some(size)
        })
    }
}

impl Pages for ReactorPages {
    fn page<'a>(
        &'a self,
        run: &'a Run,
        place: &'a Place,
        start: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Page, PageError>> {
        Box::pin(self.quick_page(run, place, start))
    }

    fn size(&self) -> BoxFuture<'_, Option<u64>> {
        Box::pin(async { None })
    }
}
