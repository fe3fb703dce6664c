use crate::derived::{Index, Row, Tally};
use crate::uses::Uses;
use commit::{CodecError, Commit, EventData};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A view: a pure fold from the events of several services to one document per key.
///
/// Four rules make it converge (G6) and rebuild to the same bytes (G8):
///
/// 1. A document belongs to one key: the id of the streams that feed it. Every source stream routes to exactly one
///    document by its own id, which makes the gap test possible.
/// 2. Sources commute: the document is the same in whatever order the sources' events are applied.
///    [`testing::assert_commutes`](crate::testing::assert_commutes) checks it.
/// 3. Nothing comes from a clock, from randomness or from I/O. The only time is [`Published::time`].
/// 4. While the event that creates it is missing, the document has no index, so that no list shows an incomplete
///    document.
pub trait View: Send + Sync + 'static {
    /// The document that is stored under a key. `Default` is the document before its first event.
    type Document: Default + Clone + Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static;

    /// The view's name, in metrics and logs.
    const NAME: &'static str;

    /// The stream categories that feed the view, for example `["order", "ticket"]`. A rebuild scans the first one, so
    /// it should be the one whose events create the documents.
    const SOURCES: &'static [&'static str];

    /// Declares which of [`index`](Self::index), [`rows`](Self::rows), [`tallies`](Self::tallies) and
    /// [`journal`](Self::journal) the view has. It determines what the table and the functions' roles need, so it has
    /// no default. A view that derives an undeclared kind has a defect, see [`Uses`].
    const USES: Uses;

    /// The names of the attributes that lists filter by: keys of [`Index::attributes`]. The table's index includes
    /// them, so that DynamoDB evaluates the filter.
    const FILTERS: &'static [&'static str] = &[];

    /// Applies one event. An event type that the view does not use is `Ok(())`. Decode events as the enum that their
    /// category publishes ([`Published::decode`]), which tells such a type from one that this code does not know yet.
    ///
    /// # Errors
    /// See [`ApplyError`]. Changes to the document are discarded with the error.
    fn apply(document: &mut Self::Document, event: &Published<'_>) -> Result<(), ApplyError>;

    /// Returns the place of the document in lists, and the element that they show. `None` while it is incomplete, or
    /// when the view has no lists.
    fn index(document: &Self::Document) -> Option<Index> {
        let _ = document;
        None
    }

    /// Returns the rows for reads that are keyed by something else. They change in one transaction with the document.
    fn rows(document: &Self::Document) -> Vec<Row> {
        let _ = document;
        Vec::new()
    }

    /// Returns the rows that this event adds permanently, for example a movement on a statement. They are never changed
    /// or deleted, so the document does not record them and does not grow with them. The function is called after the
    /// event was applied, with the document at that version. The rows are written in the document's transaction (with
    /// more than 99 changes, in parts before it). They share their places with the rows of [`rows`](Self::rows): no
    /// place may have two rows.
    ///
    /// An event is applied again after a crash and in a rebuild, and must give the same rows each time (G6, G8). So
    /// they must depend only on the event, and on what the document has from the event's own stream, not on how the
    /// sources are interleaved. This always holds for a view with one source; for others
    /// [`testing::assert_commutes`](crate::testing::assert_commutes) checks it. A place that contains the stream's id
    /// and [`Published::version`] is unique.
    fn journal(document: &Self::Document, event: &Published<'_>) -> Vec<Row> {
        let _ = (document, event);
        Vec::new()
    }

    /// Returns the document's contributions to counters. The difference to the contribution before is added in one
    /// transaction with the document, so that a duplicate or a replay cannot count twice.
    fn tallies(document: &Self::Document) -> Vec<Tally> {
        let _ = document;
        Vec::new()
    }

    /// Returns the number of items over which a counter is spread. One item takes one transaction at a time, some fifty to
    /// a hundred a second; transactions that overlap cancel one another and try again. The engine writes the documents of a
    /// batch in one transaction, so a counter needs more than 1 only if many instances count at it for long: a restaurant's
    /// day, not a consumer. A read adds the shards up and costs as many times more.
    ///
    /// The number depends on the counter's key alone, and should divide [`settings::LANES`]. It may be raised at any time:
    /// what was counted before is shard 0, or another one, and is still added up. Lower it only with a rebuild.
    fn tally_shards(tally: &str) -> u32 {
        let _ = tally;
        1
    }
}

/// One event with its place in its stream.
#[derive(Debug, Clone, Copy)]
pub struct Published<'a> {
    /// The commit that contains the event.
    pub commit: &'a Commit,
    /// The event's version in the stream, from 1.
    pub version: u64,
    /// The event.
    pub event: &'a EventData,
}

impl Published<'_> {
    /// Returns the category of the event's stream, for example `order`.
    #[must_use]
    pub fn category(&self) -> &str {
        self.commit.stream.category()
    }

    /// Returns the id of the event's stream, which is the document's key.
    #[must_use]
    pub fn id(&self) -> &str {
        self.commit.stream.id()
    }

    /// Returns the commit time, the only time that a view may use (G8).
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.commit.time
    }

    /// Decodes the event as a variant of `E`, upcast to the current schema.
    ///
    /// # Errors
    /// [`ApplyError::Newer`] or [`ApplyError::Undecodable`]. Both may be passed on with `?`.
    pub fn decode<E: commit::Event>(&self) -> Result<E, ApplyError> {
        E::decode(self.event).map_err(ApplyError::from)
    }
}

/// The error when an event was not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// Newer code wrote the event: this code does not know its type, or the version of its schema. The document waits
    /// for this source, and continues by itself once newer code runs here. A type that the subscriber does not use is
    /// known nevertheless, because the enum of its category has it: `apply` returns `Ok(())`.
    #[error("newer code wrote the event: {0}")]
    Newer(CodecError),
    /// The event is damaged. The document is quarantined for this source.
    #[error("{0}")]
    Undecodable(CodecError),
    /// The event contradicts the document. The document is quarantined for this source.
    #[error("rejected: {reason}")]
    Rejected {
        /// The reason, for the operator who reads the quarantine.
        reason: String,
    },
}

impl ApplyError {
    /// Creates a [`Self::Rejected`] with this reason.
    pub fn rejected(reason: impl Into<String>) -> Self {
        Self::Rejected {
            reason: reason.into(),
        }
    }
}

impl From<CodecError> for ApplyError {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::UnknownType { .. } | CodecError::UnknownSchema { .. } => Self::Newer(error),
            other => Self::Undecodable(other),
        }
    }
}
