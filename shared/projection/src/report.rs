use std::sync::{Mutex, PoisonError};
use telemetry::{Metrics, Unit};

/// What one batch did: the numbers behind the metrics of projectors and reactors.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BatchReport {
    /// The view's or reactor's name.
    pub subscriber: &'static str,
    /// Messages in the batch.
    pub messages: u64,
    /// Messages whose body could not be read. They go to the dead-letter queue.
    pub unreadable: u64,
    /// Messages to be delivered again.
    pub failed: u64,
    /// Commits and keys in the messages.
    pub commits: u64,
    /// Commits of a category that the subscriber does not listen to.
    pub foreign: u64,
    /// Documents that the batch touched, once per generation.
    pub documents: u64,
    /// Documents that were written.
    pub written: u64,
    /// Commits that were applied, the healed ones included.
    pub applied: u64,
    /// Commits that were applied before.
    pub duplicates: u64,
    /// Commits of which only the later part was new.
    pub overlaps: u64,
    /// Gaps that were healed from an event table, keys without a parcel included.
    pub healed: u64,
    /// Events of a type that nobody here knows.
    pub unknown: u64,
    /// Sources of documents that were put into quarantine.
    pub quarantined: u64,
    /// Commits that were held back because their source was in quarantine.
    pub held: u64,
    /// Documents whose quarantine an operator had lifted.
    pub redriven: u64,
    /// Writes that lost a race, and transactions that met another one.
    pub conflicts: u64,
    /// Effects that were run.
    pub effects: u64,
    /// From the oldest applied commit's time to the end of the batch. None: nothing was applied.
    pub lag_ms: Option<i64>,
    /// DynamoDB calls on the subscriber's own table.
    pub calls: u64,
    /// Read units they consumed.
    pub read_units: f64,
    /// Write units they consumed.
    pub write_units: f64,
}

impl BatchReport {
    /// The one place where a batch's numbers leave the engine.
    pub(crate) fn emit(&self) {
        let mut event = Metrics::event("ProjectionBatch")
            .dimension("Subscriber", self.subscriber)
            .count("Messages", self.messages)
            .count("UnreadableMessages", self.unreadable)
            .count("FailedMessages", self.failed)
            .count("Commits", self.commits)
            .count("ForeignCommits", self.foreign)
            .count("Documents", self.documents)
            .count("DocumentsWritten", self.written)
            .count("CommitsApplied", self.applied)
            .count("Duplicates", self.duplicates)
            .count("Overlaps", self.overlaps)
            .count("GapsHealed", self.healed)
            .count("UnknownEvents", self.unknown)
            .count("Quarantined", self.quarantined)
            .count("CommitsHeld", self.held)
            .count("Redriven", self.redriven)
            .count("Conflicts", self.conflicts)
            .count("Effects", self.effects)
            .count("Calls", self.calls)
            .number("ReadUnits", Unit::None, self.read_units)
            .number("WriteUnits", Unit::None, self.write_units);
        if let Some(lag) = self.lag_ms {
            #[expect(clippy::cast_precision_loss, reason = "exact for 285,000 years")]
            let lag = lag as f64;
            event = event.milliseconds("Lag", lag);
        }
        event.emit();
    }
}

/// A report that concurrent documents add to.
#[derive(Debug)]
pub(crate) struct Meter(Mutex<BatchReport>);

impl Meter {
    pub(crate) fn new(report: BatchReport) -> Self {
        Self(Mutex::new(report))
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut BatchReport)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn read(&self, units: Option<f64>) {
        self.note(|report| {
            report.calls += 1;
            report.read_units += units.unwrap_or(0.0);
        });
    }

    pub(crate) fn wrote(&self, units: Option<f64>) {
        self.note(|report| {
            report.calls += 1;
            report.write_units += units.unwrap_or(0.0);
        });
    }

    pub(crate) fn finish(self) -> BatchReport {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
