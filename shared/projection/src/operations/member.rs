//! The work for one subscriber, from phase to phase.

use super::control::Control;
use super::error::{ControlError, WorkError};
use super::options::WorkerOptions;
use super::page::{Pages, stands_still};
use super::record::{Kind, Phase, Run, RunId, State};
use super::run::places;
use super::segment;
use super::store::{Store, meter};
use super::task::{Advance, Bell, Task};
use crate::item::{SK, key, text};
use crate::mutation::{Safeguard, is_removed};
use crate::registry::REGISTRY;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use telemetry::Metrics;

/// A subscriber and the operations on its documents.
pub(super) struct Member {
    pub(super) control: Control,
    pub(super) pages: Box<dyn Pages>,
    pub(super) bell: Arc<dyn Bell>,
    pub(super) options: WorkerOptions,
}

/// The number of sweeps that are kept; older ones are deleted.
const SWEEPS_KEPT: usize = 20;

/// The time without progress after which the schedule continues a run. A heartbeat of a run that is alive would have continued it
/// much earlier ([`WorkerOptions::stale`]).
const STOPPED: Duration = Duration::from_secs(3_600);

impl Member {
    pub(super) fn store(&self) -> &Store {
        self.control.store()
    }

    pub(super) fn name(&self) -> &str {
        &self.control.subject().name
    }

    /// Sends a task for every active run, and with `segments` for each of its unfinished segments.
    pub(super) async fn resume(&self, segments: bool) -> Result<u64, WorkError> {
        let mut resumed = 0;
        for kind in [Kind::Rebuild, Kind::Sweep, Kind::Clear] {
            for run in self.store().runs(kind).await?.iter().filter(|run| run.active()) {
                resumed += 1;
                self.control.ring(run.id).await?;
                if segments {
                    self.ring_segments(run, |_| true).await?;
                }
            }
        }
        Ok(resumed)
    }

    /// Sends a task for every active run without progress for [`STOPPED`]: its tasks are lost, or are in the dead-letter queue.
    /// 3 RU, and 1 RU more for each active run.
    pub(super) async fn resume_stopped(&self) -> Result<(), WorkError> {
        let now = self.control.now();
        for kind in [Kind::Rebuild, Kind::Sweep, Kind::Clear] {
            for run in self.store().runs(kind).await?.iter().filter(|run| run.active()) {
                let segments = self.store().segments(run.id, run.phase).await?;
                let saved = segments.values().filter_map(|segment| segment.saved).max();
                let since = saved.map_or(run.phase_since, |saved| saved.max(run.phase_since));
                if Duration::try_from(now.duration_since(since)).is_ok_and(|age| age > STOPPED) {
                    self.control.ring(run.id).await?;
                }
            }
        }
        Ok(())
    }

    pub(super) async fn advance(&self, advance: &Advance) -> Result<(), WorkError> {
        let again = self.continue_run(advance.run, advance.heartbeat).await?;
        if let Some(again) = again.filter(|_| advance.heartbeat) {
            self.bell.ring(Task::Advance(advance.clone()), again).await?;
        }
        Ok(())
    }

    /// Takes the step that a run is ready for. With `resend` it also sends tasks for segments that have made no progress for too
    /// long. Returns the pause before the next heartbeat, or `None` when the run has ended.
    pub(super) async fn continue_run(&self, id: RunId, resend: bool) -> Result<Option<Duration>, WorkError> {
        let Some(mut run) = self.store().run(id).await?.filter(Run::active) else {
            return Ok(None);
        };
        let now = self.control.now();
        let mut again = self.options.heartbeat;
        if run.phase == Phase::Fence {
            let left = self.left_of_fence(&mut run, now).await?;
            if !left.is_zero() {
                again = left;
            } else if self.begin(&mut run, now).await? {
                self.ring_segments(&run, |_| true).await?;
            }
        } else if self.failed_early(&run).await? {
            return Ok(None);
        } else if self.through(&run).await? {
            if let Some(next) = self.end_phase(&mut run, now).await? {
                self.ring_segments(&next, |_| true).await?;
            } else {
                return Ok(None);
            }
        } else if resend {
            let stale = self.options.stale;
            let unbegun = self.options.heartbeat * 2;
            self.ring_segments(&run, |saved| {
                let (since, patience) = saved.map_or((run.phase_since, unbegun), |saved| (saved, stale));
                Duration::try_from(now.duration_since(since)).is_ok_and(|age| age > patience)
            })
            .await?;
        }
        Ok(Some(again))
    }

    /// Returns how much of the fence is left. The fence begins when a worker finds the run, which is written in one
    /// transaction with the change of the registry: the clock of the process that requested the change does not tell
    /// when it was written.
    async fn left_of_fence(&self, run: &mut Run, now: Timestamp) -> Result<Duration, WorkError> {
        // A sweep does not depend on a change of the registry.
        if run.id.kind == Kind::Sweep || is_removed(Safeguard::Fence) {
            return Ok(Duration::ZERO);
        }
        let over = match run.fence {
            Some(over) => over,
            None => {
                let over = self.control.fence(now);
                run.fence = Some(over);
                self.store().save_run(run).await?;
                over
            }
        };
        Ok(Duration::try_from(over.duration_since(now)).unwrap_or_default())
    }

    /// Starts the first phase with segments after the fence. Returns `false` when another worker did it, or the run
    /// changed.
    async fn begin(&self, run: &mut Run, now: Timestamp) -> Result<bool, WorkError> {
        match run.id.kind {
            Kind::Rebuild => {
                run.expected = self.pages.size().await;
                run.enter(Phase::Scan, now);
            }
            Kind::Sweep => run.enter(Phase::Compare, now),
            Kind::Clear => run.enter(Phase::Delete, now),
        }
        Ok(self.store().save_run(run).await?)
    }

    /// Fails the rebuild at once when an event cannot be applied in the generation that is being built, wherever it was
    /// found (C8).
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

    /// Ends a phase whose segments are all done. Returns the run when it has a next phase.
    async fn end_phase(&self, run: &mut Run, now: Timestamp) -> Result<Option<Run>, WorkError> {
        let id = run.id;
        match (id.kind, run.phase) {
            (Kind::Rebuild, Phase::Scan) => run.enter(Phase::Verify, now),
            (Kind::Rebuild, _) => {
                let ready = self.control.ready(id.number).await?;
                if ready.fills
                    && let Some(replaced) = ready.replaces
                {
                    self.control.ring(RunId::clear(replaced)).await?;
                }
                self.emit_end(&id.to_string(), false);
                tracing::info!(
                    subscriber = self.name(),
                    generation = id.number,
                    fills = ready.fills,
                    "a generation is ready"
                );
                return Ok(None);
            }
            (Kind::Clear, _) => {
                run.enter(Phase::End, now);
                run.state = State::Done;
            }
            (Kind::Sweep, _) => {
                self.control.end_sweep(id.number, State::Done, None).await?;
                self.emit_end(&id.to_string(), false);
                self.forget_old_sweeps().await?;
                return Ok(None);
            }
        }
        let saved = self.store().save_run(run).await?;
        Ok((saved && run.active()).then(|| run.clone()))
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
            table
                .delete(keys, attempts, &meter())
                .await
                .map_err(unavailable)?;
        }
        Ok(())
    }

    /// Fails a run. A generation that was being built is given up; the serving generation is unchanged (G9). A view that cannot
    /// be filled is swept instead: the sweep builds its documents one by one, and quarantines those with an event that cannot be
    /// applied.
    pub(super) async fn fail(&self, id: RunId, reason: &str) -> Result<(), WorkError> {
        tracing::error!(subscriber = self.name(), run = %id, reason, "a run failed");
        match id.kind {
            // A clearing can always continue: the rows remain until the table responds again.
            Kind::Clear => {}
            Kind::Sweep => {
                self.control
                    .end_sweep(id.number, State::Failed, Some(reason))
                    .await?;
            }
            Kind::Rebuild => {
                let failed = self.control.fail_rebuild(id.number, reason).await?;
                self.control.ring(RunId::clear(id.number)).await?;
                if failed.fills {
                    self.sweep(false).await?;
                }
            }
        }
        // This comes after the change: a task that could not write the change is delivered again.
        self.emit_end(&id.to_string(), true);
        Ok(())
    }

    /// Starts a sweep, unless one is in progress.
    pub(super) async fn sweep(&self, deep: bool) -> Result<(), WorkError> {
        match self.control.start_sweep(deep, None).await {
            Err(ControlError::Refused(reason)) => {
                tracing::info!(subscriber = self.name(), reason, "no sweep was started");
                Ok(())
            }
            other => Ok(other.map(drop)?),
        }
    }

    /// Emits the end of a run. Zero is emitted as well: an alarm that has never had a value looks the same as an alarm
    /// on a metric that does not exist.
    pub(super) fn emit_end(&self, run: &str, failed: bool) {
        Metrics::event("RunEnded")
            .dimension("Subscriber", self.name())
            .property("run", run)
            .count("RunsFailed", u64::from(failed))
            .emit();
    }
}
