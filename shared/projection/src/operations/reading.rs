//! Reads pages of an event table for rebuilds and sweeps.

use super::page::{Page, PageError};
use super::record::Run;
use super::task::Place;
use crate::source::Sources;
use crate::sweep::Heads;
use commit::Commit;
use event_store::ScanPosition;

/// Reads the heads of a page's streams. 1 RU per 4 KB: a Scan is billed by whole items.
pub(crate) async fn heads(
    sources: &Sources,
    run: &Run,
    place: &Place,
    start: Option<&str>,
) -> Result<(Page, Heads), PageError> {
    let start = position(start)?;
    let source = sources.of(&place.source)?;
    let read = source.heads(place.segment, run.segments, start.as_ref()).await?;
    let mut page = Page::until(read.next.as_ref())?;
    page.counts.read = read.keys.len() as u64;
    let heads = Heads::of(read.keys, &place.source);
    page.counts.commits = heads.commits;
    page.counts.streams = heads.begun;
    Ok((page, heads))
}

/// Reads the complete streams that begin in a page: a stream that continues after the page is completed by a Query, and
/// skipped in the later pages. 1 RU per 4 KB.
pub(crate) async fn streams(
    sources: &Sources,
    run: &Run,
    place: &Place,
    start: Option<&str>,
) -> Result<(Page, Vec<Vec<Commit>>), PageError> {
    let start = position(start)?;
    let source = sources.of(&place.source)?;
    let read = source.scan(place.segment, run.segments, start.as_ref()).await?;
    let mut page = Page::until(read.next.as_ref())?;
    page.counts.read = read.commits.len() as u64;
    let mut streams = by_stream(read.commits, &place.source);
    page.counts.commits = streams.iter().map(|commits| commits.len() as u64).sum();
    streams.retain(|commits| commits[0].first == 1);
    page.counts.streams = streams.len() as u64;
    if read.next.is_some()
        && let Some(stream) = streams.last_mut()
        && let Some(last) = stream.last()
    {
        let rest = source.after(&last.stream, last.last()).await?;
        stream.extend(rest);
    }
    Ok((page, streams))
}

/// Groups commits by stream. A Scan returns the commits of a stream adjacent and in order.
fn by_stream(commits: Vec<Commit>, category: &str) -> Vec<Vec<Commit>> {
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

fn position(start: Option<&str>) -> Result<Option<ScanPosition>, PageError> {
    start
        .map(serde_json::from_str)
        .transpose()
        .map_err(|e| PageError::Never(format!("the saved position cannot be read: {e}")))
}
