//! The marks with a next try: one partition of a subscriber's table, sorted by that time, which the worker reads each minute
//! ([`Task::Tick`](crate::operations::Task::Tick)).

use crate::item::{Item, SK, text};
use crate::mark::{Mark, MarkKind};
use commit::{CommitKey, StreamId};
use jiff::Timestamp;

/// The partition.
pub(crate) const DUE: &str = "due";

/// Returns the sort key of a mark's entry. Times are padded, so that they sort.
pub(crate) fn sort(time: Timestamp, generation: u64, source: &str, document: &str) -> String {
    format!("{}g{generation}#{source}#{document}", before(time))
}

/// Returns the prefix of the entries of a time, which sorts after all entries of earlier times.
pub(crate) fn before(time: Timestamp) -> String {
    format!("{:015}#", time.as_millisecond().max(0))
}

/// The entry of a mark.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) generation: u64,
    pub(crate) kind: MarkKind,
    /// When the document was marked first.
    pub(crate) since: Timestamp,
    /// The event at which the source stands still.
    pub(crate) key: CommitKey,
}

impl Entry {
    pub(crate) fn read(item: &Item) -> Option<Self> {
        let sort = text(item, SK)?;
        let (time, rest) = sort.split_once('#')?;
        let time = Timestamp::from_millisecond(time.parse().ok()?).ok()?;
        let (generation, stream) = rest.split_once('#')?;
        let stream: StreamId = stream.parse().ok()?;
        let mark = Mark::read(item, Some(time))?;
        Some(Self {
            generation: generation.strip_prefix('g')?.parse().ok()?,
            kind: mark.kind,
            since: mark.since.unwrap_or(time),
            key: CommitKey {
                stream,
                first: mark.version,
                count: 1,
                id: None,
                time: mark.time,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_of_a_mark_is_read_back() {
        let next = Timestamp::from_millisecond(1_700_000_000_000).unwrap();
        let mark = Mark {
            kind: MarkKind::Newer,
            version: 7,
            tries: 3,
            ..Mark::flagged(Some(next))
        };
        let item = mark.item(2, "loan", "b-1");
        assert_eq!(Mark::read(&item, Some(next)), Some(Mark { revision: 1, ..mark }));
        let entry = Entry::read(&item).unwrap();
        assert_eq!(
            (entry.generation, entry.kind, entry.since),
            (2, MarkKind::Newer, next)
        );
        assert_eq!(
            (entry.key.stream.to_string(), entry.key.first),
            ("loan#b-1".to_owned(), 7)
        );
    }

    #[test]
    fn entries_sort_by_time() {
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
        assert!(sort(at(999), 9, "z", "z") < before(at(1_000)));
        assert!(before(at(1_000)) <= sort(at(1_000), 1, "a", "a"));
    }
}
