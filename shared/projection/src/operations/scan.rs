//! The scan of a rebuild: a page of an event table becomes documents, each written once.

use super::page::{Page, PageError, by_stream, position, saved, stands_still};
use super::record::Run;
use super::task::Place;
use crate::engine::{Engine, Unfinished};
use crate::item::partition;
use crate::source::CommitSource;
use crate::subscriber::Subscriber;
use crate::table::Look;
use crate::work::Job;
use commit::Commit;
use futures::{StreamExt, stream};

impl<S: Subscriber> Engine<S> {
    /// 1 RU per 4 KB of commits (the Scan), 1 RU per document, and 1 write per document. A document with several sources
    /// takes 1 more Query for each of the others, the first time that one of them is met.
    pub(crate) async fn scan_page(
        &self,
        run: &Run,
        place: &Place,
        start: Option<&str>,
    ) -> Result<Page, PageError> {
        let source = self.sources.of(&place.source)?;
        let start = position(start)?;
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

        let meter = self.meter();
        let generation = run.id.number;
        let pks: Vec<String> = streams
            .iter()
            .map(|commits| partition(generation, commits[0].stream.id()))
            .collect();
        let attempts = self.options.attempts;
        let mut many = self.table.get_many(&pks, Look::DOCUMENTS, attempts, &meter).await;
        if let Some(error) = many.unread.into_values().next() {
            return Err(PageError::Again(error));
        }
        let mut jobs = Vec::with_capacity(streams.len());
        for (commits, pk) in streams.iter().zip(&pks) {
            let item = many.found.remove(pk);
            let key = commits[0].stream.id();
            jobs.push(self.document(generation, key, Job::Scanned(commits), item, &meter));
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
            condemned |= !outcome.condemned.is_empty();
        }
        if condemned {
            let reason = stands_still(&self.table, generation, &meter).await;
            let reason = reason.map_err(PageError::Again)?;
            return Err(PageError::Never(
                reason.unwrap_or_else(|| "an event cannot be applied".to_owned()),
            ));
        }
        Ok(page.metered(meter))
    }
}

/// How many of these streams begin here: a stream that goes on from the page before was counted there.
pub(crate) fn begun(streams: &[Vec<Commit>]) -> u64 {
    streams.iter().filter(|commits| commits[0].first == 1).count() as u64
}

/// The rest of a stream whose end is beyond the page, so that its document is written once. 1 Query.
pub(crate) async fn complete(source: &dyn CommitSource, commits: &mut Vec<Commit>) -> Result<(), PageError> {
    if let Some(last) = commits.last() {
        let rest = source.after(&last.stream, last.last()).await?;
        commits.extend(rest);
    }
    Ok(())
}
