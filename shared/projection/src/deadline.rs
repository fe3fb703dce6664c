//! Deadlines of reactors: what a process waits for, and until when.
//!
//! A reactor states its deadlines with its document, as a view derives rows ([`Reactor::due`](crate::Reactor::due)). The
//! engine keeps an entry for each in a partition that is sorted by time, which it writes in one transaction with the document. A
//! deadline that was met leaves no entry. Each minute the worker reads the entries whose time has passed, and sends a
//! message for their documents; only then does the engine let the reactor answer
//! ([`Reactor::overdue`](crate::Reactor::overdue)).
//!
//! The document remembers its deadlines, and which of them were answered. So the engine knows the entries without a read,
//! and answers each deadline once. A document that is made anew from its events has all of its deadlines again, and none
//! is answered.

use crate::due::before;
use crate::item::{Item, SK, key, n, number, set_or_remove, text, time};
use aws_sdk_dynamodb::types::AttributeValue;
use commit::CommandId;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The partition of the entries. Marks have another one ([`crate::due`]): whoever looks for marks must not read the
/// entry of every process that waits.
pub(crate) const ENTRIES: &str = "deadlines";

/// The attribute of a document with its deadlines.
pub(crate) const DEADLINES: &str = "dl";

/// The attribute of an entry that says what it is.
const KIND: &str = "kind";
/// The kind of an entry that is answered.
const ANSWERED: &str = "deadline";
/// The kind of an entry that is only counted.
const WATCHED: &str = "watched";

/// What a process waits for, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// The name of the step. It is stored, and part of the effects' command ids; never rename a deployed one. A document
    /// has at most one deadline of a name. Without `#`.
    pub name: &'static str,
    /// The time, in whole milliseconds: the time of an event ([`Published::time`](crate::Published::time)) and a constant.
    pub time: Timestamp,
    /// Whether the deadline is only counted when it passes, until it is met. It is never answered.
    pub watched: bool,
}

impl Deadline {
    /// Creates a deadline that [`Reactor::overdue`](crate::Reactor::overdue) answers.
    #[must_use]
    pub fn new(name: &'static str, time: Timestamp) -> Self {
        Self {
            name,
            time,
            watched: false,
        }
    }

    /// Creates a deadline that nothing answers: once it has passed, the metric `Overdue` counts it until it is met.
    #[must_use]
    pub fn watched(name: &'static str, time: Timestamp) -> Self {
        Self {
            watched: true,
            ..Self::new(name, time)
        }
    }

    fn kept(&self) -> Kept {
        Kept {
            // Stored times have milliseconds.
            time: Timestamp::from_millisecond(self.time.as_millisecond()).unwrap_or_default(),
            watched: self.watched,
            answered: false,
        }
    }
}

/// The deadlines of a document, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Deadlines(BTreeMap<String, Kept>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kept {
    time: Timestamp,
    watched: bool,
    /// Whether it has passed and was answered. It is kept until the document no longer states it, so that it is not
    /// answered again.
    answered: bool,
}

/// A change of the entries of a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum EntryChange {
    Put(Item),
    /// The key of the entry.
    Delete(Item),
}

impl Deadlines {
    pub(crate) fn read(item: &Item) -> Self {
        let deadlines = item.get(DEADLINES).and_then(|deadlines| deadlines.as_m().ok());
        let deadlines = deadlines.into_iter().flatten().filter_map(|(name, kept)| {
            let kept = kept.as_m().ok()?;
            let is = |flag: &str| kept.get(flag).and_then(number::<u8>) == Some(1);
            let kept = Kept {
                time: time(kept.get("t")?)?,
                watched: is("w"),
                answered: is("a"),
            };
            Some((name.clone(), kept))
        });
        Self(deadlines.collect())
    }

    /// About 30 bytes per deadline.
    pub(crate) fn write(&self, item: &mut Item) {
        let deadlines = self.0.iter().map(|(name, kept)| {
            let flags = [("w", kept.watched), ("a", kept.answered)];
            let flags = flags.into_iter().filter(|(_, is)| *is);
            let fields = flags.map(|(flag, _)| (flag.to_owned(), n(1)));
            let time = ("t".to_owned(), n(kept.time.as_millisecond()));
            (name.clone(), AttributeValue::M(fields.chain([time]).collect()))
        });
        let deadlines: Item = deadlines.collect();
        let deadlines = (!deadlines.is_empty()).then_some(AttributeValue::M(deadlines));
        set_or_remove(item, DEADLINES, deadlines);
    }

    /// Returns the deadlines when the document states these. One with another time is a new one.
    pub(crate) fn stated(&self, deadlines: &[Deadline]) -> Self {
        let stated = deadlines.iter().map(|deadline| {
            let stated = deadline.kept();
            let known = self.0.get(deadline.name).copied();
            let known = known.filter(|known| (known.time, known.watched) == (stated.time, stated.watched));
            (deadline.name.to_owned(), known.unwrap_or(stated))
        });
        Self(stated.collect())
    }

    /// Returns the entries of a document's deadlines. One that was answered has none.
    pub(crate) fn entries(&self, document: &str) -> impl Iterator<Item = Item> {
        let waiting = self.0.iter().filter(|(_, kept)| !kept.answered);
        waiting.map(move |(name, kept)| {
            let mut item = key(ENTRIES, sort(kept.time, name, document));
            let kind = if kept.watched { WATCHED } else { ANSWERED };
            item.insert(KIND.to_owned(), AttributeValue::S(kind.to_owned()));
            item
        })
    }

    /// Returns the changes from the entries of these deadlines to those of the next ones.
    pub(crate) fn changes(&self, next: &Self, document: &str) -> Vec<EntryChange> {
        let (before, after): (Vec<Item>, Vec<Item>) =
            (self.entries(document).collect(), next.entries(document).collect());
        let place = |item: &Item| text(item, SK);
        let is_in = |items: &[Item], item: &Item| items.iter().any(|other| place(other) == place(item));
        let gone = before.iter().filter(|item| !is_in(&after, item));
        let gone = gone.map(|item| EntryChange::Delete(key(ENTRIES, place(item).unwrap_or_default())));
        let new = after.iter().filter(|item| !before.contains(item));
        gone.chain(new.map(|item| EntryChange::Put(item.clone())))
            .collect()
    }

    /// Returns whether a deadline that is to be answered has passed at this time.
    pub(crate) fn passed(&self, now: Timestamp) -> bool {
        self.0.values().any(|kept| kept.has_passed(now))
    }

    /// Returns those of these deadlines that are to be answered at this time, the earliest one first.
    pub(crate) fn to_be_answered(&self, stated: Vec<Deadline>, now: Timestamp) -> Vec<Deadline> {
        let mut passed: Vec<Deadline> = stated
            .into_iter()
            .filter(|deadline| {
                let kept = self.0.get(deadline.name);
                kept.is_some_and(|kept| kept.has_passed(now))
            })
            .collect();
        passed.sort_by_key(|deadline| deadline.time);
        passed
    }

    /// Records that a deadline was answered.
    pub(crate) fn answer(&mut self, name: &str) {
        if let Some(kept) = self.0.get_mut(name) {
            kept.answered = true;
        }
    }
}

impl Kept {
    fn has_passed(&self, now: Timestamp) -> bool {
        !self.watched && !self.answered && self.time <= now
    }
}

/// Returns the sort key of an entry.
fn sort(time: Timestamp, name: &str, document: &str) -> String {
    format!("{}{name}#{document}", before(time))
}

/// The entry of a deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeadlineEntry {
    pub(crate) time: Timestamp,
    pub(crate) name: String,
    pub(crate) document: String,
    pub(crate) watched: bool,
}

impl DeadlineEntry {
    pub(crate) fn read(item: &Item) -> Option<Self> {
        let sort = text(item, SK)?;
        let (time, rest) = sort.split_once('#')?;
        let (name, document) = rest.split_once('#')?;
        Some(Self {
            time: Timestamp::from_millisecond(time.parse().ok()?).ok()?,
            name: name.to_owned(),
            document: document.to_owned(),
            watched: text(item, KIND).as_deref() == Some(WATCHED),
        })
    }
}

/// Returns the id of the `index`-th command that answers a deadline: the same in every run.
pub(crate) fn command_id(reactor: &str, document: &str, deadline: &Deadline, index: usize) -> CommandId {
    let (time, index) = (deadline.time.as_millisecond().to_string(), index.to_string());
    CommandId::derive(&[reactor, "deadline", document, deadline.name, &time, &index])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::slice::from_ref;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    fn deadline(name: &'static str, millis: i64) -> Deadline {
        Deadline::new(name, at(millis))
    }

    fn put(deadline: &Deadline) -> EntryChange {
        let deadlines = Deadlines::default().stated(from_ref(deadline));
        EntryChange::Put(deadlines.entries("b#1").next().unwrap())
    }

    fn delete(deadline: &Deadline) -> EntryChange {
        EntryChange::Delete(key(ENTRIES, sort(deadline.time, deadline.name, "b#1")))
    }

    #[test]
    fn f12_deadlines_are_stored_and_read_back() {
        let stated = [
            deadline("acceptance", 5),
            deadline("answer", 9),
            Deadline::watched("pickup", at(7)),
        ];
        let mut deadlines = Deadlines::default().stated(&stated);
        deadlines.answer("answer");
        let mut item = Item::new();
        deadlines.write(&mut item);
        assert_eq!(Deadlines::read(&item), deadlines);
    }

    #[test]
    fn f12_document_without_deadlines_has_no_attribute() {
        let mut item = Item::new();
        Deadlines::default()
            .stated(&[deadline("acceptance", 5)])
            .write(&mut item);
        Deadlines::default().write(&mut item);
        assert_eq!(item, Item::new());
    }

    #[test]
    fn f12_entries_follow_the_deadlines() {
        let (early, late) = (deadline("acceptance", 5), deadline("acceptance", 7));
        let none = Deadlines::default();
        let first = none.stated(from_ref(&early));
        assert_eq!(none.changes(&first, "b#1"), [put(&early)]);
        assert_eq!(first.changes(&first.stated(from_ref(&early)), "b#1"), []);
        let later = first.stated(from_ref(&late));
        assert_eq!(first.changes(&later, "b#1"), [delete(&early), put(&late)]);
        assert_eq!(later.changes(&none, "b#1"), [delete(&late)]);
        let watched = Deadline::watched("acceptance", at(7));
        assert_eq!(
            later.changes(&later.stated(from_ref(&watched)), "b#1"),
            [put(&watched)]
        );
    }

    #[test]
    fn f12_deadline_is_answered_once() {
        let acceptance = deadline("acceptance", 5);
        let stated = vec![acceptance.clone(), Deadline::watched("pickup", at(1))];
        let mut deadlines = Deadlines::default().stated(&stated);
        let before = deadlines.clone();
        assert!(!deadlines.passed(at(4)));
        assert!(deadlines.passed(at(5)));
        assert_eq!(
            deadlines.to_be_answered(stated.clone(), at(5)),
            from_ref(&acceptance)
        );
        deadlines.answer("acceptance");
        assert_eq!(before.changes(&deadlines, "b#1"), [delete(&acceptance)]);
        assert!(!deadlines.stated(&stated).passed(at(9)));
    }

    #[test]
    fn f12_entry_is_read_back() {
        let stated = [Deadline::watched("pickup", at(1_700_000_000_007))];
        let item = Deadlines::default()
            .stated(&stated)
            .entries("b#1")
            .next()
            .unwrap();
        let expected = DeadlineEntry {
            time: at(1_700_000_000_007),
            name: "pickup".to_owned(),
            document: "b#1".to_owned(),
            watched: true,
        };
        assert_eq!(DeadlineEntry::read(&item), Some(expected));
    }
}
