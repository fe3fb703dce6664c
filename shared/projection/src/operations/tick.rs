//! What is due for a subscriber.

use super::control::SubjectKind;
use super::error::{ControlError, WorkError};
use super::member::Member;
use super::store::meter;
use super::task::BellError;
use crate::deadline::{DeadlineEntry, ENTRIES};
use crate::due::{DUE, Entry, before};
use crate::item::{Item, PK, SK, key, text};
use crate::mark::MarkKind;
use crate::mutation::{Safeguard, is_removed};
use crate::sweep::{ring, ring_overdue};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// The number of entries that are read and rung at a time, about 200 KB.
const TOGETHER: usize = 500;
/// The number of attempts to delete what DynamoDB left unprocessed.
const ATTEMPTS: u32 = 8;

/// How long a deadline that is to be answered may have passed before it counts as overdue: enough for some ticks and for a
/// service that refuses for a moment.
const OVERDUE: Duration = Duration::from_secs(600);

/// The number of overdue steps that a log line names.
const NAMED: usize = 20;

/// What was due.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ticked {
    /// Sources that are tried again after a technical failure.
    pub(super) parked: u64,
    /// Sources that wait for newer code.
    pub(super) newer: u64,
    /// How long the oldest of the parked ones has been parked.
    pub(super) oldest: Duration,
    /// Deadlines that have passed and are to be answered.
    pub(super) deadlines: u64,
    /// Deadlines of which nobody answered or met the step: watched ones, and those for longer than [`OVERDUE`].
    pub(super) overdue: u64,
}

impl std::ops::AddAssign for Ticked {
    fn add_assign(&mut self, more: Self) {
        self.parked += more.parked;
        self.newer += more.newer;
        self.oldest = self.oldest.max(more.oldest);
        self.deadlines += more.deadlines;
        self.overdue += more.overdue;
    }
}

impl Member {
    /// Sends a message to the subscriber for each entry that is due. The subscriber removes the entry with the work that
    /// is done, so an entry is rung again each minute until then. 1 RU when nothing is due, 2 for a reactor; 1 RU per 4 KB of
    /// entries, and 1 RU for the registry if one is a mark.
    pub(super) async fn tick(&self, deadline: Instant) -> Result<Ticked, WorkError> {
        let now = self.control.now();
        let end = before(now.checked_add(Duration::from_millis(1)).unwrap_or(now));
        let partitions: &[&str] = match self.control.subject().kind {
            // A view has no deadlines.
            SubjectKind::View => &[DUE],
            SubjectKind::Reactor => &[DUE, ENTRIES],
        };
        let mut ticked = Ticked::default();
        for partition in partitions {
            let mut after: Option<String> = None;
            loop {
                let table = &self.store().table;
                let meter = meter();
                let read = table.until(partition, &end, after.as_deref(), TOGETHER, &meter);
                let (items, more) = read.await.map_err(ControlError::Unavailable)?;
                if items.is_empty() {
                    break;
                }
                ticked += if *partition == DUE {
                    self.ring_marks(&items, now).await?
                } else {
                    self.ring_deadlines(&items, now).await
                };
                after = items.last().and_then(|item| text(item, SK));
                if !more || Instant::now() >= deadline {
                    break;
                }
            }
        }
        Ok(ticked)
    }

    async fn ring_marks(&self, items: &[Item], now: Timestamp) -> Result<Ticked, WorkError> {
        let feeding = self.store().registry().await?.feeding;
        let mut ticked = Ticked::default();
        let (mut keys, mut gone) = (Vec::new(), Vec::new());
        for item in items {
            let entry = Entry::read(item);
            // What cannot be read is not the entry of this version of the code.
            let Some(entry) = entry else { continue };
            if !feeding.contains(&entry.generation) {
                let place = text(item, PK).zip(text(item, SK));
                gone.extend(place.map(|(pk, sk)| key(pk, sk)));
                continue;
            }
            match entry.kind {
                MarkKind::Newer => ticked.newer += 1,
                MarkKind::Parked | MarkKind::Quarantined => {
                    let age = Duration::try_from(now.duration_since(entry.since)).unwrap_or_default();
                    ticked.parked += 1;
                    ticked.oldest = ticked.oldest.max(age);
                }
            }
            keys.push(entry.key);
        }
        let table = &self.store().table;
        if !gone.is_empty() {
            let deleted = table.delete(gone, ATTEMPTS, &meter()).await;
            deleted.map_err(ControlError::Unavailable)?;
        }
        self.still_due(ring(&*self.bell, self.name(), self.control.lanes(), keys).await);
        Ok(ticked)
    }

    async fn ring_deadlines(&self, items: &[Item], now: Timestamp) -> Ticked {
        let mut ticked = Ticked::default();
        let (mut documents, mut late) = (BTreeSet::new(), Vec::new());
        for deadline in items.iter().filter_map(DeadlineEntry::read) {
            let age = Duration::try_from(now.duration_since(deadline.time)).unwrap_or_default();
            if deadline.watched || age > OVERDUE {
                late.push(format!("{} of {}", deadline.name, deadline.document));
            }
            if !deadline.watched && !is_removed(Safeguard::Deadlines) {
                ticked.deadlines += 1;
                documents.insert(deadline.document);
            }
        }
        if !late.is_empty() {
            ticked.overdue = late.len() as u64;
            late.truncate(NAMED);
            let subscriber = self.name();
            tracing::warn!(subscriber, overdue = ticked.overdue, first = ?late, "steps are overdue");
        }
        self.still_due(ring_overdue(&*self.bell, self.name(), self.control.lanes(), documents).await);
        ticked
    }

    /// Logs that messages were refused. What they are about remains due, and counts for the alarm.
    fn still_due(&self, rung: Result<(), BellError>) {
        if let Err(error) = rung {
            tracing::warn!(subscriber = self.name(), %error, "the queue refuses messages for what is due");
        }
    }
}
