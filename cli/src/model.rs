//! The fields of the API's replies that are shown.

use jiff::Timestamp;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Views {
    pub(crate) views: Vec<View>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) generation: u64,
    /// None for a reactor.
    pub(crate) filled: Option<bool>,
    pub(crate) candidate: Option<u64>,
    pub(crate) previous: Option<u64>,
    #[serde(default)]
    pub(crate) clearing: Vec<u64>,
    pub(crate) documents: Option<Documents>,
    pub(crate) lag: Option<Lag>,
    pub(crate) quarantined: u64,
    pub(crate) queue: Option<Queue>,
    pub(crate) sweeping: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Documents {
    pub(crate) count: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lag {
    pub(crate) p99_milliseconds: f64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Queue {
    pub(crate) messages: u64,
    pub(crate) in_flight: u64,
    pub(crate) oldest_seconds: Option<u64>,
    pub(crate) dead_letters: u64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Rebuilds {
    pub(crate) rebuilds: Vec<Rebuild>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rebuild {
    pub(crate) view: String,
    pub(crate) id: u64,
    pub(crate) state: String,
    pub(crate) phase: String,
    pub(crate) segments: Segments,
    pub(crate) commits: u64,
    pub(crate) documents: u64,
    pub(crate) items: u64,
    pub(crate) expected_items: Option<u64>,
    pub(crate) rate_per_second: Option<f64>,
    pub(crate) estimated_end: Option<Timestamp>,
    pub(crate) verification: Verification,
    pub(crate) failure: Option<String>,
    pub(crate) differences: Vec<Difference>,
    pub(crate) started: Timestamp,
    pub(crate) ended: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Segments {
    pub(crate) done: u64,
    pub(crate) of: u64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Verification {
    pub(crate) streams: u64,
    pub(crate) behind: u64,
    pub(crate) compared: u64,
    pub(crate) differences: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Difference {
    pub(crate) document: String,
    pub(crate) stored: String,
    pub(crate) expected: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Sweep {
    pub(crate) view: String,
    pub(crate) id: u64,
    pub(crate) state: String,
    pub(crate) segments: Segments,
    pub(crate) counts: SweepCounts,
    pub(crate) failure: Option<String>,
    pub(crate) differences: Vec<Difference>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct SweepCounts {
    pub(crate) streams: u64,
    pub(crate) documents: u64,
    pub(crate) behind: u64,
    pub(crate) quarantined: u64,
    pub(crate) compared: u64,
    pub(crate) differences: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QuarantinePage {
    pub(crate) quarantined: Vec<Quarantined>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) next_cursor: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Quarantined {
    pub(crate) document: String,
    pub(crate) stream: String,
    pub(crate) version: u64,
    pub(crate) generation: u64,
    pub(crate) reason: String,
    pub(crate) age_seconds: u64,
    pub(crate) count: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Skipped {
    pub(crate) stream: String,
    pub(crate) version: u64,
    pub(crate) reason: String,
    pub(crate) by: Option<String>,
    pub(crate) time: Timestamp,
}
