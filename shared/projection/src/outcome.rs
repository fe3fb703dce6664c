//! The work on one document, and its metrics.

use crate::report::{BatchReport, Meter};
use crate::state::State;
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
    pub(crate) unknown: u64,
    /// How often the document was made anew, because the history of a source changed.
    pub(crate) remade: u64,
    /// Commits in messages that their event table no longer has.
    pub(crate) gone: u64,
    pub(crate) held: u64,
    pub(crate) effects: u64,
}

/// The maximum number of correlation ids in the log line of a batch, about 2 KB.
const CORRELATION_IDS: usize = 100;

/// A commit that was applied, for the metrics and the log.
pub(crate) struct Applied {
    pub(crate) stream: StreamId,
    pub(crate) last: u64,
    pub(crate) time: Timestamp,
    pub(crate) metadata: Metadata,
}

impl Outcome {
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
            if state.hold(source) {
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
        report.unknown += self.unknown;
        report.remade += self.remade;
        report.gone += self.gone;
        report.held += self.held;
        report.effects += self.effects;
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
