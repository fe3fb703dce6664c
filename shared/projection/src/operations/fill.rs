//! Fills views: the worker builds a view that was never built, without an operator.

use super::control::{Next, SubjectKind};
use super::error::{ControlError, WorkError};
use super::member::Member;
use super::rebuild::RebuildOptions;
use super::record::{Phase, RunId};
use super::store::Attempts;
use crate::pause::grown;
use crate::registry::Registry;
use std::time::Duration;

/// The pause after the first failed or aborted attempt. It doubles with each attempt, because each one may read all sources of
/// the view.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

impl Member {
    /// Starts to build the view if it was never built; with `now` also before the pause after a failed attempt is over. A view
    /// with empty sources is recorded as filled.
    ///
    /// Costs 1 RU when the view is filled. Otherwise it costs 1 RU for the last rebuild, and before a start a Scan of at most 100
    /// commits per source and one transaction. The transaction requires that the registry is unchanged, so only one of several
    /// workers succeeds.
    pub(super) async fn fill(&self, now: bool) -> Result<(), WorkError> {
        if self.control.subject().kind == SubjectKind::Reactor {
            return Ok(());
        }
        let mut attempts = Attempts::default();
        loop {
            let mut registry = self.store().registry().await?;
            if registry.filled() {
                return Ok(());
            }
            if let Some(candidate) = registry.candidate {
                return self.look_after(candidate).await;
            }
            let failed = self.failed_fills(&registry, now).await?;
            let Some(failed) = failed else {
                return Ok(());
            };
            let empty = self.pages.sources_are_empty().await;
            if empty.map_err(|error| ControlError::Unavailable(error.to_string()))? {
                registry.from_the_start = true;
                if self
                    .store()
                    .transition(&registry, Vec::new(), &mut attempts)
                    .await?
                {
                    tracing::info!(
                        subscriber = self.name(),
                        "a new view is filled because its sources are empty"
                    );
                    return Ok(());
                }
                continue;
            }
            let options = RebuildOptions::default();
            let (Next::New(mut run) | Next::Known(mut run)) =
                self.control.next_rebuild(&mut registry, &options).await?;
            run.fill = Some(failed + 1);
            let id = run.id;
            if self
                .store()
                .transition(&registry, vec![run], &mut attempts)
                .await?
            {
                tracing::info!(subscriber = self.name(), run = %id, "started to fill a view that was never built");
                return Ok(self.control.ring(id).await?);
            }
        }
    }

    /// Returns the number of failed attempts to fill the view, or `None` during the pause before the next one. Costs 1 RU.
    async fn failed_fills(&self, registry: &Registry, now: bool) -> Result<Option<u32>, WorkError> {
        let last = self.store().run(RunId::rebuild(registry.last)).await?;
        let failed = last.and_then(|run| Some((run.fill?, run.ended?)));
        let Some((failed, ended)) = failed else {
            return Ok(Some(0));
        };
        let pause = grown(FIRST_PAUSE, 2, failed.saturating_sub(1), LONGEST_PAUSE);
        let passed = Duration::try_from(self.control.now().duration_since(ended)).unwrap_or_default();
        Ok((now || passed >= pause).then_some(failed))
    }

    /// Sends the task of an existing rebuild again if the worker that started it died before it sent the task. Other rebuilds
    /// are in progress or wait for an operator. Costs 1 RU.
    async fn look_after(&self, candidate: u64) -> Result<(), WorkError> {
        let Some(run) = self.store().run(RunId::rebuild(candidate)).await? else {
            return Ok(());
        };
        let waits = run.fill.is_some() && run.phase == Phase::Fence && run.fence.is_none();
        let age = Duration::try_from(self.control.now().duration_since(run.started)).unwrap_or_default();
        if waits && age > self.options.stale {
            self.control.ring(run.id).await?;
        }
        Ok(())
    }
}
