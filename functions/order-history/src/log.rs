use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The maximum number of transitions that a document stores of each source. A document is read and written as a whole,
/// and an order that is revised repeatedly must not grow without bound: 4 sources × 60 entries of about 120 bytes stay
/// below 32 KB.
pub const TRANSITIONS_PER_SOURCE: usize = 60;

/// The transitions of one source, in the order of its versions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Log {
    entries: Vec<Entry>,
    /// The number of older entries that were dropped.
    #[serde(default, skip_serializing_if = "none")]
    omitted: u64,
}

fn none(omitted: &u64) -> bool {
    *omitted == 0
}

/// An event that changed something. Names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) version: u64,
    pub(crate) event: String,
    pub(crate) status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

impl Log {
    pub(crate) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
        if self.entries.len() > TRANSITIONS_PER_SOURCE {
            // The first entry is kept: it has the time and the status of the beginning.
            self.entries.remove(1);
            self.omitted += 1;
        }
    }

    pub(crate) fn omitted(&self) -> u64 {
        self.omitted
    }

    /// Returns the time of the first event of this type.
    pub(crate) fn time_of(&self, event: &str) -> Option<Timestamp> {
        self.entries
            .iter()
            .find(|entry| entry.event == event)
            .map(|entry| entry.at)
    }
}

/// Merges the transitions of several sources. The order depends only on the entries: by time, then by the source's name,
/// then by version. Within one source the version always decides, even if a writer's clock ran backwards: an entry counts
/// as not earlier than the previous ones of its source.
pub(crate) fn merge<'a>(
    logs: impl IntoIterator<Item = (&'static str, &'a Log)>,
) -> Vec<(&'static str, &'a Entry)> {
    let mut all: Vec<(Timestamp, &'static str, &Entry)> = Vec::new();
    for (source, log) in logs {
        let mut latest = Timestamp::MIN;
        for entry in &log.entries {
            latest = latest.max(entry.at);
            all.push((latest, source, entry));
        }
    }
    all.sort_by_key(|(time, source, entry)| (*time, *source, entry.version));
    all.into_iter()
        .map(|(_, source, entry)| (source, entry))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seconds: i64, version: u64) -> Entry {
        Entry {
            at: Timestamp::from_second(seconds).unwrap(),
            version,
            event: format!("Event{version}"),
            status: "OPEN".into(),
            reason: None,
        }
    }

    fn log(entries: &[(i64, u64)]) -> Log {
        let mut log = Log::default();
        for (seconds, version) in entries {
            log.push(entry(*seconds, *version));
        }
        log
    }

    fn merged(logs: &[(&'static str, Log)]) -> Vec<(&'static str, u64)> {
        merge(logs.iter().map(|(source, log)| (*source, log)))
            .into_iter()
            .map(|(source, entry)| (source, entry.version))
            .collect()
    }

    #[test]
    fn transitions_are_sorted_by_time() {
        let order = log(&[(10, 1), (30, 2)]);
        let ticket = log(&[(20, 1), (40, 2)]);
        let expected = [("order", 1), ("ticket", 1), ("order", 2), ("ticket", 2)];
        assert_eq!(
            merged(&[("order", order.clone()), ("ticket", ticket.clone())]),
            expected
        );
        assert_eq!(merged(&[("ticket", ticket), ("order", order)]), expected);
    }

    #[test]
    fn equal_times_are_sorted_by_source() {
        let (order, payment) = (log(&[(10, 1)]), log(&[(10, 1)]));
        assert_eq!(
            merged(&[("payment", payment), ("order", order)]),
            [("order", 1), ("payment", 1)]
        );
    }

    #[test]
    fn versions_of_a_source_stay_in_order_when_the_clock_runs_backwards() {
        let order = log(&[(50, 1), (10, 2)]);
        let ticket = log(&[(20, 1)]);
        assert_eq!(
            merged(&[("order", order), ("ticket", ticket)]),
            [("ticket", 1), ("order", 1), ("order", 2)]
        );
    }

    #[test]
    fn long_log_keeps_its_first_and_latest_entries() {
        let count = TRANSITIONS_PER_SOURCE as u64 + 5;
        let entries: Vec<(i64, u64)> = (1..=count).map(|n| (n.cast_signed(), n)).collect();
        let log = log(&entries);
        assert_eq!((log.entries.len(), log.omitted()), (TRANSITIONS_PER_SOURCE, 5));
        let versions: Vec<u64> = log.entries.iter().map(|entry| entry.version).collect();
        assert_eq!(
            (versions[0], versions[1], *versions.last().unwrap()),
            (1, 7, count)
        );
    }
}
