use commit::StreamId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// What a read must reflect (G10): from the client's `Consistency-Token` and `Prefer: wait`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadYourWrites {
    /// Streams with the versions that the client knows of. Those of categories that do not feed the view are ignored.
    pub positions: Vec<(StreamId, u64)>,
    /// How long to wait for the projection before catching up instead.
    pub wait: Option<Duration>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexQuery {
    /// Which partition of the index.
    pub partition: String,
    /// The lowest sort key, inclusive.
    pub lower: Option<String>,
    /// The highest sort key, inclusive.
    pub upper: Option<String>,
    /// Highest first.
    pub descending: bool,
    /// The most elements that the page may have, at least 1.
    pub limit: usize,
    /// What elements must match.
    pub filter: Filter,
    /// Where the page before ended.
    pub start: Option<Position>,
}

/// Conditions that all must hold. Evaluated by DynamoDB, and in memory for documents that were caught up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// The conditions.
    pub all: Vec<Condition>,
}

/// One condition on an attribute named in [`View::FILTERS`](crate::View::FILTERS).
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The attribute equals one of the values (at most 100).
    OneOf {
        /// The attribute.
        attribute: String,
        /// The values.
        values: Vec<Value>,
    },
    /// The attribute is a list that has the value as an element, or a string that has it as a part.
    Contains {
        /// The attribute.
        attribute: String,
        /// The element or part.
        value: String,
    },
}

/// Where a page ended: after this document. Put it into a cursor that is bound to the query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The document's sort key.
    #[serde(rename = "s")]
    pub sort: String,
    /// The document's key.
    #[serde(rename = "k")]
    pub key: String,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The lean elements ([`Index::lean`](crate::Index::lean)), in order.
    pub items: Vec<Value>,
    /// Where the next page begins; none at the end. A page may be short, or empty, and still have one: the amount of
    /// data that one request evaluates is bounded (G13).
    pub next: Option<Position>,
}
