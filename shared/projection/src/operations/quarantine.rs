use crate::write::Quarantined;
use jiff::Timestamp;

/// One page of the quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinePage {
    /// The quarantined sources of documents.
    pub items: Vec<Quarantined>,
    /// The position of the next page, opaque; `None` at the end.
    pub next: Option<String>,
}

/// One event that is to be left out of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// The event's stream, for example `order#ord_1`.
    pub stream: commit::StreamId,
    /// The event's version.
    pub version: u64,
    /// The reason, for readers of the document who miss the event.
    pub reason: String,
    /// The person who decided it.
    pub by: Option<String>,
}

/// An event that is left out, in every generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The event, and the reason.
    pub skip: Skip,
    /// The time of the decision.
    pub time: Timestamp,
}
