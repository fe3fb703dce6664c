//! The verification of a rebuild: every stream's head is compared with the new generation, and on request the documents
//! with the serving generation.

use super::page::{Page, PageError};
use super::reading::heads;
use super::record::{Difference, Run};
use super::task::Place;
use crate::combine::Combined;
use crate::engine::{Engine, Unfinished};
use crate::item::partition;
use crate::job::Job;
use crate::report::Meter;
use crate::stored::Stored;
use crate::subscriber::Subscriber;
use crate::sweep::Heads;
use commit::{CommitKey, StreamId};
use futures::{StreamExt, TryStreamExt, stream};

impl<S: Subscriber> Engine<S> {
    /// Verifies one page. 1 RU per 4 KB of commits (a Scan is billed by whole items) and 1 RU per document; twice that
    /// to compare.
    pub(crate) async fn verify_page(
        &self,
        run: &Run,
        place: &Place,
        start: Option<&str>,
    ) -> Result<Page, PageError> {
        let (mut page, heads) = heads(&self.sources, run, place, start).await?;
        let meter = self.meter();
        let generation = run.id.number;
        let found = heads
            .compare(&self.table, generation, S::SOURCES, self.options.attempts, &meter)
            .await
            .map_err(PageError::Again)?
            .confirmed(&self.sources)
            .await?;
        page.counts.documents = found.documents;
        if !found.held.is_empty() {
            return Err(self.cannot_be_built(generation, &meter).await);
        }
        let mut newer = self.heal_all(generation, &found.behind, &meter).await?;
        newer.extend(self.heal_all(generation, &found.deferred, &meter).await?);
        if let Some(reason) = newer.into_iter().next() {
            return Err(PageError::Never(reason));
        }
        page.counts.behind = (found.behind.len() + found.deferred.len()) as u64;
        if run.deep
            && let Some(serving) = run.replaces
        {
            self.compare_generations([generation, serving], &heads, place, &mut page)
                .await?;
        }
        Ok(page.metered(meter))
    }

    /// Heals the documents that are behind, and returns the events of newer code at which they stand still. 1 Query and
    /// 1 write each.
    pub(crate) async fn heal_all(
        &self,
        generation: u64,
        behind: &[CommitKey],
        meter: &Meter,
    ) -> Result<Vec<String>, PageError> {
        let mut jobs = Vec::with_capacity(behind.len());
        for key in behind {
            jobs.push(self.healed(generation, &key.stream, meter));
        }
        stream::iter(jobs)
            .buffer_unordered(self.options.concurrency.max(1))
            .try_concat()
            .await
    }

    /// Heals one document from one stream, and returns the event of newer code at which it stands still.
    pub(crate) async fn healed(
        &self,
        generation: u64,
        stream: &StreamId,
        meter: &Meter,
    ) -> Result<Vec<String>, PageError> {
        let again = |Unfinished(error)| PageError::Again(error);
        let item = self.fetch(generation, stream.id(), meter).await.map_err(again)?;
        let outcome = self
            .document(
                generation,
                stream.id(),
                Job::Heal(stream),
                item,
                &Combined::default(),
                meter,
            )
            .await
            .map_err(again)?;
        match outcome.reason {
            Some(reason) => Err(PageError::Again(reason)),
            None => Ok(outcome.newer),
        }
    }

    /// Compares documents with the same versions, which must be equal.
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
        let mut found = self.documents_of(&pks, &meter).await?;
        for key in keys {
            let new = Stored::<S>::read(found.remove(&partition(new, key)));
            let old = Stored::<S>::read(found.remove(&partition(serving, key)));
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

/// Returns whether a document with several sources is counted at this source. It is found once for each, and counted at
/// the first one that it has.
pub(crate) fn counts_here<S: Subscriber>(stored: &Stored<S>, source: &str) -> bool {
    let first = S::SOURCES.iter().find(|known| stored.state.version(known) > 0);
    first.is_some_and(|first| *first == source)
}
