use commit::{Commit, StreamId};
use event_store::{CommitReader, KeyPage, ScanPage, ScanPosition, StoreError};
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The events of one category of streams, from which the engine heals, catches up and sweeps.
pub trait CommitSource: Send + Sync {
    /// Returns the name of the event table, which may have several categories.
    fn table(&self) -> &str;

    /// Returns all commits of the stream with events after this version, in order, read consistently.
    fn after<'a>(
        &'a self,
        stream: &'a StreamId,
        version: u64,
    ) -> BoxFuture<'a, Result<Vec<Commit>, SourceError>>;

    /// Returns the last version of the stream, read consistently; 0 when it does not exist.
    fn head<'a>(&'a self, stream: &'a StreamId) -> BoxFuture<'a, Result<u64, SourceError>>;

    /// Returns one page of the keys of all commits of segment `segment` of `of`.
    fn heads<'a>(
        &'a self,
        segment: u32,
        of: u32,
        start: Option<&'a ScanPosition>,
    ) -> BoxFuture<'a, Result<KeyPage, SourceError>>;

    /// Returns one page of the keys of all commits of segment `segment` of `of` without those of the last moments, for half
    /// the price.
    fn settled_heads<'a>(
        &'a self,
        segment: u32,
        of: u32,
        start: Option<&'a ScanPosition>,
    ) -> BoxFuture<'a, Result<KeyPage, SourceError>>;

    /// Returns one page of all commits of segment `segment` of `of`, read consistently.
    fn scan<'a>(
        &'a self,
        segment: u32,
        of: u32,
        start: Option<&'a ScanPosition>,
    ) -> BoxFuture<'a, Result<ScanPage, SourceError>>;

    /// Returns `false` only if there is no commit of this category.
    fn may_hold<'a>(&'a self, category: &'a str) -> BoxFuture<'a, Result<bool, SourceError>>;

    /// Returns the approximate number of commits, for the progress of a rebuild.
    fn size(&self) -> BoxFuture<'_, Result<u64, SourceError>>;
}

impl CommitSource for CommitReader {
    fn table(&self) -> &str {
        CommitReader::table(self)
    }

    fn after<'a>(
        &'a self,
        stream: &'a StreamId,
        version: u64,
    ) -> BoxFuture<'a, Result<Vec<Commit>, SourceError>> {
        Box::pin(async move { Ok(CommitReader::after(self, stream, version).await?) })
    }

    fn head<'a>(&'a self, stream: &'a StreamId) -> BoxFuture<'a, Result<u64, SourceError>> {
        Box::pin(async move {
            let head = CommitReader::head(self, stream).await?;
            Ok(head.map_or(0, |key| key.last()))
        })
    }

    fn heads<'a>(
        &'a self,
        segment: u32,
        of: u32,
        start: Option<&'a ScanPosition>,
    ) -> BoxFuture<'a, Result<KeyPage, SourceError>> {
        Box::pin(async move { Ok(CommitReader::heads(self, segment, of, start).await?) })
    }

    fn settled_heads<'a>(
        &'a self,
        segment: u32,
        of: u32,
        start: Option<&'a ScanPosition>,
    ) -> BoxFuture<'a, Result<KeyPage, SourceError>> {
        Box::pin(async move { Ok(CommitReader::settled_heads(self, segment, of, start).await?) })
    }

    fn scan<'a>(
        &'a self,
        segment: u32,
        of: u32,
        start: Option<&'a ScanPosition>,
    ) -> BoxFuture<'a, Result<ScanPage, SourceError>> {
        Box::pin(async move { Ok(CommitReader::scan(self, segment, of, start).await?) })
    }

    fn may_hold<'a>(&'a self, category: &'a str) -> BoxFuture<'a, Result<bool, SourceError>> {
        Box::pin(async move { Ok(CommitReader::may_hold(self, category).await?) })
    }

    fn size(&self) -> BoxFuture<'_, Result<u64, SourceError>> {
        Box::pin(async move { Ok(CommitReader::size(self).await?) })
    }
}

/// The error of a source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The event table could not be read now.
    #[error("the event table cannot be read: {0}")]
    Unavailable(String),
    /// An item in the event table is not a commit. A retry does not help: the document is quarantined.
    #[error("a commit in the event table cannot be read: {0}")]
    Damaged(String),
    /// The category has no source: the configuration is wrong.
    #[error("no event table is configured for the category {0:?}")]
    Unknown(String),
}

impl From<StoreError> for SourceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Codec { .. } | StoreError::Damaged { .. } => Self::Damaged(error.to_string()),
            // A refused request is a matter of configuration or permission; the document is not at fault.
            other => Self::Unavailable(other.to_string()),
        }
    }
}

/// The event tables that a subscriber may read, by category.
#[derive(Clone, Default)]
pub struct Sources(BTreeMap<String, Arc<dyn CommitSource>>);

impl Sources {
    /// Creates an empty set of sources.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a source.
    #[must_use]
    pub fn with(mut self, category: impl Into<String>, source: impl CommitSource + 'static) -> Self {
        self.0.insert(category.into(), Arc::new(source));
        self
    }

    /// Returns the source of a category.
    pub(crate) fn shared(&self, category: &str) -> Option<Arc<dyn CommitSource>> {
        self.0.get(category).map(Arc::clone)
    }

    pub(crate) fn of(&self, category: &str) -> Result<&dyn CommitSource, SourceError> {
        self.0
            .get(category)
            .map(AsRef::as_ref)
            .ok_or_else(|| SourceError::Unknown(category.to_owned()))
    }

    /// Returns whether none of these categories has a commit. Costs one Scan of at most 100 items per category.
    pub(crate) async fn are_empty(&self, categories: &[impl AsRef<str>]) -> Result<bool, SourceError> {
        for category in categories {
            let category = category.as_ref();
            if self.of(category)?.may_hold(category).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns the last version of the stream; 0 when it does not exist. 1 RU: one consistent Query of one item.
    pub(crate) async fn head(&self, stream: &StreamId) -> Result<u64, SourceError> {
        self.of(stream.category())?.head(stream).await
    }

    /// Returns all commits of the stream with events after this version. 1 RU per 4 KB: one consistent Query.
    pub(crate) async fn after(&self, stream: &StreamId, version: u64) -> Result<Vec<Commit>, SourceError> {
        self.of(stream.category())?.after(stream, version).await
    }
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
