use super::record::{Counts, Difference, Phase, Run};
use super::segment::Segment;
use super::task::Place;
use std::collections::{BTreeMap, BTreeSet};

/// The maximum number of differences in a report; all are counted.
const DIFFERENCES_SHOWN: usize = 20;

/// The totals of the segments of a phase.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Total {
    pub(crate) done: u64,
    pub(crate) counts: Counts,
    pub(crate) differences: Vec<Difference>,
}

impl Total {
    pub(crate) fn of(segments: &BTreeMap<Place, Segment>) -> Self {
        let mut total = Self::default();
        for segment in segments.values() {
            total.done += u64::from(segment.done);
            total.counts += segment.counts;
            let room = DIFFERENCES_SHOWN - total.differences.len();
            total
                .differences
                .extend(segment.differences.iter().take(room).cloned());
        }
        total
    }
}

/// Returns all places of a phase.
pub(crate) fn places(run: &Run, phase: Phase, sources: &[String]) -> BTreeSet<Place> {
    let place = |source: &str, segment| Place {
        source: source.to_owned(),
        segment,
    };
    match phase {
        // The first source begins the documents. The other sources of each document are read with it; the verification
        // heals documents without the first source.
        Phase::Scan => (0..run.segments)
            .flat_map(|segment| sources.first().map(|first| place(first, segment)))
            .collect(),
        Phase::Verify | Phase::Compare => sources
            .iter()
            .flat_map(|source| (0..run.segments).map(move |segment| place(source, segment)))
            .collect(),
        // The segments of the view's own table.
        Phase::Delete => (0..run.segments).map(|segment| place("", segment)).collect(),
        Phase::Fence | Phase::End => BTreeSet::new(),
    }
}
