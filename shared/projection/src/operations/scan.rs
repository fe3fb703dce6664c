//! The scan of a rebuild: a page of the first source's event table is folded into documents, each written once.

use super::page::{Page, PageError};
use super::reading::streams;
use super::record::Run;
use super::task::Place;
use crate::combine::Combined;
use crate::engine::{Engine, Unfinished};
use crate::item::partition;
use crate::job::Job;
use crate::subscriber::Subscriber;
use futures::{StreamExt, stream};

impl<S: Subscriber> Engine<S> {
    /// Handles one page. 1 RU per 4 KB of commits (the Scan), 1 RU per document, 1 Query per document for each further
    /// source, and 1 write per document.
    pub(crate) async fn scan_page(
        &self,
        run: &Run,
        place: &Place,
        start: Option<&str>,
    ) -> Result<Page, PageError> {
        let (page, streams) = streams(&self.sources, run, place, start).await?;
        let meter = self.meter();
        let generation = run.id.number;
        let pks: Vec<String> = streams
            .iter()
            .map(|commits| partition(generation, commits[0].stream.id()))
            .collect();
        let mut found = self.documents_of(&pks, &meter).await?;
        let combined = Combined::default();
        let mut jobs = Vec::with_capacity(streams.len());
        for (commits, pk) in streams.iter().zip(&pks) {
            let item = found.remove(pk);
            let key = commits[0].stream.id();
            jobs.push(self.document(generation, key, Job::Scanned(commits), item, &combined, &meter));
        }
        let outcomes: Vec<_> = stream::iter(jobs)
            .buffer_unordered(self.options.concurrency.max(1))
            .collect()
            .await;
        let mut condemned = false;
        for outcome in outcomes {
            let outcome = outcome.map_err(|Unfinished(error)| PageError::Again(error))?;
            if let Some(reason) = outcome.reason {
                return Err(PageError::Again(reason));
            }
            if let Some(newer) = outcome.newer.into_iter().next() {
                return Err(PageError::Never(newer));
            }
            condemned |= !outcome.condemned.is_empty();
        }
        if condemned {
            return Err(self.cannot_be_built(generation, &meter).await);
        }
        Ok(page.metered(meter))
    }
}
