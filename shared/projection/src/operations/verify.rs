//! The verification of a rebuild: every stream's head against the new generation, and if asked for the documents against
//! the generation that serves.

use super::page::{Page, PageError, position, saved, stands_still};
use super::record::{Difference, Run};
use super::task::Place;
use crate::engine::{Engine, Unfinished};
use crate::item::{Stored, partition};
use crate::subscriber::Subscriber;
use crate::sweep::Heads;
use crate::table::Look;
use crate::work::Job;

impl<S: Subscriber> Engine<S> {
    /// 1 RU per 4 KB of commits (a Scan is billed by whole items) and 1 RU per document; twice that to compare.
    pub(crate) async fn verify_page(
        &self,
        run: &Run,
        place: &Place,
        start: Option<&str>,
    ) -> Result<Page, PageError> {
        let source = self.sources.of(&place.source)?;
        let start = position(start)?;
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
        let generation = run.id.number;
        let found = heads
            .compare(&self.table, generation, S::SOURCES, self.options.attempts, &meter)
            .await
            .map_err(PageError::Again)?;
        page.counts.documents = found.documents;
        if !found.held.is_empty() {
            let reason = stands_still(&self.table, generation, &meter).await;
            let reason = reason.map_err(PageError::Again)?;
            return Err(PageError::Never(
                reason.unwrap_or_else(|| "a document stands still".to_owned()),
            ));
        }
        for key in &found.behind {
            self.healed(generation, &key.stream, &meter).await?;
            page.counts.behind += 1;
        }
        if run.deep
            && let Some(serving) = run.replaces
        {
            self.compare_generations([generation, serving], &heads, place, &mut page)
                .await?;
        }
        Ok(page.metered(meter))
    }

    /// Brings one document up to date with one stream.
    pub(crate) async fn healed(
        &self,
        generation: u64,
        stream: &commit::StreamId,
        meter: &crate::report::Meter,
    ) -> Result<(), PageError> {
        let again = |Unfinished(error)| PageError::Again(error);
        let item = self.fetch(generation, stream.id(), meter).await.map_err(again)?;
        let outcome = self
            .document(generation, stream.id(), Job::Heal(stream), item, meter)
            .await
            .map_err(again)?;
        outcome
            .reason
            .map_or(Ok(()), |reason| Err(PageError::Again(reason)))
    }

    /// Documents of the same versions have to be the same.
    async fn compare_generations(
        &self,
        [new, serving]: [u64; 2],
        heads: &Heads,
        place: &Place,
        page: &mut Page,
    ) -> Result<(), PageError> {
        let meter = self.meter();
        let keys: Vec<&str> = heads.keys().collect();
        let pks = keys
            .iter()
            .flat_map(|key| [partition(new, key), partition(serving, key)]);
        let pks: Vec<String> = pks.collect();
        let attempts = self.options.attempts;
        let mut many = self.table.get_many(&pks, Look::DOCUMENTS, attempts, &meter).await;
        if let Some(error) = many.unread.into_values().next() {
            return Err(PageError::Again(error));
        }
        for key in keys {
            let new = Stored::<S>::read(many.found.remove(&partition(new, key)));
            let old = Stored::<S>::read(many.found.remove(&partition(serving, key)));
            let comparable = new.raw.is_some() && new.state.versions == old.state.versions;
            if !comparable || !counts_here::<S>(&new, &place.source) {
                continue;
            }
            page.counts.compared += 1;
            if new.state.document != old.state.document {
                page.differs(Difference::new(key, &new.state.document, &old.state.document));
            }
        }
        let report = meter.finish();
        page.counts.read_units += report.read_units;
        Ok(())
    }
}

/// A document with several sources is met once for each: it counts at the first one that it has.
pub(crate) fn counts_here<S: Subscriber>(stored: &Stored<S>, source: &str) -> bool {
    let first = S::SOURCES.iter().find(|known| stored.state.version(known) > 0);
    first.is_some_and(|first| *first == source)
}
