//! The work on one document, and its metrics.

use crate::job::Job;
use crate::mark::{Mark, MarkKind};
use crate::report::{BatchReport, Meter};
use crate::state::{Deferred, State};
use crate::subscriber::Subscriber;
use commit::{Commit, Metadata, StreamId};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// The work on one document.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) changed: bool,
    /// The indexes of the deliveries to be repeated.
    pub(crate) failed: Vec<usize>,
    /// The reason of the last one.
    pub(crate) reason: Option<String>,
    pub(crate) applied: Vec<Applied>,
    pub(crate) condemned: Vec<String>,
    pub(crate) duplicates: u64,
    pub(crate) overlaps: u64,
    pub(crate) healed: u64,
    /// How often the document was made anew, because the history of a source changed.
    pub(crate) remade: u64,
    /// Commits in messages that their event table no longer has.
    pub(crate) gone: u64,
    /// The events of newer code at which a source stands still.
    pub(crate) newer: Vec<String>,
    /// The sources that failed and are tried again later.
    pub(crate) parked: u64,
    /// The sources that continue after such a try.
    pub(crate) resumed: u64,
    pub(crate) held: u64,
    pub(crate) effects: u64,
    /// The deadlines that were answered.
    pub(crate) answered: u64,
}

/// The maximum number of correlation ids in the log line of a batch, about 2 KB.
const CORRELATION_IDS: usize = 100;

/// What an outcome had at some time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noted {
    changed: bool,
    applied: usize,
    condemned: usize,
    newer: usize,
    held: u64,
}

/// A commit that was applied, for the metrics and the log.
pub(crate) struct Applied {
    pub(crate) stream: StreamId,
    pub(crate) last: u64,
    pub(crate) time: Timestamp,
    pub(crate) metadata: Metadata,
}

impl Outcome {
    pub(crate) fn noted(&self) -> Noted {
        Noted {
            changed: self.changed,
            applied: self.applied.len(),
            condemned: self.condemned.len(),
            newer: self.newer.len(),
            held: self.held,
        }
    }

    /// Forgets what happened to a document since then, because it is not written. Reads and effects remain counted.
    pub(crate) fn forget_after(&mut self, noted: Noted) {
        self.changed = noted.changed;
        self.applied.truncate(noted.applied);
        self.condemned.truncate(noted.condemned);
        self.newer.truncate(noted.newer);
        self.held = noted.held;
    }

    pub(crate) fn condemn_at<S: Subscriber>(
        &mut self,
        state: &mut State<S>,
        commit: &Commit,
        version: u64,
        error: &str,
    ) {
        let metadata = Some(&commit.metadata);
        self.condemn(state, &commit.stream, version, commit.time, metadata, error);
    }

    pub(crate) fn condemn<S: Subscriber>(
        &mut self,
        state: &mut State<S>,
        stream: &StreamId,
        version: u64,
        time: Timestamp,
        metadata: Option<&Metadata>,
        error: &str,
    ) {
        let source = stream.category();
        tracing::error!(
            subscriber = S::NAME,
            %stream,
            version,
            correlationId = metadata.and_then(|m| m.correlation_id.as_deref()),
            traceId = metadata.and_then(Metadata::trace_id),
            error,
            "quarantined"
        );
        state.condemn(source, version, time, error);
        self.condemned.push(source.to_owned());
        self.changed = true;
    }

    /// Marks a source to be tried again later.
    pub(crate) fn defer<S: Subscriber>(
        &mut self,
        state: &mut State<S>,
        deferred: Deferred<'_>,
        before: Option<&Mark>,
        (stream, metadata): (&StreamId, Option<&Metadata>),
    ) {
        let (version, error) = (deferred.version, deferred.error);
        let (correlation_id, trace_id) = (
            metadata.and_then(|m| m.correlation_id.as_deref()),
            metadata.and_then(Metadata::trace_id),
        );
        let message = if deferred.kind == MarkKind::Newer {
            self.newer.push(format!("{stream} version {version}: {error}"));
            "newer code wrote an event; its source waits for newer code here"
        } else {
            self.parked += 1;
            "parked: a source is tried again later"
        };
        tracing::warn!(
            subscriber = S::NAME,
            %stream,
            version,
            correlationId = correlation_id,
            traceId = trace_id,
            error,
            "{message}"
        );
        state.defer(deferred, before);
        self.changed = true;
    }

    /// Returns the outcome when the folded document cannot be stored: the sources of the change are quarantined.
    pub(crate) fn condemned<S: Subscriber>(&self, state: &mut State<S>, error: &str) -> Self {
        let mut outcome = Self {
            failed: self.failed.clone(),
            ..Self::default()
        };
        let mut touched = BTreeSet::new();
        for first in &self.applied {
            let source = first.stream.category();
            if !touched.insert(source) {
                continue;
            }
            let quarantined = state.marks.get(source).is_some_and(|mark| mark.next.is_none());
            if quarantined && state.hold(source) {
                // Another writer has quarantined the source in the meantime, for the same reason.
                outcome.changed = true;
                continue;
            }
            tracing::error!(
                subscriber = S::NAME,
                stream = %first.stream,
                version = state.version(source) + 1,
                correlationId = first.metadata.correlation_id,
                traceId = first.metadata.trace_id(),
                error,
                "quarantined: the document cannot be written"
            );
            let version = state.version(source) + 1;
            state.condemn(source, version, first.time, error);
            outcome.condemned.push(source.to_owned());
            outcome.changed = true;
        }
        outcome
    }

    /// Returns this outcome of quarantining sources because the `folded` document cannot be written. Whatever else
    /// happened to other sources is not written either: their commits are delivered again.
    pub(crate) fn after(mut self, folded: &Self, job: Job<'_>, error: &str) -> Self {
        let lost = folded.held + folded.parked + (folded.condemned.len() + folded.newer.len()) as u64;
        if lost > 0 {
            if let Job::Deliver(deliveries) = job {
                self.failed = (0..deliveries.len()).collect();
            }
            self.reason = Some(error.to_owned());
        }
        self
    }

    /// Counts the work, and logs each commit at debug level.
    pub(crate) fn done(&self, meter: &Meter, subscriber: &str, generation: u64, written: bool) {
        meter.note(|report| self.count(report, generation, written));
        for commit in &self.applied {
            tracing::debug!(
                subscriber,
                generation,
                stream = %commit.stream,
                version = commit.last,
                correlationId = commit.metadata.correlation_id,
                traceId = commit.metadata.trace_id(),
                "applied"
            );
        }
    }

    pub(crate) fn count(&self, report: &mut BatchReport, generation: u64, written: bool) {
        report.written += u64::from(written);
        report.applied += self.applied.len() as u64;
        report.duplicates += self.duplicates;
        report.overlaps += self.overlaps;
        report.healed += self.healed;
        report.remade += self.remade;
        report.gone += self.gone;
        report.newer += self.newer.len() as u64;
        report.parked += self.parked;
        report.resumed += self.resumed;
        report.held += self.held;
        report.effects += self.effects;
        report.answered += self.answered;
        report.quarantined += self.condemned.len() as u64;
        let now = Timestamp::now().as_millisecond();
        for commit in &self.applied {
            if generation == report.serving {
                // The clocks of two machines differ. The lag is at least 0, because CloudWatch has no percentiles of
                // negative numbers.
                let lag = u64::try_from(now - commit.time.as_millisecond());
                report.lags_ms.push(lag.unwrap_or_default());
            }
            if let Some(id) = &commit.metadata.correlation_id
                && report.correlation_ids.len() < CORRELATION_IDS
            {
                report.correlation_ids.insert(id.clone());
            }
        }
    }
}
