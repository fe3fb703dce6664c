//! A sweep's comparison: the documents of every generation that is fed with the streams.

use super::fold::is_the_fold;
use super::page::{Page, PageError, Pages, by_stream, position, saved};
use super::record::{Difference, Run};
use super::scan::{begun, complete};
use super::task::{Bell, Place};
use super::verify::counts_here;
use crate::engine::{Engine, Unfinished};
use crate::item::{Stored, partition};
use crate::registry::Registry;
use crate::report::Meter;
use crate::source::Sources;
use crate::subscriber::Subscriber;
use crate::sweep::Heads;
use crate::table::{Look, Table};
use commit::{Commit, CommitKey, Message, Parcel, lane};
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::Arc;

impl<S: Subscriber> Engine<S> {
    /// How far the documents are. 1 RU per 4 KB of commits (a Scan is billed by whole items) and 1 RU per document.
    pub(crate) async fn quick_page(
        &self,
        run: &Run,
        place: &Place,
        start: Option<&str>,
    ) -> Result<Page, PageError> {
        let start = position(start)?;
        let source = self.sources.of(&place.source)?;
        let read = source.heads(place.segment, run.segments, start.as_ref()).await?;
        let mut page = Page {
            next: saved(read.next.as_ref())?,
            ..Page::default()
        };
        page.counts.read = read.keys.len() as u64;
        let heads = Heads::of(read.keys, &place.source);
        page.counts.commits = heads.commits;
        page.counts.streams = heads.begun;
        let meter = self.meter();
        let registry = self.fed(&meter).await?;
        for generation in &registry.feeding {
            let found = heads
                .compare(
                    &self.table,
                    *generation,
                    S::SOURCES,
                    self.options.attempts,
                    &meter,
                )
                .await
                .map_err(PageError::Again)?;
            if *generation == registry.serving {
                page.counts.documents += found.documents;
            }
            page.counts.quarantined += found.held.len() as u64;
            for key in &found.behind {
                self.healed(*generation, &key.stream, &meter).await?;
                page.counts.behind += 1;
            }
        }
        Ok(page.metered(meter))
    }

    /// The documents as a whole. As [`Self::quick_page`], and 1 Query per document for each further source that it has.
    pub(crate) async fn deep_page(
        &self,
        run: &Run,
        place: &Place,
        start: Option<&str>,
    ) -> Result<Page, PageError> {
        let start = position(start)?;
        let source = self.sources.of(&place.source)?;
        let read = source.scan(place.segment, run.segments, start.as_ref()).await?;
        let mut page = Page {
            next: saved(read.next.as_ref())?,
            ..Page::default()
        };
        page.counts.read = read.commits.len() as u64;
        let mut streams = by_stream(read.commits, &place.source);
        page.counts.commits = streams.iter().map(|commits| commits.len() as u64).sum();
        page.counts.streams = begun(&streams);
        if read.next.is_some()
            && let Some(last) = streams.last_mut()
        {
            complete(source, last).await?;
        }
        // What goes on from the page before was completed there.
        streams.retain(|commits| commits[0].first == 1);
        let meter = self.meter();
        let registry = self.fed(&meter).await?;
        for generation in &registry.feeding {
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
        let attempts = self.options.attempts;
        let mut many = self.table.get_many(&pks, Look::DOCUMENTS, attempts, meter).await;
        if let Some(error) = many.unread.into_values().next() {
            return Err(PageError::Again(error));
        }
        for (commits, pk) in streams.iter().zip(&pks) {
            let stream = &commits[0].stream;
            let stored = Stored::<S>::read(many.found.remove(pk));
            let head = commits.last().map_or(0, Commit::last);
            if stored.state.version(&place.source) < head {
                if stored.state.quarantine.contains_key(&place.source) {
                    page.counts.quarantined += 1;
                } else {
                    self.healed(generation, stream, meter).await?;
                    page.counts.behind += 1;
                }
            }
            if stored.raw.is_none() || !counts_here(&stored, &place.source) {
                continue;
            }
            page.counts.documents += u64::from(serves);
            page.counts.compared += 1;
            match self.folded(&stored, stream.id(), commits).await? {
                Ok(folded) if is_the_fold(generation, &stored, &folded) => {}
                Ok(folded) => {
                    let (stored, folded) = (&stored.state.document, &folded.document);
                    page.differs(Difference::new(stream.id(), stored, folded));
                }
                Err(error) => {
                    let stored = &stored.state.document;
                    page.differs(Difference::new(stream.id(), stored, &error));
                }
            }
        }
        Ok(())
    }

    async fn fed(&self, meter: &Meter) -> Result<Registry, PageError> {
        let registry = self.registry(meter).await;
        registry.map_err(|Unfinished(error)| PageError::Again(error))
    }
}

/// A reactor as a sweep sees it. Its effects belong to its own function, so what is behind is rung for, by the queue.
pub(crate) struct ReactorPages {
    pub(crate) name: String,
    pub(crate) table: Table,
    pub(crate) sources: Sources,
    pub(crate) categories: Vec<String>,
    pub(crate) bell: Arc<dyn Bell>,
    pub(crate) lanes: u32,
}

/// How often a batch read asks for what DynamoDB left unprocessed.
const ATTEMPTS: u32 = 8;
/// Some 10 KB.
const KEYS_PER_MESSAGE: usize = 100;

impl ReactorPages {
    pub(crate) async fn quick_page(
        &self,
        run: &Run,
        place: &Place,
        start: Option<&str>,
    ) -> Result<Page, PageError> {
        let start = position(start)?;
        let source = self.sources.of(&place.source)?;
        let read = source.heads(place.segment, run.segments, start.as_ref()).await?;
        let mut page = Page {
            next: saved(read.next.as_ref())?,
            ..Page::default()
        };
        page.counts.read = read.keys.len() as u64;
        let heads = Heads::of(read.keys, &place.source);
        page.counts.commits = heads.commits;
        page.counts.streams = heads.begun;
        let meter = super::store::meter();
        let generation = Registry::default().serving;
        let found = heads
            .compare(&self.table, generation, &self.categories, ATTEMPTS, &meter)
            .await;
        let found = found.map_err(PageError::Again)?;
        page.counts.documents = found.documents;
        page.counts.quarantined = found.held.len() as u64;
        page.counts.behind = found.behind.len() as u64;
        self.ring(found.behind).await?;
        Ok(page.metered(meter))
    }

    /// One message group per lane, as the relay has it, so that the bell waits behind what is in work for the document.
    async fn ring(&self, behind: Vec<CommitKey>) -> Result<(), PageError> {
        let mut lanes: BTreeMap<u32, Vec<Parcel>> = BTreeMap::new();
        for key in behind {
            let lane = lane(key.stream.id(), self.lanes);
            lanes.entry(lane).or_default().push(Parcel::Key(key));
        }
        for (lane, parcels) in lanes {
            for commits in parcels.chunks(KEYS_PER_MESSAGE) {
                let message = Message::of(commits.to_vec());
                self.bell
                    .send(&self.name, &lane.to_string(), message)
                    .await
                    .map_err(|e| PageError::Again(e.to_string()))?;
            }
        }
        Ok(())
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

    fn size(&self) -> BoxFuture<'_, Option<u64>> {
        Box::pin(async { None })
    }
}
