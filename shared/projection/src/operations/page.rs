use super::record::{Counts, DIFFERENCES_KEPT, Difference, Phase, Run};
use super::task::Place;
use crate::engine::Engine;
use crate::item::quarantine_partition;
use crate::report::Meter;
use crate::source::SourceError;
use crate::subscriber::ViewOf;
use crate::table::Table;
use crate::view::View;
use crate::write::Quarantined;
use commit::Commit;
use event_store::ScanPosition;
use futures::future::BoxFuture;

/// One page of a segment: what a worker does between two looks at the clock.
pub(crate) trait Pages: Send + Sync {
    /// Works through the page that begins here.
    fn page<'a>(
        &'a self,
        run: &'a Run,
        place: &'a Place,
        start: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Page, PageError>>;

    /// About how many commits a rebuild has to read; none when nobody knows.
    fn size(&self) -> BoxFuture<'_, Option<u64>>;
}

/// What became of a page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Where the next one begins; none at the end of the segment.
    pub(crate) next: Option<String>,
    pub(crate) counts: Counts,
    pub(crate) differences: Vec<Difference>,
}

/// Why a page was not worked through.
#[derive(Debug)]
pub(crate) enum PageError {
    /// It may go better next time.
    Again(String),
    /// It will not: the run has failed.
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
    /// Notes a document that differs; the first ones are kept.
    pub(crate) fn differs(&mut self, difference: Difference) {
        self.counts.differences += 1;
        if self.differences.len() < DIFFERENCES_KEPT {
            self.differences.push(difference);
        }
    }

    /// Adds what the calls on the view's table cost.
    pub(crate) fn metered(mut self, meter: Meter) -> Self {
        let report = meter.finish();
        self.counts.written += report.written;
        self.counts.read_units += report.read_units;
        self.counts.write_units += report.write_units;
        self
    }
}

/// A place in an event table, as a segment saves it.
pub(crate) fn position(start: Option<&str>) -> Result<Option<ScanPosition>, PageError> {
    start
        .map(serde_json::from_str)
        .transpose()
        .map_err(|e| PageError::Never(format!("the saved place cannot be read: {e}")))
}

/// The text of a place.
pub(crate) fn saved(next: Option<&ScanPosition>) -> Result<Option<String>, PageError> {
    next.map(serde_json::to_string)
        .transpose()
        .map_err(|e| PageError::Never(e.to_string()))
}

/// The commits of a page by stream: a scan gives those of a stream together and in order.
pub(crate) fn by_stream(commits: Vec<Commit>, category: &str) -> Vec<Vec<Commit>> {
    let mut streams: Vec<Vec<Commit>> = Vec::new();
    for commit in commits {
        if commit.stream.category() != category {
            continue;
        }
        match streams.last_mut() {
            Some(stream) if stream[0].stream == commit.stream => stream.push(commit),
            _ => streams.push(vec![commit]),
        }
    }
    streams
}

/// What stands still in a generation, in words; none when nothing does. 1 RU.
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

    fn size(&self) -> BoxFuture<'_, Option<u64>> {
        Box::pin(async move {
            let mut size = 0;
            for source in V::SOURCES {
                size += self.sources.of(source).ok()?.size().await.ok()?;
            }
            Some(size)
        })
    }
}
