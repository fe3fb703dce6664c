use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The kind of a run.
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

/// The state of a rebuild, a sweep or the clearing of a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// The generation is being filled and checked. It is fed.
    Building,
    /// The generation is complete, fed, and may be flipped to.
    Ready,
    /// Readers see the generation.
    Serving,
    /// The generation served, and readers see the previous one again. It is still fed, and may be flipped to again.
    RolledBack,
    /// The generation was given up. Its rows are deleted.
    Aborted,
    /// The generation could not be built, or the sweep could not continue; the reason is stored. A generation's rows
    /// are deleted.
    Failed,
    /// Another generation replaced this one, and its rows are deleted.
    Retired,
    /// The sweep is in progress.
    Running,
    /// The sweep is done.
    Done,
}

/// The current phase of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Phase {
    /// Waiting until nobody uses the previous state of the registry.
    Fence,
    /// Folding the event tables into documents.
    Scan,
    /// Comparing the documents with the heads of the streams.
    Verify,
    /// Comparing the documents for a sweep.
    Compare,
    /// Deleting rows.
    Delete,
    /// Finished.
    End,
}

/// The work of a run so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// The number of items of event tables that were read. A table may hold streams of several categories.
    pub read: u64,
    /// The number of the subscriber's commits among them.
    pub commits: u64,
    /// The number of commits that were applied to documents.
    pub applied: u64,
    /// The number of streams that were checked.
    pub streams: u64,
    /// The number of documents that existed.
    pub documents: u64,
    /// The number of documents that the run wrote.
    pub written: u64,
    /// The number of streams that a document was behind: healed, or for a reactor sent to its queue.
    pub behind: u64,
    /// The number of quarantined sources of documents.
    pub quarantined: u64,
    /// The number of whole documents that were compared.
    pub compared: u64,
    /// The number of documents that differ.
    pub differences: u64,
    /// The number of items that were deleted.
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

/// A document that differs from the expected one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The document's key.
    pub key: String,
    /// The stored document, as JSON: at most 2,000 characters of it.
    pub stored: String,
    /// The fold of the events (a sweep), or the document of the serving generation (a rebuild).
    pub expected: String,
}

/// The maximum number of differences that a segment keeps; all are counted.
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

/// The id of a run within its subscriber, as in the keys of its items: `rebuild#0000000004`.
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
    /// Returns the prefix of the sort keys of its runs.
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
            .ok_or_else(|| format!("{text:?} is not the id of a run"))
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
    /// The number of segments of each table.
    pub(crate) segments: u32,
    /// Whether whole documents are compared.
    pub(crate) deep: bool,
    /// The operator's idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<String>,
    /// The last requests that changed it, with its state after each, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) steps: Vec<Answered>,
    /// The number of the attempt to fill the view, from 1; `None` when an operator started the run. Such a run is flipped to
    /// when it is ready, and the generation that it replaces is retired, because a rollback to it is useless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fill: Option<u32>,
    /// The generation that this one replaces, or replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replaces: Option<u64>,
    pub(crate) started: Timestamp,
    /// When the fence is over; `None` until a worker has found the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fence: Option<Timestamp>,
    pub(crate) phase_since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scan_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scan_ended: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<Timestamp>,
    /// The approximate number of commits, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expected: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
    /// The revision, incremented by every write.
    pub(crate) r: u64,
}

/// A request that was answered before: its repetition gets the same answer and has no effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answered {
    /// The operator's idempotency key.
    pub(crate) request: String,
    pub(crate) state: State,
}

/// The number of requests that a rebuild remembers. A rebuild is flipped to and rolled back a few times.
const ANSWERED: usize = 32;

impl Run {
    /// Returns the state after this request, if it was answered before.
    pub(crate) fn answered(&self, request: &str) -> Option<State> {
        let step = self.steps.iter().find(|step| step.request == request)?;
        Some(step.state)
    }

    /// Remembers that this request led to the current state.
    pub(crate) fn answer(&mut self, request: &str) {
        let request = request.to_owned();
        let state = self.state;
        self.steps.push(Answered { request, state });
        let forgotten = self.steps.len().saturating_sub(ANSWERED);
        self.steps.drain(..forgotten);
    }

    /// Returns whether there is work left for a worker.
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
    fn run_ids_sort_by_number_and_round_trip() {
        let id = RunId::rebuild(12);
        assert_eq!(id.to_string(), "rebuild#0000000012");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("rebuild#".parse::<RunId>().is_err());
        assert!("other#1".parse::<RunId>().is_err());
    }
}
