use crate::deadline::Deadlines;
use crate::derived::Row;
use crate::gate::{Gate, gate};
use crate::history;
use crate::journal::Journal;
use crate::mark::{Mark, MarkKind};
use crate::mutation::{Safeguard, is_removed};
use crate::pause::{grown, scattered};
use crate::reactor::Cause;
use crate::subscriber::{Derived, Subscriber};
use crate::view::{ApplyError, Published};
use commit::{Commit, Head, Parcel};
use jiff::Timestamp;
use std::any::Any;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// A document in memory, with its versions.
pub(crate) struct State<S: Subscriber> {
    /// `Err` when the stored document cannot be read by this code.
    pub(crate) document: Result<S::Document, String>,
    /// The last applied version by source.
    pub(crate) versions: BTreeMap<String, u64>,
    /// The last applied commit by source (G16). A source that was applied before documents had it is missing.
    pub(crate) heads: BTreeMap<String, Head>,
    /// The latest commit time that was applied. It is the maximum, so that it does not depend on the order.
    pub(crate) time: Option<Timestamp>,
    /// The marks of the sources that stand still.
    pub(crate) marks: BTreeMap<String, Mark>,
    /// The document's deadlines, and which of them were answered; empty for a view.
    pub(crate) deadlines: Deadlines,
    /// The items derived from the document; `None` while the document is unchanged.
    pub(crate) derived: Option<Derived>,
    /// The immutable rows of the events that were applied since the document was read.
    pub(crate) journal: Journal,
    /// The versions that are left out, by source; read when an event cannot be applied.
    pub(crate) skips: BTreeMap<String, BTreeSet<u64>>,
}

/// The result of applying a commit to a document.
pub(crate) enum Step<S: Subscriber> {
    Duplicate,
    Gap,
    /// The commit may belong to another history than the document (G16).
    Doubt,
    Ready(Box<Advance<S>>),
    Poison(Poison),
}

/// An event that cannot be applied.
#[derive(Debug)]
pub(crate) struct Poison {
    /// The version of the event, or of the commit's first new event when the commit itself is at fault.
    pub(crate) version: u64,
    pub(crate) error: String,
    /// Whether newer code wrote the event, and newer code here will apply it.
    pub(crate) newer: bool,
}

/// A document with one more commit, not accepted yet.
pub(crate) struct Advance<S: Subscriber> {
    document: S::Document,
    derived: Derived,
    journal: Vec<Row>,
    pub(crate) commands: Vec<(Cause, S::Command)>,
    pub(crate) overlap: bool,
}

/// The maximum length of an error text. It is stored and logged and may quote data, so it is limited.
const ERROR_CHARS: usize = 500;

impl<S: Subscriber> Default for State<S> {
    fn default() -> Self {
        Self {
            document: Ok(S::Document::default()),
            versions: BTreeMap::new(),
            heads: BTreeMap::new(),
            time: None,
            marks: BTreeMap::new(),
            deadlines: Deadlines::default(),
            derived: None,
            journal: Journal::default(),
            skips: BTreeMap::new(),
        }
    }
}

impl<S: Subscriber> Clone for State<S> {
    fn clone(&self) -> Self {
        Self {
            document: self.document.clone(),
            versions: self.versions.clone(),
            heads: self.heads.clone(),
            time: self.time,
            marks: self.marks.clone(),
            deadlines: self.deadlines.clone(),
            derived: self.derived.clone(),
            journal: self.journal.clone(),
            skips: self.skips.clone(),
        }
    }
}

impl<S: Subscriber> State<S> {
    pub(crate) fn version(&self, source: &str) -> u64 {
        self.versions.get(source).copied().unwrap_or(0)
    }

    pub(crate) fn head(&self, source: &str) -> Option<&Head> {
        self.heads.get(source)
    }

    /// Returns whether a delivery with nothing new may belong to another history.
    pub(crate) fn doubts_old(&self, parcel: &Parcel) -> bool {
        let source = parcel.stream().category();
        history::doubts_old(self.version(source), self.head(source), parcel)
    }

    pub(crate) fn step(&self, commit: &Commit) -> Step<S> {
        let source = commit.stream.category();
        let applied = self.version(source);
        let skips = self.skips.get(source);
        // An operator who leaves out an event accepts the commit that has it.
        let left_out = skips.is_some_and(|skips| skips.contains(&commit.first));
        if !left_out && history::doubts(applied, self.head(source), commit) {
            return Step::Doubt;
        }
        let overlap = match gate(applied, commit.first, commit.last()) {
            Gate::Duplicate => return Step::Duplicate,
            Gate::Gap => return Step::Gap,
            Gate::Apply => false,
            Gate::Overlap => true,
        };
        // A panic is a failure of this document, not of the batch (G7). Unwinding is safe, because the copy that was
        // being changed is discarded.
        let at = Cell::new(applied + 1);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            self.advance(commit, applied, overlap, &at)
                .map_err(|(error, newer)| Poison {
                    version: at.get(),
                    error,
                    newer,
                })
        }));
        match outcome {
            Ok(Ok(advance)) => Step::Ready(Box::new(advance)),
            Ok(Err(poison)) => Step::Poison(poison),
            Err(panic) => Step::Poison(Poison {
                version: at.get(),
                error: format!("panicked: {}", panic_text(&*panic)),
                newer: false,
            }),
        }
    }

    /// Applies a commit. `at` contains the version of the current event in case of a failure; the failure says whether
    /// newer code wrote the event.
    fn advance(
        &self,
        commit: &Commit,
        applied: u64,
        overlap: bool,
        at: &Cell<u64>,
    ) -> Result<Advance<S>, (String, bool)> {
        let poison = |error: String| (error, false);
        if commit.count != commit.events.len() as u64 {
            return Err(poison(format!(
                "the commit declares {} events but has {}",
                commit.count,
                commit.events.len()
            )));
        }
        let mut document = match &self.document {
            Ok(document) => document.clone(),
            Err(error) => return Err(poison(format!("the stored document cannot be read: {error}"))),
        };
        let (mut journal, mut commands) = (Vec::new(), Vec::new());
        let skips = self.skips.get(commit.stream.category());
        for (version, event) in commit.versioned().filter(|(version, _)| *version > applied) {
            if skips.is_some_and(|skips| skips.contains(&version)) {
                continue;
            }
            at.set(version);
            let published = Published {
                commit,
                version,
                event,
            };
            let applied = S::apply(&mut document, &published);
            match applied.and_then(|asked| Ok((asked, S::journal(&document, &published)?))) {
                Ok((asked, rows)) => {
                    let asked = asked.into_iter().enumerate();
                    commands.extend(
                        asked.map(|(index, command)| (Cause::of(S::NAME, commit, version, index), command)),
                    );
                    journal.extend(rows);
                }
                Err(ApplyError::Newer(_)) if is_removed(Safeguard::Newer) => {}
                Err(error) => {
                    let newer = matches!(error, ApplyError::Newer(_));
                    return Err((format!("{} version {version}: {error}", event.kind), newer));
                }
            }
        }
        // The items are derived here, for each commit, so that a panic is attributed to the commit that caused it.
        self.journal.check(&journal).map_err(poison)?;
        let derived = S::derive(&document).map_err(|error| poison(error.to_string()))?;
        Ok(Advance {
            document,
            derived,
            journal,
            commands,
            overlap,
        })
    }

    pub(crate) fn accept(&mut self, commit: &Commit, advance: Advance<S>) {
        self.document = Ok(advance.document);
        self.deadlines = self.deadlines.stated(&advance.derived.deadlines);
        self.derived = Some(advance.derived);
        self.journal.append(advance.journal);
        self.time = self.time.max(Some(commit.time));
        self.versions
            .insert(commit.stream.category().to_owned(), commit.last());
        self.heads
            .insert(commit.stream.category().to_owned(), commit.head());
    }

    /// Quarantines this source of this document.
    pub(crate) fn condemn(&mut self, source: &str, version: u64, time: Timestamp, error: &str) {
        self.mark(source, MarkKind::Quarantined, version, time, error);
    }

    /// Marks this source of this document. `next` and `since` of the new mark are those of the quarantine.
    fn mark(
        &mut self,
        source: &str,
        kind: MarkKind,
        version: u64,
        time: Timestamp,
        error: &str,
    ) -> &mut Mark {
        let mark = Mark {
            kind,
            version,
            error: error.chars().take(ERROR_CHARS).collect(),
            time,
            count: 1,
            tries: 0,
            since: None,
            next: None,
            revision: 0,
        };
        let place = self.marks.entry(source.to_owned());
        place.insert_entry(mark).into_mut()
    }

    /// Marks this source of this document for another try. `before` is the mark of the last try, whose age and count
    /// it continues.
    pub(crate) fn defer(&mut self, deferred: Deferred<'_>, before: Option<&Mark>) {
        let Deferred {
            source,
            kind,
            version,
            time,
            error,
            now,
        } = deferred;
        let before = before.filter(|before| before.next.is_some());
        let mark = self.mark(source, kind, version, time, error);
        mark.tries = before.map_or(0, |before| before.tries + 1);
        mark.count = before.map_or(1, |before| before.count);
        mark.since = before.map_or(Some(now), |before| before.since);
        mark.next = Some(next_try(kind, mark.tries, now));
    }

    /// Counts a commit of a source that stands still. Returns `false` when it does not.
    pub(crate) fn hold(&mut self, source: &str) -> bool {
        match self.marks.get_mut(source) {
            Some(mark) => {
                mark.count += 1;
                true
            }
            None => false,
        }
    }
}

/// An event that is tried again later.
pub(crate) struct Deferred<'a> {
    pub(crate) source: &'a str,
    pub(crate) kind: MarkKind,
    /// The version of the event.
    pub(crate) version: u64,
    /// The commit time of the event.
    pub(crate) time: Timestamp,
    pub(crate) error: &'a str,
    pub(crate) now: Timestamp,
}

/// The pause before the first try that the engine makes by itself. The worker looks each minute, so a shorter one
/// would make no difference.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
/// The longest pause after a technical failure.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// The longest pause until newer code is expected: a deployment takes minutes.
const LONGEST_PAUSE_FOR_NEWER: Duration = Duration::from_secs(5 * 60);

/// Returns when to try again: after pauses that double up to the longest one.
fn next_try(kind: MarkKind, tries: u32, now: Timestamp) -> Timestamp {
    let longest = match kind {
        MarkKind::Newer => LONGEST_PAUSE_FOR_NEWER,
        MarkKind::Parked | MarkKind::Quarantined => LONGEST_PAUSE,
    };
    let pause = scattered(grown(FIRST_PAUSE, 2, tries, longest));
    let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
    // Whole milliseconds, as they are stored.
    Timestamp::from_millisecond(now.as_millisecond() + pause).unwrap_or(now)
}

/// Returns the message of a panic if it is a literal. A formatted one may quote the event, and the text is logged and
/// stored; the panic hook has logged the place.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .unwrap_or("the log names the place")
}
