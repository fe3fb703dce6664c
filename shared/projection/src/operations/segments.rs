//! The work on one segment: page by page, with its position saved after each.

use super::clear;
use super::error::WorkError;
use super::member::Member;
use super::page::{Page, PageError};
use super::record::{DIFFERENCES_KEPT, Kind, Phase, Run};
use super::run::places;
use super::task::{Advance, Place, SegmentTask, Task};
use crate::pause::grown;
use jiff::Timestamp;
use std::time::Duration;
use telemetry::Metrics;
use tokio::time::{Instant, timeout};

/// The number of failures without any progress after which a segment has failed for good.
const MOST_FAILURES: u32 = 10;
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

impl Member {
    pub(super) async fn ring_segments(
        &self,
        run: &Run,
        wanted: impl Fn(Option<Timestamp>) -> bool,
    ) -> Result<(), WorkError> {
        let segments = self.store().segments(run.id, run.phase).await?;
        for place in places(run, run.phase, &self.control.subject().sources) {
            let known = segments.get(&place);
            let done = known.is_some_and(|segment| segment.done);
            if !done && wanted(known.and_then(|segment| segment.saved)) {
                let task = self.task(run, place);
                self.bell.ring(Task::Segment(task), Duration::ZERO).await?;
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

    pub(super) async fn segment(&self, task: &SegmentTask, deadline: Instant) -> Result<(), WorkError> {
        let (id, phase, place) = (task.run, task.phase, &task.place);
        let mut segment = self.store().segment(id, phase, place).await?;
        while !segment.done {
            let limit = self.options.page;
            let page = match timeout(limit, self.page(task, segment.start.as_deref())).await {
                Ok(page) => match page? {
                    Some(page) => page,
                    None => return Ok(()),
                },
                Err(_) => Err(PageError::Again(format!("a page took longer than {limit:?}"))),
            };
            segment.saved = Some(self.control.now());
            match page {
                Ok(page) => {
                    self.emit(&id.to_string(), phase, &page);
                    segment.counts += page.counts;
                    let room = DIFFERENCES_KEPT - segment.differences.len().min(DIFFERENCES_KEPT);
                    segment
                        .differences
                        .extend(page.differences.into_iter().take(room));
                    segment.done = page.next.is_none();
                    segment.start = page.next;
                    (segment.failures, segment.error) = (0, None);
                }
                Err(PageError::Never(reason)) => return self.fail(id, &reason).await,
                Err(PageError::Again(reason)) => {
                    tracing::warn!(subscriber = self.name(), run = %id, reason, "a page is retried");
                    segment.failures += 1;
                    if segment.failures >= MOST_FAILURES && id.kind != Kind::Clear {
                        return self.fail(id, &reason).await;
                    }
                    segment.error = Some(reason);
                    let pause = grown(FIRST_PAUSE, 2, segment.failures - 1, LONGEST_PAUSE);
                    self.store().save_segment(id, phase, place, &mut segment).await?;
                    self.bell.ring(Task::Segment(task.clone()), pause).await?;
                    return Ok(());
                }
            }
            if !self.store().save_segment(id, phase, place, &mut segment).await? {
                // Another worker has progressed further on this segment; it treats what this one wrote as duplicates.
                return Ok(());
            }
            if !segment.done && Instant::now() >= deadline {
                self.bell
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
        self.bell.ring(Task::Advance(advance), Duration::ZERO).await?;
        Ok(())
    }

    /// Handles one page while the run is in this phase, which may be aborted at any time. Returns `None` when it is
    /// not.
    async fn page(
        &self,
        task: &SegmentTask,
        start: Option<&str>,
    ) -> Result<Option<Result<Page, PageError>>, WorkError> {
        let run = self.store().run(task.run).await?;
        let Some(run) = run.filter(|run| run.active() && run.phase == task.phase) else {
            return Ok(None);
        };
        Ok(Some(match task.phase {
            Phase::Delete => clear::page(&self.store().table, &run, &task.place, start).await,
            _ => self.pages.page(&run, &task.place, start).await,
        }))
    }

    /// Emits the numbers of a page. This is the only place that does. Numbers that no alarm uses are properties: each
    /// metric is billed, and the units of a page are not those of a batch.
    pub(super) fn emit(&self, run: &str, phase: Phase, page: &Page) {
        let counts = &page.counts;
        let rebuilt = if phase == Phase::Scan { counts.written } else { 0 };
        // Generations may differ, which is the reason for a rebuild; a sweep that finds a difference has found a
        // defect.
        let differences = if phase == Phase::Compare {
            counts.differences
        } else {
            0
        };
        Metrics::event("OperationsPage")
            .dimension("Subscriber", self.name())
            .property("run", run)
            .property("phase", format!("{phase:?}"))
            .property("CommitsRead", counts.read)
            .property("DocumentsBehind", counts.behind)
            .property("ItemsDeleted", counts.deleted)
            .property("ReadUnits", counts.read_units)
            .property("WriteUnits", counts.write_units)
            .count("DocumentsRebuilt", rebuilt)
            .count("Differences", differences)
            .emit();
    }
}
