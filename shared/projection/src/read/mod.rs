//! Reads of a view: documents, lists, rows, tallies, and reads of the client's own writes (G10, G13).

mod catch_up;
mod filled;
mod list;
mod query;
mod rows;
mod tallies;
mod waiting;

pub use filled::tell_filled;
pub use query::{Condition, Filter, IndexQuery, Page, Position, ReadYourWrites};
pub use rows::{RowPage, RowPosition, RowRange, RowsQuery};
pub use tallies::Tallied;

use catch_up::Brought;
use waiting::Waiting;

use crate::item::{Item, SELF, key, partition};
use crate::registry::{REGISTRY, Registry};
use crate::report::{BatchReport, Meter};
use crate::source::Sources;
use crate::table::{Look, Table};
use crate::view::View;
use aws_sdk_dynamodb::Client;
use commit::{Link, StreamId};
use futures::future::try_join_all;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use telemetry::{Metrics, Unit};
use tokio::time::Instant;

/// A document and its versions.
#[derive(Debug, Clone, PartialEq)]
pub struct Fresh<D> {
    /// The document.
    pub document: D,
    /// The number of times the stored document was written.
    pub revision: u64,
    /// The last version of each source that the document reflects.
    pub versions: BTreeMap<String, u64>,
    /// The time of the last event that the document reflects.
    pub time: Option<Timestamp>,
    /// Whether events that the projection had not stored were applied while reading.
    pub caught_up: bool,
    /// The ends of the ids of the last commits that the document reflects, by source. A source that was applied before
    /// documents had them is missing.
    pub links: BTreeMap<String, Link>,
    /// The generation that was read.
    pub generation: u64,
}

impl<D> Fresh<D> {
    /// Returns the value for an `ETag`: the generation, the versions and the last commits, which determine the document (G6):
    /// the commits because a version may exist in two histories (G16). Unlike the
    /// revision it is the same for a document caught up while reading and for the stored document with the same
    /// versions.
    #[must_use]
    pub fn tag(&self) -> String {
        self.versions
            .iter()
            .fold(format!("g{}", self.generation), |tag, (source, version)| {
                let link = self.links.get(source);
                let link = link.map(|link| format!("-{link}")).unwrap_or_default();
                format!("{tag}.{source}-{version}{link}")
            })
    }
}

/// The error of a read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The token contains a version that its stream does not have, or no longer has (G16). HTTP 400.
    #[error(
        "{stream} has no version {version}: the token was not made by this API, or the stream was put back to an earlier version"
    )]
    ForeignToken {
        /// The stream.
        stream: StreamId,
        /// The version in the token.
        version: u64,
    },
    /// A version in the token cannot be shown, because an event before it cannot be applied. HTTP 503: the read
    /// succeeds after a fix.
    #[error("{stream} cannot be shown from version {version} on: {error}")]
    Quarantined {
        /// The stream.
        stream: StreamId,
        /// The first version that could not be applied.
        version: u64,
        /// The reason.
        error: String,
    },
    /// The position at which the page is to start cannot be one of this list: it is outside the range, empty, or longer
    /// than a key. DynamoDB would refuse it. HTTP 400.
    #[error("the position at which the page starts is not in this list")]
    ForeignPosition,
    /// The view's table or an event table cannot be read now. HTTP 503.
    #[error("cannot be read now: {0}")]
    Unavailable(String),
}

/// A reader of one view. It is cheap to clone; clones share the cache.
pub struct ViewReader<V> {
    table: Table,
    sources: Sources,
    serving: Arc<Mutex<Option<(Instant, Serving)>>>,
    view: PhantomData<fn() -> V>,
}

impl<V> Clone for ViewReader<V> {
    fn clone(&self) -> Self {
        Self {
            table: self.table.clone(),
            sources: self.sources.clone(),
            serving: Arc::clone(&self.serving),
            view: PhantomData,
        }
    }
}

/// The cached state of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Serving {
    generation: u64,
    /// Whether the generation has all commits, apart from those in delivery.
    filled: bool,
}

/// How long a reader uses the cached generation after another one serves.
const SERVING_AGE: Duration = Duration::from_secs(1);

/// The versions of one document that a read must reflect, by source.
pub(crate) type Wanted = BTreeMap<String, u64>;

impl<V: View> ViewReader<V> {
    /// Creates a reader of this table, which catches up from these event tables.
    pub fn new(client: Client, view_table: impl Into<String>, sources: Sources) -> Self {
        let name = view_table.into();
        Self {
            table: Table { client, name },
            sources,
            serving: Arc::default(),
            view: PhantomData,
        }
    }

    /// Reads one document. Returns `None` only after checking the sources' event tables: a committed document always
    /// exists.
    ///
    /// Half a read unit per 4 KB, and one more per source that has to be caught up. A wait costs one more Query per version
    /// that is missing, and at most 11 more reads of the document. Without a token the stored document is returned. While the view is not filled, a stored document may lack the sources without new events: these are
    /// caught up, at one Query each.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn get(
        &self,
        key: &str,
        read: &ReadYourWrites,
    ) -> Result<Option<Fresh<V::Document>>, ReadError> {
        let meter = meter();
        let (serving, _) = self.serving(&meter).await?;
        let wanted = self.wanted(read).remove(key).unwrap_or_default();
        let pk = partition(serving.generation, key);
        let mut waiting = Waiting::new(read);
        let item = loop {
            let place = self::key(pk.as_str(), SELF);
            let item = self.table.get(place, false, &meter).await;
            let item = item.map_err(ReadError::Unavailable)?;
            let check = self.check([(key, &wanted)]);
            if reflects(item.as_ref(), &wanted) || !waiting.again(check).await? {
                break item;
            }
        };
        let brought = self.bring(serving, key, item, &wanted).await?;
        let fresh = brought.map(|brought| brought.fresh);
        let caught_up = fresh.as_ref().is_some_and(|fresh| fresh.caught_up);
        emit::<V>(meter, "Get", u64::from(caught_up));
        Ok(fresh)
    }

    /// Reads one page of a list: at most two calls to DynamoDB, whatever the filter (G13). Documents that the token
    /// names are read as in [`Self::get`] and shown at their places.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn list(&self, query: &IndexQuery, read: &ReadYourWrites) -> Result<Page, ReadError> {
        if !query.starts_inside() {
            return Err(ReadError::ForeignPosition);
        }
        let meter = meter();
        let (serving, calls) = self.serving_of_many(&meter).await?;
        let wanted = self.wanted(read);
        let fresh = self.fresh(serving, &wanted, read, &meter).await?;
        let page = self.page(serving.generation, query, &fresh, calls, &meter).await;
        emit::<V>(meter, "List", caught_up(&fresh));
        page
    }

    /// Reads one page of a partition of derived rows ([`View::rows`]) or journal rows ([`View::journal`]): at most two
    /// calls to DynamoDB (G13). Documents that the token names are read as in [`Self::get`]: the page has their current
    /// derived rows and the journal rows of everything committed.
    ///
    /// Half a read unit per 4 KB of rows, at most 2 MB; with a token that names documents of this view twice that, one
    /// more call (1 read unit per document of 4 KB), and 1 Query per document and source that is behind. If the
    /// partition is also a document's key, the document's own item is skipped, and billed.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn rows(&self, query: &RowsQuery, read: &ReadYourWrites) -> Result<RowPage, ReadError> {
        if !query.starts_inside() {
            return Err(ReadError::ForeignPosition);
        }
        let meter = meter();
        let (serving, calls) = self.serving_of_many(&meter).await?;
        let wanted = self.wanted(read);
        let fresh = self.fresh(serving, &wanted, read, &meter).await?;
        let page = self
            .row_page(serving.generation, query, &fresh, calls, &meter)
            .await;
        emit::<V>(meter, "Rows", caught_up(&fresh));
        page
    }

    /// Reads the counters with these keys ([`View::tallies`]), in this order. A counter that was never used is returned
    /// without amounts.
    ///
    /// Without a token: one call per 100 keys, half a read unit each; a counter that is spread ([`View::tally_shards`])
    /// costs as much for each of its further shards, in calls at the same time. With a token that names documents of this
    /// view, the shards to which they contribute and the documents are read in one snapshot, so that the counted and the
    /// uncounted part of a document add up exactly: one call per 100 documents and shards together (2 read units per item
    /// of 4 KB), and 1 Query per document and source that is behind. A token may name at most 99 documents, of at most 4 MB
    /// together.
    ///
    /// # Errors
    /// See [`ReadError`]. Also [`ReadError::Unavailable`] when every attempt conflicted with writers of the same
    /// counters.
    pub async fn tallies(&self, keys: &[String], read: &ReadYourWrites) -> Result<Vec<Tallied>, ReadError> {
        let meter = meter();
        let (serving, _) = self.serving_of_many(&meter).await?;
        let wanted = self.wanted(read);
        let (counters, caught_up) = if wanted.is_empty() {
            (self.counters(serving.generation, keys, &meter).await?, 0)
        } else {
            self.exact(serving, keys, &wanted, read, &meter).await?
        };
        emit::<V>(meter, "Tallies", caught_up);
        Ok(counters.in_order(keys))
    }

    /// Reads the documents that a token names, with its versions.
    async fn fresh(
        &self,
        serving: Serving,
        wanted: &BTreeMap<String, Wanted>,
        read: &ReadYourWrites,
        meter: &Meter,
    ) -> Result<Vec<Brought<V::Document>>, ReadError> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let pks: Vec<String> = wanted
            .keys()
            .map(|key| partition(serving.generation, key))
            .collect();
        let mut waiting = Waiting::new(read);
        let mut found = loop {
            // The read is consistent: the index may be behind the table, and these documents replace its elements.
            let many = self
                .table
                .get_many(&pks, Look::DOCUMENTS, BATCH_ATTEMPTS, meter)
                .await;
            if let Some(error) = many.unread.into_values().next() {
                return Err(ReadError::Unavailable(error));
            }
            let missing = missing(wanted, pks.iter().map(|pk| many.found.get(pk)));
            if missing.is_empty() || !waiting.again(self.check(missing)).await? {
                break many.found;
            }
        };
        let mut fresh = Vec::new();
        for ((key, wanted), pk) in wanted.iter().zip(&pks) {
            let brought = self.bring(serving, key, found.remove(pk), wanted).await?;
            fresh.extend(brought);
        }
        Ok(fresh)
    }

    /// Refuses versions that their streams do not have: a read does not wait for what no projection can deliver. 1 Query of
    /// one item per version, concurrently.
    async fn check<'a>(
        &self,
        wanted: impl IntoIterator<Item = (&'a str, &'a Wanted)>,
    ) -> Result<(), ReadError> {
        let versions = wanted.into_iter().flat_map(|(key, wanted)| {
            wanted
                .iter()
                .map(move |(source, version)| (StreamId::new(source, key), *version))
        });
        let checks = versions.map(async |(stream, version)| {
            let stream = stream.map_err(|e| ReadError::Unavailable(e.to_string()))?;
            let head = self.sources.head(&stream).await;
            let head = head.map_err(|e| ReadError::Unavailable(e.to_string()))?;
            if head < version {
                return Err(ReadError::ForeignToken { stream, version });
            }
            Ok(())
        });
        try_join_all(checks).await.map(drop)
    }

    /// Returns the versions that the token contains for this view, by document.
    fn wanted(&self, read: &ReadYourWrites) -> BTreeMap<String, Wanted> {
        let mut wanted: BTreeMap<String, Wanted> = BTreeMap::new();
        for (stream, version) in &read.positions {
            if V::SOURCES.contains(&stream.category()) {
                let known = wanted.entry(stream.id().to_owned()).or_default();
                let known = known.entry(stream.category().to_owned()).or_default();
                *known = (*known).max(*version);
            }
        }
        wanted
    }

    /// Does the same as [`Self::serving`], for results made of many documents, and notes whether the view is filled.
    async fn serving_of_many(&self, meter: &Meter) -> Result<(Serving, usize), ReadError> {
        let known = self.serving(meter).await?;
        filled::note(known.0.filled);
        Ok(known)
    }

    /// Returns the generation that serves, and the number of calls that it took. It is cached for at most a second.
    async fn serving(&self, meter: &Meter) -> Result<(Serving, usize), ReadError> {
        let cached = *self.serving.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, serving)) = cached
            && since.elapsed() < SERVING_AGE
        {
            return Ok((serving, 0));
        }
        // The age starts before the read.
        let now = Instant::now();
        let item = self.table.get(key(REGISTRY, SELF), true, meter).await;
        let item = item.map_err(ReadError::Unavailable)?;
        let registry = Registry::read(item.as_ref());
        let serving = Serving {
            generation: registry.serving,
            filled: registry.filled(),
        };
        *self.serving.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, serving));
        Ok((serving, 1))
    }
}

/// A page evaluates at most the data of two calls: 2 MB of rows or lean elements, some thousand documents.
const CALLS: usize = 2;

const BATCH_ATTEMPTS: u32 = 8;
fn reflects(item: Option<&Item>, wanted: &Wanted) -> bool {
    let versions = item.map(crate::item::versions).unwrap_or_default();
    wanted
        .iter()
        .all(|(source, version)| versions.get(source).is_some_and(|v| v >= version))
}

/// Returns the wanted versions of the documents that do not reflect them. `items` are the stored documents in the order of
/// their keys.
fn missing<'a, 'b>(
    wanted: &'a BTreeMap<String, Wanted>,
    items: impl Iterator<Item = Option<&'b Item>>,
) -> Vec<(&'a str, &'a Wanted)> {
    let documents = wanted.iter().zip(items);
    let behind = documents.filter(|((_, wanted), item)| !reflects(*item, wanted));
    behind.map(|((key, wanted), _)| (key.as_str(), wanted)).collect()
}

/// Returns the number of documents that were behind.
fn caught_up<D>(brought: &[Brought<D>]) -> u64 {
    brought.iter().filter(|brought| brought.fresh.caught_up).count() as u64
}

fn meter() -> Meter {
    Meter::new(BatchReport::default())
}

/// Emits the metrics of a read. This is the only place that does.
fn emit<V: View>(meter: Meter, operation: &str, caught_up: u64) {
    let report = meter.finish();
    Metrics::event("ViewRead")
        .dimension("View", V::NAME)
        .property("Operation", operation)
        .property("Calls", report.calls)
        .count("CatchUps", caught_up)
        .number("ReadUnits", Unit::None, report.read_units)
        .emit();
}
