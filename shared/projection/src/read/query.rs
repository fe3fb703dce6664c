use commit::StreamId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// The versions that a read must reflect (G10): from the client's `Consistency-Token` and `Prefer: wait`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadYourWrites {
    /// Streams with the versions that the client knows. Streams of categories that are not sources of the view are
    /// ignored.
    pub positions: Vec<(StreamId, u64)>,
    /// How long to wait for the projection before reading the missing events.
    pub wait: Option<Duration>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexQuery {
    /// The partition of the index.
    pub partition: String,
    /// The lowest sort key, inclusive.
    pub lower: Option<String>,
    /// The highest sort key, inclusive.
    pub upper: Option<String>,
    /// Whether the highest sort key comes first.
    pub descending: bool,
    /// The maximum number of elements in the page, at least 1.
    pub limit: usize,
    /// The filter of the elements.
    pub filter: Filter,
    /// The position at which the previous page ended.
    pub start: Option<Position>,
}

/// Conditions that must all hold. DynamoDB evaluates them; for documents that were caught up they are evaluated in
/// memory.
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
    /// The attribute is a list that contains the value, or a string that contains it.
    Contains {
        /// The attribute.
        attribute: String,
        /// The element or part.
        value: String,
    },
}

/// The position at which a page ended: after this document. Put it into a cursor that is bound to the query.
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
    /// The position of the next page; `None` at the end. A page may be short, or empty, and still have one: the amount
    /// of data that one request evaluates is limited (G13).
    pub next: Option<Position>,
}
