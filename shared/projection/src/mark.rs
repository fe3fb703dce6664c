//! Why a source of a document stands still.
//!
//! A mark is an item of its own. The document only has a flag for it, of a few bytes, for which every document has room
//! ([`FLAG_ROOM`](crate::item::FLAG_ROOM)): a batch learns from the documents that it reads anyway which of them have
//! marks, and reads marks (1 RU each) only for those.

use crate::due::{self, DUE};
use crate::item::{FLAGS, Item, REVISION, key, n, number, quarantine_partition, text, time};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The reason and the position at which a source of a document stands still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) kind: MarkKind,
    /// The version of the event that is not applied.
    pub(crate) version: u64,
    pub(crate) error: String,
    /// The commit time of that event; no value in a view comes from a clock (G8).
    pub(crate) time: Timestamp,
    /// The number of commits that were held back, this one included; a commit that is delivered again counts again.
    pub(crate) count: u64,
    /// The number of times that the engine has tried again by itself.
    pub(crate) tries: u32,
    /// When the mark was set, by the engine's clock; `None` in the quarantine.
    pub(crate) since: Option<Timestamp>,
    /// When the engine tries again; `None` in the quarantine, where trying again does not help.
    pub(crate) next: Option<Timestamp>,
    /// The revision of the stored item; 0 when it is not stored.
    pub(crate) revision: u64,
}

/// The kind of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkKind {
    /// The event cannot be applied, and trying again does not help: a person has to act.
    Quarantined,
    /// A technical failure. The engine tries again by itself, with growing pauses.
    Parked,
    /// Newer code wrote the event. The engine tries again by itself, until newer code runs here as well.
    Newer,
}

impl MarkKind {
    fn name(self) -> &'static str {
        match self {
            Self::Quarantined => "quarantined",
            Self::Parked => "parked",
            Self::Newer => "newer",
        }
    }

    pub(crate) fn of(item: &Item) -> Self {
        match text(item, "kind").as_deref() {
            Some("parked") => Self::Parked,
            Some("newer") => Self::Newer,
            _ => Self::Quarantined,
        }
    }
}

impl Mark {
    /// Returns whether the engine tries again now.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.next.is_some_and(|next| next <= now)
    }

    /// Returns the key of the mark's item. A mark with a next try is its own entry among those that are due.
    pub(crate) fn place(&self, generation: u64, source: &str, document: &str) -> Item {
        match self.next {
            Some(next) => key(DUE, due::sort(next, generation, source, document)),
            None => key(quarantine_partition(generation), format!("{source}#{document}")),
        }
    }

    /// Returns the item with the next revision.
    pub(crate) fn item(&self, generation: u64, source: &str, document: &str) -> Item {
        let mut item = self.place(generation, source, document);
        item.insert("kind".to_owned(), AttributeValue::S(self.kind.name().to_owned()));
        item.insert("version".to_owned(), n(self.version));
        item.insert("error".to_owned(), AttributeValue::S(self.error.clone()));
        item.insert("time".to_owned(), n(self.time.as_millisecond()));
        item.insert("count".to_owned(), n(self.count));
        item.insert("tries".to_owned(), n(self.tries));
        if let Some(since) = self.since {
            item.insert("since".to_owned(), n(since.as_millisecond()));
        }
        item.insert(REVISION.to_owned(), n(self.revision + 1));
        item
    }

    /// Reads the item of a mark with this next try.
    pub(crate) fn read(item: &Item, next: Option<Timestamp>) -> Option<Self> {
        Some(Self {
            kind: MarkKind::of(item),
            version: number(item.get("version")?)?,
            error: item.get("error")?.as_s().ok()?.clone(),
            time: time(item.get("time")?)?,
            count: number(item.get("count")?)?,
            tries: item.get("tries").and_then(number).unwrap_or(0),
            since: item.get("since").and_then(time),
            next,
            revision: item.get(REVISION).and_then(number).unwrap_or(0),
        })
    }

    /// Returns the mark of which only the flag is known.
    pub(crate) fn flagged(next: Option<Timestamp>) -> Self {
        Self {
            kind: if next.is_some() {
                MarkKind::Parked
            } else {
                MarkKind::Quarantined
            },
            version: 0,
            error: "the mark of the document is missing".to_owned(),
            time: Timestamp::UNIX_EPOCH,
            count: 0,
            tries: 0,
            since: next,
            next,
            revision: 0,
        }
    }
}

/// Returns the flags of a document: the sources with marks, and when the engine tries again.
pub(crate) fn flags(item: &Item) -> BTreeMap<String, Option<Timestamp>> {
    let flags = item.get(FLAGS).and_then(|flags| flags.as_m().ok());
    let flags = flags.into_iter().flatten();
    // 0 stands for the quarantine. A map is a whole mark, as documents had it earlier: always of the quarantine.
    flags
        .map(|(source, flag)| {
            (
                source.clone(),
                time(flag).filter(|next| *next != Timestamp::UNIX_EPOCH),
            )
        })
        .collect()
}

pub(crate) fn write_flags(marks: &BTreeMap<String, Mark>) -> Option<AttributeValue> {
    let flag = |mark: &Mark| mark.next.map_or(0, Timestamp::as_millisecond);
    let flags: Item = marks
        .iter()
        .map(|(source, mark)| (source.clone(), n(flag(mark))))
        .collect();
    (!flags.is_empty()).then_some(AttributeValue::M(flags))
}
