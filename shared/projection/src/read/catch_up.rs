use super::{Fresh, ReadError, Serving, ViewReader, Wanted};
use crate::history::{self, BROKEN};
use crate::item::Item;
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::skips;
use crate::state::{State, Step};
use crate::stored::Stored;
use crate::subscriber::ViewOf;
use crate::view::View;
use commit::{Commit, StreamId};
use futures::future::try_join_all;

/// A document that reflects the wanted versions, and the items that the projection has of it outside the document.
pub(super) struct Brought<D> {
    pub(super) key: String,
    pub(super) fresh: Fresh<D>,
    /// The journal rows of the events that were applied while reading.
    pub(super) journal: Journal,
    /// The items that the stored document has outside itself.
    pub(super) ledger: Ledger,
}

impl<V: View> ViewReader<V> {
    /// Returns the document with all wanted versions: where the stored document is behind, it is folded in memory from
    /// the event tables. Writes nothing. Per source that is behind, 1 concurrent Query and 1 RU per 4 KB.
    pub(super) async fn bring(
        &self,
        serving: Serving,
        key: &str,
        item: Option<Item>,
        wanted: &Wanted,
    ) -> Result<Option<Brought<V::Document>>, ReadError> {
        let stored = Stored::<ViewOf<V>>::read(item);
        let mut state = stored.state;
        // If no readable document is stored, all events are read, so that "unknown" is certain, and so that the read is
        // correct while a document waits for its rebuild.
        // A document without versions and marks is new, or its streams are gone: it was made anew without them, or its
        // mark was lifted (G16).
        let mut gone = state.versions.is_empty() && state.marks.is_empty();
        let mut whole = gone || state.document.is_err();
        if state.document.is_err() {
            state = State::default();
        }
        let (streams, read) = loop {
            let (streams, read) = self.behind(&state, serving, key, wanted, whole).await?;
            let changed = streams.iter().zip(&read).any(|(stream, commits)| {
                let head = state.head(stream.category());
                !history::continues(head, commits)
            });
            if !changed {
                break (streams, read);
            }
            // The document has commits that the event table no longer has: it is folded anew (G16).
            (state, whole, gone) = (State::default(), true, true);
        };
        let mut caught_up = false;
        for (stream, commits) in streams.iter().zip(&read) {
            let version = wanted.get(stream.category()).copied().unwrap_or(0);
            caught_up |= self.fold(&mut state, stream, commits, version).await?;
        }
        if state.versions.is_empty() && gone {
            return Ok(None);
        }
        Ok(Some(Brought {
            key: key.to_owned(),
            fresh: Fresh {
                document: state.document.unwrap_or_default(),
                revision: stored.revision,
                versions: state.versions,
                time: state.time,
                caught_up,
                links: state
                    .heads
                    .iter()
                    .map(|(source, head)| (source.clone(), head.id.link()))
                    .collect(),
                generation: serving.generation,
            },
            journal: state.journal,
            ledger: stored.ledger,
        }))
    }

    /// Reads the sources of a document that are behind, or all of them. The last commit that the document has is read
    /// again with those after it. 1 concurrent Query per source, 1 RU per 4 KB.
    async fn behind(
        &self,
        state: &State<ViewOf<V>>,
        serving: Serving,
        key: &str,
        wanted: &Wanted,
        whole: bool,
    ) -> Result<(Vec<StreamId>, Vec<Vec<Commit>>), ReadError> {
        let behind: Vec<&str> = V::SOURCES
            .iter()
            .copied()
            .filter(|source| {
                let version = state.version(source);
                // The stored document has only new events, and may lack a source that has had none.
                let unbuilt = !serving.filled && version == 0;
                whole || unbuilt || wanted.get(*source).is_some_and(|v| *v > version)
            })
            .collect();
        let streams: Vec<StreamId> = behind
            .iter()
            // A key that is not valid in a stream id has no events.
            .filter_map(|source| StreamId::new(source, key).ok())
            .collect();
        let read = streams.iter().map(|stream| {
            let source = stream.category();
            let after = history::read_after(state.version(source), state.head(source));
            self.sources.after(stream, after)
        });
        let read = try_join_all(read).await;
        let read = read.map_err(|e| ReadError::Unavailable(e.to_string()))?;
        Ok((streams, read))
    }

    /// Applies the commits. Returns an error when the wanted versions are not reached.
    async fn fold(
        &self,
        state: &mut State<ViewOf<V>>,
        stream: &StreamId,
        commits: &[Commit],
        wanted: u64,
    ) -> Result<bool, ReadError> {
        let source = stream.category();
        let mut applied = false;
        let mut commits = commits.iter();
        let mut next = commits.next();
        while let Some(commit) = next {
            let (version, error) = match state.step(commit) {
                Step::Duplicate => {
                    next = commits.next();
                    continue;
                }
                Step::Ready(advance) => {
                    state.accept(commit, *advance);
                    applied = true;
                    next = commits.next();
                    continue;
                }
                Step::Gap => (commit.first, "the event table has a gap".to_owned()),
                step @ (Step::Doubt | Step::Poison(_)) => {
                    if !state.skips.contains_key(source) {
                        let skips = skips::of(&self.table, stream, &super::meter()).await;
                        let skips = skips.map_err(ReadError::Unavailable)?;
                        state.skips.insert(source.to_owned(), skips);
                        continue;
                    }
                    match step {
                        Step::Poison(poison) => (poison.version, poison.error),
                        _ => (commit.first, BROKEN.to_owned()),
                    }
                }
            };
            if state.version(source) < wanted {
                return Err(ReadError::Quarantined {
                    stream: stream.clone(),
                    version,
                    error,
                });
            }
            break;
        }
        if state.version(source) < wanted {
            return Err(ReadError::ForeignToken {
                stream: stream.clone(),
                version: wanted,
            });
        }
        Ok(applied)
    }
}
