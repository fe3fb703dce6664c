//! The expected document: the fold of its events, up to the versions in it (G8).

use super::page::PageError;
use crate::engine::Engine;
use crate::history::BROKEN;
use crate::item::{INDEX_PK, INDEX_SK, LEAN, partition, text};
use crate::mutation::{Safeguard, is_removed};
use crate::skips;
use crate::source::SourceError;
use crate::state::{Poison, State, Step};
use crate::stored::Stored;
use crate::subscriber::Subscriber;
use commit::{Commit, Head, StreamId};
use serde_json::Value;

impl<S: Subscriber> Engine<S> {
    /// Folds the sources of a document up to its versions. `known` contains the commits of one source, as a Scan returned
    /// them. Commits that were added and applied to the document since then are read as well, so that a document that
    /// changes during a sweep is compared with the events that it has. 1 Query per other source, and 1 Query if the
    /// document is newer than `known`. Returns an error text when the events cannot be folded. Returns `None` when they
    /// are not to be compared: newer code wrote one of them, or the history of another source is no longer the one that
    /// the document has (G16), which the pages of that source heal.
    pub(crate) async fn folded(
        &self,
        stored: &Stored<S>,
        key: &str,
        known: &[Commit],
    ) -> Result<Option<Result<State<S>, String>>, PageError> {
        let mut state = State::default();
        for source in S::SOURCES {
            let version = stored.state.version(source);
            if version == 0 {
                continue;
            }
            let stream = StreamId::new(source, key).map_err(|e| PageError::Never(e.to_string()))?;
            let known = match known.first() {
                Some(first) if first.stream == stream => known,
                _ => &[],
            };
            let read = known.last().map_or(0, Commit::last);
            let further = if read < version && !(read > 0 && is_removed(Safeguard::ReadAgain)) {
                match self.sources.after(&stream, read).await {
                    Ok(further) => further,
                    Err(SourceError::Damaged(error)) => return Ok(Some(Err(error))),
                    Err(error) => return Err(error.into()),
                }
            } else {
                Vec::new()
            };
            if known.is_empty() && is_of_another_history(stored.state.head(source), &further) {
                return Ok(None);
            }
            let commits = known.iter().chain(&further);
            for commit in commits.filter(|commit| commit.last() <= version) {
                if let Err(poison) = self.accepted(&mut state, commit).await? {
                    return Ok((!poison.newer).then_some(Err(poison.error)));
                }
            }
            if state.version(source) < version {
                return Ok(Some(Err(format!(
                    "the document has {stream} up to version {version}, and the event table up to {}",
                    state.version(source)
                ))));
            }
        }
        Ok(Some(Ok(state)))
    }

    async fn accepted(&self, state: &mut State<S>, commit: &Commit) -> Result<Result<(), Poison>, PageError> {
        let source = commit.stream.category();
        loop {
            match state.step(commit) {
                Step::Duplicate => return Ok(Ok(())),
                Step::Ready(advance) => {
                    state.accept(commit, *advance);
                    return Ok(Ok(()));
                }
                Step::Gap => {
                    return Ok(Err(Poison {
                        version: commit.first,
                        error: format!("{} has a gap", commit.stream),
                        newer: false,
                    }));
                }
                Step::Doubt | Step::Poison(_) if !state.skips.contains_key(source) => {
                    let skips = skips::of(&self.table, &commit.stream, &self.meter()).await;
                    let skips = skips.map_err(PageError::Again)?;
                    state.skips.insert(source.to_owned(), skips);
                }
                Step::Doubt => {
                    return Ok(Err(Poison {
                        version: commit.first,
                        error: BROKEN.to_owned(),
                        newer: false,
                    }));
                }
                Step::Poison(poison) => return Ok(Err(poison)),
            }
        }
    }
}

/// Returns whether a stream still exists, but no longer has the last commit of a document. No page of a sweep finds a stream
/// that is no more, so its document is reported.
fn is_of_another_history(head: Option<&Head>, stream: &[Commit]) -> bool {
    head.is_some_and(|head| !stream.is_empty() && !stream.iter().any(|commit| commit.head() == *head))
}

/// Returns whether a stored document, its place in lists, its rows and its contributions to tallies equal the fold.
pub(crate) fn is_the_fold<S: Subscriber>(generation: u64, stored: &Stored<S>, folded: &State<S>) -> bool {
    let derived = folded.derived.clone().unwrap_or_default();
    let raw = stored.raw.clone().unwrap_or_default();
    let lean = |value: Option<&_>| -> Option<Value> {
        serde_dynamo::from_attribute_value(Option::<&aws_sdk_dynamodb::types::AttributeValue>::cloned(value)?)
            .ok()
    };
    let indexed = match &derived.index {
        Some(index) => {
            text(&raw, INDEX_PK) == Some(partition(generation, &index.partition))
                && text(&raw, INDEX_SK).as_ref() == Some(&index.sort)
                && lean(raw.get(LEAN)).as_ref() == Some(&index.lean)
        }
        None => !raw.contains_key(INDEX_PK),
    };
    stored.state.document == folded.document
        && stored.state.time == folded.time
        && indexed
        && stored
            .ledger
            .changes(&derived)
            .is_ok_and(|changes| changes.is_empty())
}
