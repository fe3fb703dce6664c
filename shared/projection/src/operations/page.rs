use super::record::{Counts, DIFFERENCES_KEPT, Difference, Phase, Run};
use super::task::Place;
use crate::engine::Engine;
use crate::item::{Item, quarantine_partition};
use crate::report::Meter;
use crate::source::SourceError;
use crate::subscriber::{Subscriber, ViewOf};
use crate::sweep::Heads;
use crate::table::{Look, Table};
use crate::view::View;
use crate::write::Quarantined;
use event_store::ScanPosition;
use futures::future::BoxFuture;
use std::collections::HashMap;

/// The pages of a segment. A worker handles one page between two checks of the clock.
pub(crate) trait Pages: Send + Sync {
    /// Handles the page that begins here.
    fn page<'a>(
        &'a self,
        run: &'a Run,
        place: &'a Place,
        start: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Page, PageError>>;

    /// Compares the documents of every generation that is fed and complete with the heads of streams of one category, and heals
    /// those that are behind.
    fn compare<'a>(&'a self, heads: &'a Heads) -> BoxFuture<'a, Result<Page, PageError>>;

    /// Returns the approximate number of items that the scan of a rebuild has to read, or `None` when it is unknown.
    fn size(&self) -> BoxFuture<'_, Option<u64>>;

    /// Returns whether no source has a commit.
    fn sources_are_empty(&self) -> BoxFuture<'_, Result<bool, SourceError>>;
}

/// The result of a page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The position of the next page; `None` at the end of the segment.
    pub(crate) next: Option<String>,
    pub(crate) counts: Counts,
    pub(crate) differences: Vec<Difference>,
}

/// The error of a page.
#[derive(Debug)]
pub(crate) enum PageError {
    /// A retry may succeed.
    Again(String),
    /// No retry can succeed: the run has failed.
    Never(String),
}

impl From<SourceError> for PageError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Unavailable(_) => Self::Again(error.to_string()),
            SourceError::Damaged(_) | SourceError::Unknown(_) => Self::Never(error.to_string()),
        }
    }
}

impl Page {
    /// Creates the result of a page of an event table that ends here.
    pub(crate) fn until(next: Option<&ScanPosition>) -> Result<Self, PageError> {
        let next = next.map(serde_json::to_string).transpose();
        Ok(Self {
            next: next.map_err(|e| PageError::Never(e.to_string()))?,
            ..Self::default()
        })
    }

    /// Records a document that differs; the first ones are kept.
    pub(crate) fn differs(&mut self, difference: Difference) {
        self.counts.differences += 1;
        if self.differences.len() < DIFFERENCES_KEPT {
            self.differences.push(difference);
        }
    }

    /// Adds the work on the view's table, and its cost.
    pub(crate) fn metered(mut self, meter: Meter) -> Self {
        let report = meter.finish();
        self.counts.applied += report.applied;
        self.counts.written += report.written;
        self.counts.read_units += report.read_units;
        self.counts.write_units += report.write_units;
        self
    }
}

/// Returns a text about the quarantined sources of a generation; `None` when there are none. 1 RU.
pub(crate) async fn stands_still(
    table: &Table,
    generation: u64,
    meter: &Meter,
) -> Result<Option<String>, String> {
    const SHOWN: usize = 3;
    let (items, more) = table
        .page(&quarantine_partition(generation), None, SHOWN, meter)
        .await?;
    let marks = items
        .iter()
        .filter_map(|item| Quarantined::read(generation, item));
    let marks: Vec<String> = marks
        .map(|mark| format!("{} version {}: {}", mark.stream, mark.version, mark.error))
        .collect();
    if marks.is_empty() {
        return Ok(None);
    }
    let more = if more { "; and more" } else { "" };
    Ok(Some(format!("cannot be applied: {}{more}", marks.join("; "))))
}

impl<S: Subscriber> Engine<S> {
    /// Reads the documents with these partition keys, by key. 1 RU per 4 KB.
    pub(crate) async fn documents_of(
        &self,
        pks: &[String],
        meter: &Meter,
    ) -> Result<HashMap<String, Item>, PageError> {
        let attempts = self.options.attempts;
        let many = self.table.get_many(pks, Look::DOCUMENTS, attempts, meter).await;
        match many.unread.into_values().next() {
            Some(error) => Err(PageError::Again(error)),
            None => Ok(many.found),
        }
    }

    /// Returns the error for a quarantined document in a generation that is being built: the rebuild fails, with the
    /// document in its reason (C8). 1 RU.
    pub(crate) async fn cannot_be_built(&self, generation: u64, meter: &Meter) -> PageError {
        match stands_still(&self.table, generation, meter).await {
            Ok(Some(reason)) => PageError::Never(reason),
            Ok(None) => PageError::Again("a document was quarantined, but no longer is".to_owned()),
            Err(error) => PageError::Again(error),
        }
    }
}

impl<V: View> Pages for Engine<ViewOf<V>> {
    fn page<'a>(
        &'a self,
        run: &'a Run,
        place: &'a Place,
        start: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Page, PageError>> {
        Box::pin(async move {
            match run.phase {
                Phase::Scan => self.scan_page(run, place, start).await,
                Phase::Verify => self.verify_page(run, place, start).await,
                Phase::Compare if run.deep => self.deep_page(run, place, start).await,
                Phase::Compare => self.quick_page(run, place, start).await,
                Phase::Fence | Phase::Delete | Phase::End => Ok(Page::default()),
            }
        })
    }

    fn compare<'a>(&'a self, heads: &'a Heads) -> BoxFuture<'a, Result<Page, PageError>> {
        Box::pin(self.compare_heads(heads, Page::default()))
    }

    fn size(&self) -> BoxFuture<'_, Option<u64>> {
        Box::pin(async move {
            let first = self.sources.of(V::SOURCES.first()?).ok()?;
            first.size().await.ok()
        })
    }

    fn sources_are_empty(&self) -> BoxFuture<'_, Result<bool, SourceError>> {
        Box::pin(self.sources.are_empty(V::SOURCES))
    }
}
