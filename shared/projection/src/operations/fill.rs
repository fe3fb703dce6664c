//! Filling a view: a view that was never built is built by itself, without an operator.

use super::control::{Next, SubjectKind};
use super::error::{ControlError, WorkError};
use super::member::Member;
use super::rebuild::RebuildOptions;
use super::record::{Phase, RunId};
use super::store::Attempts;
use crate::registry::Registry;
use std::time::Duration;

/// A view that could not be built, or whose building was aborted, is tried again after this time; then after twice as long,
/// and so on. Each attempt may read all of its sources.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

impl Member {
    /// Begins to build the view if it was never built; with `now` also where the last attempt failed a short while ago. One
    /// whose sources are empty has nothing to be built from: it is filled already, which is written down.
    ///
    /// 1 RU when the view is filled. Otherwise 1 RU for its last rebuild, and when there is something to do a Scan of at most
    /// 100 commits per source and one transaction. What several workers do at a time is conditional on the registry as each of
    /// them read it, so one of them does it.
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
                        "a new view has nothing to be built from"
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
                tracing::info!(subscriber = self.name(), run = %id, "a view that was never built is being filled");
                return Ok(self.control.ring(id).await?);
            }
        }
    }

    /// How many attempts to fill the view have failed; none while the next one has to wait. 1 RU.
    async fn failed_fills(&self, registry: &Registry, now: bool) -> Result<Option<u32>, WorkError> {
        let last = self.store().run(RunId::rebuild(registry.last)).await?;
        let failed = last.and_then(|run| Some((run.fill?, run.ended?)));
        let Some((failed, ended)) = failed else {
            return Ok(Some(0));
        };
        let pause = FIRST_PAUSE * 2_u32.saturating_pow(failed.saturating_sub(1));
        let passed = Duration::try_from(self.control.now().duration_since(ended)).unwrap_or_default();
        Ok((now || passed >= pause.min(LONGEST_PAUSE)).then_some(failed))
    }

    /// A rebuild is under way, or waits for an operator. Rings for one that a worker has begun and died before it could ring.
    /// 1 RU.
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
