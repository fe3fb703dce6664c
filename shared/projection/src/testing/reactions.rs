use super::expected_error::ExpectedError;
use crate::deadline::DeadlineEntry;
use crate::item::{Item, PK, SELF, SK, partition, text};
use crate::reactor::{Cause, EffectError, Effects, Reactor};
use crate::state::{State, Step};
use crate::stored::Stored;
use crate::subscriber::ReactorOf;
use commit::{CommandId, Commit};
use std::collections::BTreeMap;
use std::future::{Future, ready};

/// The commands of a reactor for a history, and the contents of its table afterwards, when nothing fails.
pub struct Reactions<R: Reactor> {
    /// The commands, by their ids.
    pub commands: BTreeMap<CommandId, R::Command>,
    documents: BTreeMap<String, State<ReactorOf<R, Unused>>>,
}

/// Effects that are never run.
pub(super) struct Unused;

impl<C> Effects<C> for Unused {
    fn run(&self, _: C, _: &Cause) -> impl Future<Output = Result<(), EffectError>> + Send {
        ready(Ok(()))
    }
}

impl<R: Reactor> Reactions<R> {
    /// Applies every commit once, stream by stream.
    ///
    /// # Errors
    /// When a commit cannot be applied, or one before it is missing.
    pub fn to(history: &[Commit]) -> Result<Self, ExpectedError> {
        let mut commands = BTreeMap::new();
        let mut documents: BTreeMap<String, State<_>> = BTreeMap::new();
        let mut commits: Vec<&Commit> = history.iter().collect();
        commits.sort_by_key(|commit| (&commit.stream, commit.first));
        for commit in commits {
            let state = documents.entry(commit.stream.id().to_owned()).or_default();
            let Step::Ready(mut advance) = state.step(commit) else {
                return Err(ExpectedError::Inapplicable {
                    stream: commit.stream.clone(),
                    version: commit.first,
                });
            };
            let asked = std::mem::take(&mut advance.commands);
            commands.extend(asked.into_iter().map(|(cause, c)| (cause.command_id, c)));
            state.accept(commit, *advance);
        }
        Ok(Self { commands, documents })
    }

    /// Returns the differences of a reactor's table: none when it contains these documents, with the entries of their
    /// deadlines, and no other items. No deadline may have been answered.
    #[must_use]
    pub fn differences(&self, table: Vec<Item>) -> Vec<String> {
        let mut differences = Vec::new();
        let mut found: BTreeMap<String, Item> = BTreeMap::new();
        let mut entries = Vec::new();
        for item in table {
            if text(&item, SK).as_deref() == Some(SELF) {
                found.insert(text(&item, PK).unwrap_or_default(), item);
            } else if let Some(entry) = DeadlineEntry::read(&item) {
                entries.push(entry);
            } else {
                differences.push(format!("unexpected item: {item:#?}"));
            }
        }
        for (key, expected) in &self.documents {
            let item = found.remove(&partition(1, key));
            let state = Stored::<ReactorOf<R, Unused>>::read(item).state;
            if state.document != expected.document || state.versions != expected.versions {
                differences.push(format!("{key} differs"));
            }
            for entry in expected
                .deadlines
                .entries(key)
                .filter_map(|item| DeadlineEntry::read(&item))
            {
                match entries.iter().position(|found| *found == entry) {
                    Some(place) => drop(entries.swap_remove(place)),
                    None => differences.push(format!("missing: {entry:?}")),
                }
            }
        }
        differences.extend(entries.iter().map(|entry| format!("unexpected: {entry:?}")));
        differences.extend(found.values().map(|item| format!("unexpected item: {item:#?}")));
        differences
    }
}
