use crate::write::Quarantined;
use jiff::Timestamp;

/// One page of what stands still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinePage {
    /// The sources of documents that stand still.
    pub items: Vec<Quarantined>,
    /// Where the next page begins; none at the end. Opaque.
    pub next: Option<String>,
}

/// One event that is to be left out of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// The event's stream, for example `order#ord_1`.
    pub stream: commit::StreamId,
    /// Its version.
    pub version: u64,
    /// Why: for whoever reads the document and misses the event.
    pub reason: String,
    /// Who decided it.
    pub by: Option<String>,
}

/// An event that is left out, in every generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// What is left out, and why.
    pub skip: Skip,
    /// When that was decided.
    pub time: Timestamp,
}
