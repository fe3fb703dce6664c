use super::record::{Counts, Difference, Phase, RunId};
use super::task::Place;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a segment is. What is not there has not been begun.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Segment {
    /// Where the next page begins, as the table gave it; none at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) start: Option<String>,
    pub(crate) done: bool,
    pub(crate) counts: Counts,
    #[serde(default)]
    pub(crate) differences: Vec<Difference>,
    /// When its place was saved last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) saved: Option<Timestamp>,
    /// Failures since the last progress.
    #[serde(default)]
    pub(crate) failures: u32,
    /// The last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// Raised by every write.
    pub(crate) r: u64,
}

/// The partition that a run's segments are in.
pub(crate) fn partition(run: RunId) -> String {
    run.to_string()
}

/// What the sort keys of a phase's segments begin with.
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

/// A segment's sort key.
pub(crate) fn sort(phase: Phase, place: &Place) -> String {
    format!("{}{}#{:04}", prefix(phase), place.source, place.segment)
}

/// The place that a sort key names.
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
    fn a_sort_key_names_its_place() {
        let order = Place {
            source: "order".into(),
            segment: 7,
        };
        assert_eq!(sort(Phase::Scan, &order), "scan#order#0007");
        assert_eq!(place("scan#order#0007"), Some(order));
        assert_eq!(place("delete##0000").unwrap().source, "");
    }
}
