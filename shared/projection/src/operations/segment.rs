use super::record::{Counts, Difference, Phase, RunId};
use super::task::Place;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The progress of a segment. A segment without an item has not begun.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Segment {
    /// The position of the next page, as the table returned it; `None` at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) start: Option<String>,
    pub(crate) done: bool,
    pub(crate) counts: Counts,
    #[serde(default)]
    pub(crate) differences: Vec<Difference>,
    /// When the position was saved last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) saved: Option<Timestamp>,
    /// The number of failures since the last progress.
    #[serde(default)]
    pub(crate) failures: u32,
    /// The last failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// The revision, incremented by every write.
    pub(crate) r: u64,
}

/// Returns the partition of a run's segments.
pub(crate) fn partition(run: RunId) -> String {
    run.to_string()
}

/// Returns the prefix of the sort keys of a phase's segments.
pub(crate) fn prefix(phase: Phase) -> &'static str {
    match phase {
        Phase::Fence => "fence#",
        Phase::Scan => "scan#",
        Phase::Verify => "verify#",
        Phase::Compare => "compare#",
        Phase::Delete => "delete#",
        Phase::End => "end#",
    }
}

/// Returns a segment's sort key.
pub(crate) fn sort(phase: Phase, place: &Place) -> String {
    format!("{}{}#{:04}", prefix(phase), place.source, place.segment)
}

/// Parses the place in a sort key.
pub(crate) fn place(sort: &str) -> Option<Place> {
    let mut parts = sort.split('#').skip(1);
    Some(Place {
        source: parts.next()?.to_owned(),
        segment: parts.next()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sort_key_round_trips_to_its_place() {
        let order = Place {
            source: "order".into(),
            segment: 7,
        };
        assert_eq!(sort(Phase::Scan, &order), "scan#order#0007");
        assert_eq!(place("scan#order#0007"), Some(order));
        assert_eq!(place("delete##0000").unwrap().source, "");
    }
}
