//! The comparison of a sweep: the documents of every generation that is fed with the streams.

use super::fold::is_the_fold;
use super::page::{Page, PageError, Pages};
use super::reading::{heads, streams};
use super::record::{Difference, Run};
use super::task::{Bell, Place};
use super::verify::counts_here;
use crate::engine::{Engine, Unfinished};
use crate::history;
use crate::item::partition;
use crate::registry::Registry;
use crate::report::Meter;
use crate::source::{SourceError, Sources};
use crate::stored::Stored;
use crate::subscriber::Subscriber;
use crate::sweep::{Heads, ring};
use crate::table::Table;
use commit::{Commit, Head, StreamId};
use futures::future::BoxFuture;
use std::sync::Arc;

impl<S: Subscriber> Engine<S> {
    /// Compares the versions of the documents. 1 RU per 4 KB of commits (a Scan is billed by whole items) and half an RU
    /// per document.
    pub(crate) async fn quick_page(
        &self,
        run: &Run,
        place: &Place,
        start: Option<&str>,
    ) -> Result<Page, PageError> {
        let (page, heads) = heads(&self.sources, run, place, start).await?;
        self.compare_heads(&heads, page).await
    }

    /// Compares the versions of the documents with heads, and adds the results to the page. Half an RU per document.
    pub(crate) async fn compare_heads(&self, heads: &Heads, mut page: Page) -> Result<Page, PageError> {
        let meter = self.meter();
        let registry = self.fed(&meter).await?;
        for generation in &registry.complete() {
            let found = heads
                .compare(
                    &self.table,
                    *generation,
                    S::SOURCES,
                    self.options.attempts,
                    &meter,
                )
                .await
                .map_err(PageError::Again)?
                .confirmed(&self.sources)
                .await?;
            if *generation == registry.serving {
                page.counts.documents += found.documents;
            }
            page.counts.quarantined += (found.held.len() + found.deferred.len()) as u64;
            self.heal_all(*generation, &found.behind, &meter).await?;
            page.counts.behind += found.behind.len() as u64;
        }
        Ok(page.metered(meter))
    }

    /// Compares whole documents. As [`Self::quick_page`], and 1 Query per document for each further source that it has.
    pub(crate) async fn deep_page(
        &self,
        run: &Run,
        place: &Place,
        start: Option<&str>,
    ) -> Result<Page, PageError> {
        let (mut page, streams) = streams(&self.sources, run, place, start).await?;
        let meter = self.meter();
        let registry = self.fed(&meter).await?;
        for generation in &registry.complete() {
            let serves = *generation == registry.serving;
            self.deep(*generation, serves, &streams, place, &mut page, &meter)
                .await?;
        }
        Ok(page.metered(meter))
    }

    async fn deep(
        &self,
        generation: u64,
        serves: bool,
        streams: &[Vec<Commit>],
        place: &Place,
        page: &mut Page,
        meter: &Meter,
    ) -> Result<(), PageError> {
        let pks: Vec<String> = streams
            .iter()
            .map(|commits| partition(generation, commits[0].stream.id()))
            .collect();
        let mut found = self.documents_of(&pks, meter).await?;
        for (commits, pk) in streams.iter().zip(&pks) {
            let stream = &commits[0].stream;
            let stored = Stored::<S>::read(found.remove(pk));
            let head = commits.last().map_or(0, Commit::last);
            let last = commits.last().map(Commit::head);
            let has = stored.state.head(&place.source);
            // The document may have moved on since the stream was read.
            let other = has != last.as_ref() && !self.still_has(stream, has).await?;
            if stored.state.version(&place.source) < head || other {
                if stored.state.marks.contains_key(&place.source) {
                    page.counts.quarantined += 1;
                } else {
                    self.healed(generation, stream, meter).await?;
                    page.counts.behind += 1;
                }
            }
            if other || stored.raw.is_none() || !counts_here(&stored, &place.source) {
                continue;
            }
            page.counts.documents += u64::from(serves);
            page.counts.compared += 1;
            match self.folded(&stored, stream.id(), commits).await? {
                // Another version of this code has folded the document, or it will be made anew.
                None => page.counts.compared -= 1,
                Some(Ok(folded)) if is_the_fold(generation, &stored, &folded) => {}
                Some(Ok(folded)) => {
                    let (stored, folded) = (&stored.state.document, &folded.document);
                    page.differs(Difference::new(stream.id(), stored, folded));
                }
                Some(Err(error)) => {
                    let stored = &stored.state.document;
                    page.differs(Difference::new(stream.id(), stored, &error));
                }
            }
        }
        Ok(())
    }

    /// Returns whether a stream still has the last commit of a document (G16). 1 Query: 1 RU per 4 KB.
    async fn still_has(&self, stream: &StreamId, head: Option<&Head>) -> Result<bool, PageError> {
        let Some(head) = head else { return Ok(true) };
        let commits = self.sources.after(stream, head.first.saturating_sub(1)).await?;
        Ok(history::continues(Some(head), &commits))
    }

    async fn fed(&self, meter: &Meter) -> Result<Registry, PageError> {
        let registry = self.registry(meter).await;
        registry.map_err(|Unfinished(error)| PageError::Again(error))
    }
}

/// The pages of a reactor's sweep. Its effects belong to its own function, so messages are sent to its queue for the
/// streams that are behind.
pub(crate) struct ReactorPages {
    pub(crate) name: String,
    pub(crate) table: Table,
    pub(crate) sources: Sources,
    pub(crate) categories: Vec<String>,
    pub(crate) bell: Arc<dyn Bell>,
    pub(crate) lanes: u32,
}

/// The number of attempts to read what DynamoDB left unprocessed in a batch read.
const ATTEMPTS: u32 = 8;

impl ReactorPages {
    pub(crate) async fn quick_page(
        &self,
        run: &Run,
        place: &Place,
        start: Option<&str>,
    ) -> Result<Page, PageError> {
        let (page, heads) = heads(&self.sources, run, place, start).await?;
        self.compare_heads(&heads, page).await
    }

    async fn compare_heads(&self, heads: &Heads, mut page: Page) -> Result<Page, PageError> {
        let meter = super::store::meter();
        let generation = Registry::default().serving;
        let found = heads
            .compare(&self.table, generation, &self.categories, ATTEMPTS, &meter)
            .await;
        let found = found.map_err(PageError::Again)?.confirmed(&self.sources).await?;
        page.counts.documents = found.documents;
        page.counts.quarantined = (found.held.len() + found.deferred.len()) as u64;
        page.counts.behind = found.behind.len() as u64;
        ring(&*self.bell, &self.name, self.lanes, found.behind)
            .await
            .map_err(|e| PageError::Again(e.to_string()))?;
        Ok(page.metered(meter))
    }
}

impl Pages for ReactorPages {
    fn page<'a>(
        &'a self,
        run: &'a Run,
        place: &'a Place,
        start: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Page, PageError>> {
        Box::pin(self.quick_page(run, place, start))
    }

    fn compare<'a>(&'a self, heads: &'a Heads) -> BoxFuture<'a, Result<Page, PageError>> {
        Box::pin(self.compare_heads(heads, Page::default()))
    }

    fn size(&self) -> BoxFuture<'_, Option<u64>> {
        Box::pin(async { None })
    }

    fn sources_are_empty(&self) -> BoxFuture<'_, Result<bool, SourceError>> {
        Box::pin(self.sources.are_empty(&self.categories))
    }
}
