use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Kind {
    /// Builds a generation; its number is the generation's.
    Rebuild,
    /// Compares the documents with the streams.
    Sweep,
    /// Deletes the rows of a generation that is no longer fed; its number is the generation's.
    Clear,
}

/// Where a rebuild, a sweep or the clearing of a generation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// The generation is being filled and checked. It is fed.
    Building,
    /// It is complete, fed, and may be flipped to.
    Ready,
    /// Readers see it.
    Serving,
    /// It served, and readers see the one before it again. It is still fed, and may be flipped to once more.
    RolledBack,
    /// It was given up. Its rows are deleted.
    Aborted,
    /// It could not be built, or the sweep could not go on; the reason is with it. A generation's rows are deleted.
    Failed,
    /// Another one took its place, and its rows are deleted.
    Retired,
    /// A sweep is under way.
    Running,
    /// A sweep is through.
    Done,
}

/// What a run is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Phase {
    /// Waiting for whoever still works by the registry as it was before.
    Fence,
    /// Folding the event tables into documents.
    Scan,
    /// Comparing the documents with the heads of the streams.
    Verify,
    /// A sweep's comparison.
    Compare,
    /// Deleting rows.
    Delete,
    /// Nothing is left to do.
    End,
}

/// What a run has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Items of event tables that were read. A table may hold streams of several categories.
    pub read: u64,
    /// Commits among them that are the subscriber's.
    pub commits: u64,
    /// Commits that were applied to documents.
    pub applied: u64,
    /// Streams that were looked at.
    pub streams: u64,
    /// Documents that were there.
    pub documents: u64,
    /// Documents that the run wrote.
    pub written: u64,
    /// Streams that a document was behind of: healed, or rung for in the case of a reactor.
    pub behind: u64,
    /// Sources of documents that stand still in quarantine.
    pub quarantined: u64,
    /// Documents that were compared as a whole.
    pub compared: u64,
    /// Those that differ.
    pub differences: u64,
    /// Items that were deleted.
    pub deleted: u64,
    /// Read units on the view's table.
    pub read_units: f64,
    /// Write units on the view's table.
    pub write_units: f64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.read += more.read;
        self.commits += more.commits;
        self.applied += more.applied;
        self.streams += more.streams;
        self.documents += more.documents;
        self.written += more.written;
        self.behind += more.behind;
        self.quarantined += more.quarantined;
        self.compared += more.compared;
        self.differences += more.differences;
        self.deleted += more.deleted;
        self.read_units += more.read_units;
        self.write_units += more.write_units;
    }
}

/// A document that is not what it should be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The document's key.
    pub key: String,
    /// What is stored, as JSON: at most 2,000 characters of it.
    pub stored: String,
    /// What the fold of the events gives (a sweep), or the generation that serves has (a rebuild).
    pub expected: String,
}

/// A segment keeps at most this many differences; all are counted.
pub(crate) const DIFFERENCES_KEPT: usize = 5;

const DIFFERENCE_CHARS: usize = 2_000;

impl Difference {
    pub(crate) fn new(key: &str, stored: &impl Serialize, expected: &impl Serialize) -> Self {
        fn text(value: &impl Serialize) -> String {
            let json = serde_json::to_string(value).unwrap_or_else(|error| error.to_string());
            json.chars().take(DIFFERENCE_CHARS).collect()
        }
        Self {
            key: key.to_owned(),
            stored: text(stored),
            expected: text(expected),
        }
    }
}

/// Names a run within its subscriber, as its items are keyed: `rebuild#0000000004`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunId {
    pub(crate) kind: Kind,
    pub(crate) number: u64,
}

impl RunId {
    pub(crate) const fn rebuild(number: u64) -> Self {
        let kind = Kind::Rebuild;
        Self { kind, number }
    }

    pub(crate) const fn sweep(number: u64) -> Self {
        let kind = Kind::Sweep;
        Self { kind, number }
    }

    pub(crate) const fn clear(number: u64) -> Self {
        let kind = Kind::Clear;
        Self { kind, number }
    }
}

impl Kind {
    /// What the sort keys of its runs begin with.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Rebuild => "rebuild#",
            Self::Sweep => "sweep#",
            Self::Clear => "clear#",
        }
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:010}", self.kind.prefix(), self.number)
    }
}

impl FromStr for RunId {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let kinds = [Kind::Rebuild, Kind::Sweep, Kind::Clear];
        kinds
            .into_iter()
            .find_map(|kind| {
                let number = text.strip_prefix(kind.prefix())?.parse().ok()?;
                Some(Self { kind, number })
            })
            .ok_or_else(|| format!("{text:?} names no run"))
    }
}

impl Serialize for RunId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RunId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A rebuild, a sweep or the clearing of a generation, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) id: RunId,
    pub(crate) state: State,
    pub(crate) phase: Phase,
    /// Segments of each table that is gone through.
    pub(crate) segments: u32,
    /// Whether documents are compared as a whole.
    pub(crate) deep: bool,
    /// The operator's idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<String>,
    /// Which attempt to fill the view it is, from 1; none when an operator asked for it. One that is ready is flipped to at
    /// once, and what it replaces is retired: nobody wants to go back to a view that was never built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fill: Option<u32>,
    /// The generation that it replaces, or replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replaces: Option<u64>,
    pub(crate) started: Timestamp,
    /// When the fence is over; none until a worker has found the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fence: Option<Timestamp>,
    pub(crate) phase_since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scan_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scan_ended: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<Timestamp>,
    /// About how many commits there are, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expected: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
    /// Raised by every write.
    pub(crate) r: u64,
}

impl Run {
    /// Whether a worker has something to do for it.
    pub(crate) fn active(&self) -> bool {
        self.phase != Phase::End
    }

    pub(crate) fn enter(&mut self, phase: Phase, now: Timestamp) {
        self.phase = phase;
        self.phase_since = now;
        match phase {
            Phase::Scan => self.scan_since = Some(now),
            Phase::Verify => self.scan_ended = Some(now),
            Phase::End => self.ended = Some(now),
            Phase::Fence | Phase::Compare | Phase::Delete => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_of_runs_sort_by_number_and_are_read_again() {
        let id = RunId::rebuild(12);
        assert_eq!(id.to_string(), "rebuild#0000000012");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("rebuild#".parse::<RunId>().is_err());
        assert!("other#1".parse::<RunId>().is_err());
    }
}
