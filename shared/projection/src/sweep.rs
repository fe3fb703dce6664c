//! The sweep finds lost commits that no later event reveals, for example the last event of an order.
//!
//! It compares the head of every stream with the documents, and sends messages for the streams that are behind: the
//! keys as [`Parcel::Key`](commit::Parcel::Key), from which the projector heals.

use crate::history;
use crate::item::{self, Item, partition, versions};
use crate::mark::flags;
use crate::operations::{Bell, BellError};
use crate::registry::{REGISTRY, Registry};
use crate::report::{BatchReport, Meter};
use crate::source::{SourceError, Sources};
use crate::table::{Look, Table};
use aws_sdk_dynamodb::Client;
use commit::{CommitKey, Head, Message, Parcel, StreamId, lane};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The result of a sweep.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Swept {
    /// The number of compared streams.
    pub streams: u64,
    /// The number of streams that are quarantined, or that the engine tries again by itself.
    pub quarantined: u64,
    /// The last commit of every stream whose document is behind.
    pub behind: Vec<CommitKey>,
}

/// The error of a sweep that did not finish.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SweepError {
    /// An event table cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The view's table cannot be read.
    #[error("the view's table cannot be read: {0}")]
    View(String),
}

/// The number of keys in one message, about 10 KB.
const KEYS_PER_MESSAGE: usize = 100;
/// The number of attempts to read what DynamoDB left unprocessed in a batch read.
const ATTEMPTS: u32 = 8;

/// Compares every stream of these categories with the documents of every generation that is fed and complete. A
/// generation that is being built is left to its rebuild.
///
/// It scans the keys of the event tables, which is billed as whole items: 1 RU per 4 KB; and it reads each document
/// once: half an RU per 4 KB. Its memory does not depend on the number of streams, except for those that are behind.
///
/// # Errors
/// [`SweepError`]. Nothing is changed.
pub async fn quick(
    client: &Client,
    view_table: &str,
    sources: &Sources,
    categories: &[&str],
) -> Result<Swept, SweepError> {
    let table = Table {
        client: client.clone(),
        name: view_table.to_owned(),
    };
    let meter = Meter::new(BatchReport::default());
    let key = crate::item::key(REGISTRY, crate::item::SELF);
    let registry = table.get(key, true, &meter).await;
    let registry = Registry::read(registry.map_err(SweepError::View)?.as_ref());
    let mut swept = Swept::default();
    let mut held = BTreeSet::new();
    for category in categories {
        let source = sources.of(category)?;
        let mut start = None;
        loop {
            let page = source.heads(0, 1, start.as_ref()).await?;
            let heads = Heads::of(page.keys, category);
            swept.streams += heads.begun;
            let mut behind = BTreeMap::new();
            for generation in &registry.complete() {
                let found = heads
                    .compare(&table, *generation, categories, ATTEMPTS, &meter)
                    .await
                    .map_err(SweepError::View)?
                    .confirmed(sources)
                    .await?;
                let deferred = found.deferred.into_iter().map(|key| key.stream);
                let still = found.held.into_iter().chain(deferred);
                held.extend(still.map(|stream| (*generation, stream)));
                let found = found.behind.into_iter();
                behind.extend(found.map(|key| (key.stream.clone(), key)));
            }
            // A stream that continues from the previous page has a later head here.
            swept
                .behind
                .retain(|known: &CommitKey| !behind.contains_key(&known.stream));
            swept.behind.extend(behind.into_values());
            start = page.next;
            if start.is_none() {
                break;
            }
        }
    }
    swept.quarantined = held.len() as u64;
    Ok(swept)
}

/// Sends messages for the streams that a sweep found behind: their keys, to the subscriber's queue, one message group
/// per lane as in the relay, so that each message waits behind the work in progress for its document. The subscriber
/// heals the streams as it heals any gap.
///
/// # Errors
/// [`BellError`]; some messages may have been sent.
pub async fn ring(
    bell: &dyn Bell,
    subscriber: &str,
    lanes: u32,
    behind: Vec<CommitKey>,
) -> Result<(), BellError> {
    let mut by_lane: BTreeMap<u32, Vec<Parcel>> = BTreeMap::new();
    for key in behind {
        let lane = lane(key.stream.id(), lanes);
        by_lane.entry(lane).or_default().push(Parcel::Key(key));
    }
    for (lane, parcels) in by_lane {
        for commits in parcels.chunks(KEYS_PER_MESSAGE) {
            let message = Message::of(commits.to_vec());
            bell.send(subscriber, &lane.to_string(), message).await?;
        }
    }
    Ok(())
}

/// Sends messages for documents with a deadline that has passed, in the same way as [`ring`].
pub(crate) async fn ring_overdue(
    bell: &dyn Bell,
    subscriber: &str,
    lanes: u32,
    documents: BTreeSet<String>,
) -> Result<(), BellError> {
    let mut by_lane: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for document in documents {
        by_lane.entry(lane(&document, lanes)).or_default().push(document);
    }
    for (lane, documents) in by_lane {
        for overdue in documents.chunks(KEYS_PER_MESSAGE) {
            let message = Message {
                overdue: overdue.to_vec(),
                ..Message::default()
            };
            bell.send(subscriber, &lane.to_string(), message).await?;
        }
    }
    Ok(())
}

/// The heads of the streams of one page of an event table, limited to that page.
pub(crate) struct Heads {
    /// The last key of each stream, and whether the stream begins in this page.
    heads: Vec<(CommitKey, bool)>,
    /// The number of streams that begin in this page. Each is counted once, however many pages it has.
    pub(crate) begun: u64,
    /// The number of commits of the category.
    pub(crate) commits: u64,
}

/// The result of comparing heads with documents.
#[derive(Default)]
pub(crate) struct Found {
    /// The number of existing documents, each counted once over all sources and pages.
    pub(crate) documents: u64,
    /// The streams in quarantine.
    pub(crate) held: Vec<StreamId>,
    /// The heads that their documents have not reached, and that the engine tries again by itself.
    pub(crate) deferred: Vec<CommitKey>,
    /// The heads that their documents have not reached, and after [`Self::confirmed`] also those of documents whose
    /// history is not the stream's (G16).
    pub(crate) behind: Vec<CommitKey>,
    /// The heads that are not the last commit of documents with the same or a later version, with the commits that the
    /// documents have. The documents may have moved on since the heads were read.
    pub(crate) other: Vec<(CommitKey, Head)>,
}

impl Found {
    /// Reads whether the streams of [`Self::other`] have the commits that the documents have, and moves those that do not
    /// to [`Self::behind`]. 1 Query each: 1 RU per 4 KB.
    pub(crate) async fn confirmed(mut self, sources: &Sources) -> Result<Self, SourceError> {
        for (key, head) in std::mem::take(&mut self.other) {
            let commits = sources.after(&key.stream, head.first.saturating_sub(1)).await?;
            if !history::continues(Some(&head), &commits) {
                self.behind.push(key);
            }
        }
        Ok(self)
    }
}

/// The number of items in one batch read.
const TOGETHER: usize = 100;

impl Heads {
    /// Groups keys by stream. A Scan returns the keys of a stream adjacent and in order.
    pub(crate) fn of(keys: Vec<CommitKey>, category: &str) -> Self {
        Self::counted(keys.into_iter().map(|key| (key, true)), category)
    }

    /// Groups keys by stream. Each key has whether its stream and document are counted.
    pub(crate) fn counted(keys: impl IntoIterator<Item = (CommitKey, bool)>, category: &str) -> Self {
        let mut heads: Vec<(CommitKey, bool)> = Vec::new();
        let (mut begun, mut commits) = (0, 0);
        for (key, counted) in keys {
            if key.stream.category() != category {
                continue;
            }
            commits += 1;
            let begins = counted && key.first == 1;
            begun += u64::from(begins);
            match heads.last_mut() {
                Some((last, _)) if last.stream == key.stream => *last = key,
                _ => heads.push((key, begins)),
            }
        }
        Self {
            heads,
            begun,
            commits,
        }
    }

    /// Returns the keys of the documents.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.heads.iter().map(|(head, _)| head.stream.id())
    }

    /// Compares the heads with the documents of a generation, whose subscriber has these sources. Half an RU per document of
    /// up to 4 KB, and 1 RU more for each that seems to be behind.
    pub(crate) async fn compare(
        &self,
        table: &Table,
        generation: u64,
        sources: &[impl AsRef<str>],
        attempts: u32,
        meter: &Meter,
    ) -> Result<Found, String> {
        let mut found = Found::default();
        for part in self.heads.chunks(TOGETHER) {
            let pks: Vec<String> = part
                .iter()
                .map(|(head, _)| partition(generation, head.stream.id()))
                .collect();
            let mut documents = seen(table, &pks, false, attempts, meter).await?;
            // The eventually consistent read costs half, and a document that has reached a head does not fall back. One that
            // has not may be newer than this read.
            let again = part.iter().zip(&pks);
            let again = again.filter(|((head, _), pk)| !has_reached(documents.get(*pk), head));
            let again: Vec<String> = again.map(|(_, pk)| pk.clone()).collect();
            if !again.is_empty() {
                documents.extend(seen(table, &again, true, attempts, meter).await?);
            }
            for ((head, begins), pk) in part.iter().zip(&pks) {
                let source = head.stream.category();
                let document = documents.get(pk);
                let known = document.map(versions).unwrap_or_default();
                let first = sources.iter().find(|source| known.contains_key(source.as_ref()));
                found.documents += u64::from(*begins && first.is_some_and(|first| first.as_ref() == source));
                if !has_reached(document, head) {
                    match document.and_then(|item| flags(item).remove(source)) {
                        Some(None) => found.held.push(head.stream.clone()),
                        Some(Some(_)) => found.deferred.push(head.clone()),
                        None => found.behind.push(head.clone()),
                    }
                } else if let Some(has) = document.and_then(|item| item::heads(item).remove(source))
                    && head.id.is_some_and(|id| id != has.id)
                {
                    found.other.push((head.clone(), has));
                }
            }
        }
        Ok(found)
    }
}

/// Reads the versions and marks of at most 100 documents, by key.
async fn seen(
    table: &Table,
    pks: &[String],
    consistent: bool,
    attempts: u32,
    meter: &Meter,
) -> Result<HashMap<String, Item>, String> {
    let look = Look {
        consistent,
        projection: Some(&["pk", "v", "h", "q"]),
        ..Look::DOCUMENTS
    };
    let many = table.get_chunk(pks, look, attempts, meter).await;
    many.unread.into_values().next().map_or(Ok(many.found), Err)
}

fn has_reached(document: Option<&Item>, head: &CommitKey) -> bool {
    let known = document.map(versions).unwrap_or_default();
    known
        .get(head.stream.category())
        .is_some_and(|version| *version >= head.last())
}
