use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use telemetry::{Metrics, Unit};

/// The work of one batch: the numbers behind the metrics of projectors and reactors.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BatchReport {
    /// The view's or reactor's name.
    pub subscriber: &'static str,
    /// Messages in the batch.
    pub messages: u64,
    /// Messages whose body could not be read. They move to the dead-letter queue.
    pub unreadable: u64,
    /// Messages to be delivered again.
    pub failed: u64,
    /// Commits and keys in the messages.
    pub commits: u64,
    /// Commits of a category that is not a source of the subscriber.
    pub foreign: u64,
    /// Documents that the batch touched, once per generation.
    pub documents: u64,
    /// Documents that were written.
    pub written: u64,
    /// Commits that were applied, healed ones included.
    pub applied: u64,
    /// Commits that were applied before.
    pub duplicates: u64,
    /// Commits of which only the later part was new.
    pub overlaps: u64,
    /// Gaps that were healed from an event table, including commits that were sent as keys.
    pub healed: u64,
    /// Documents that were made anew, because the history of one of their sources changed (G16).
    pub remade: u64,
    /// Commits in messages that their event table no longer has (G16).
    pub gone: u64,
    /// Sources of documents that met an event of newer code, and wait for newer code here.
    pub newer: u64,
    /// Sources of documents that failed for a technical reason and are tried again later.
    pub parked: u64,
    /// Sources of documents that continue after such a try.
    pub resumed: u64,
    /// Sources of documents that were put into quarantine.
    pub quarantined: u64,
    /// Commits that were held back because their source stands still.
    pub held: u64,
    /// Documents whose quarantine an operator had lifted.
    pub redriven: u64,
    /// Writes that lost a race, and transactions that conflicted with another one.
    pub conflicts: u64,
    /// Effects that were run.
    pub effects: u64,
    /// Deadlines of reactors that had passed and were answered.
    pub answered: u64,
    /// The generation that readers see.
    pub serving: u64,
    /// The milliseconds from the commit time to the write, for every commit that was applied to the generation that
    /// readers see. A generation that is being built is left out, because it would count all of history.
    pub lags_ms: Vec<u64>,
    /// The correlation ids of the commits that were applied, the first hundred.
    pub correlation_ids: BTreeSet<String>,
    /// DynamoDB calls on the subscriber's own table.
    pub calls: u64,
    /// Read units they consumed.
    pub read_units: f64,
    /// Write units they consumed.
    pub write_units: f64,
}

impl BatchReport {
    /// Emits the numbers of a batch in one line. This is the only place that does. The numbers that alarms and
    /// dashboards use are metrics, which are billed by name and subscriber; the others are properties of the line.
    pub(crate) fn emit(&self) {
        let event = Metrics::event("ProjectionBatch")
            .dimension("Subscriber", self.subscriber)
            .count("CommitsApplied", self.applied)
            .count("Duplicates", self.duplicates)
            .count("GapsHealed", self.healed)
            .count("Quarantined", self.quarantined)
            .count("Conflicts", self.conflicts)
            .number("ReadUnits", Unit::None, self.read_units)
            .number("WriteUnits", Unit::None, self.write_units)
            .property("Messages", self.messages)
            .property("UnreadableMessages", self.unreadable)
            .property("FailedMessages", self.failed)
            .property("Commits", self.commits)
            .property("ForeignCommits", self.foreign)
            .property("Documents", self.documents)
            .property("DocumentsWritten", self.written)
            .property("Overlaps", self.overlaps)
            .property("DocumentsMadeAnew", self.remade)
            .property("CommitsGone", self.gone)
            .property("NewerEvents", self.newer)
            .property("Parked", self.parked)
            .property("Resumed", self.resumed)
            .property("CommitsHeld", self.held)
            .property("Redriven", self.redriven)
            .property("Effects", self.effects)
            .property("DeadlinesAnswered", self.answered)
            .property("Calls", self.calls)
            .property("MaxLag", self.lags_ms.iter().max().copied())
            .property("correlationIds", Vec::from_iter(self.correlation_ids.clone()));
        let lags = self.lags_ms.iter();
        #[expect(clippy::cast_precision_loss, reason = "exact for 285,000 years")]
        let event = lags.fold(event, |event, lag| event.milliseconds("Lag", *lag as f64));
        event.emit();
        telemetry::history_changed(self.subscriber, self.remade + self.gone);
    }
}

/// A report to which concurrent documents add.
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
