use crate::item::{SELF, TALLY};
use serde_json::Value;
use std::collections::BTreeMap;

/// Where lists find a document, and what they show of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Index {
    /// What a list is of, for example a consumer's id. A list reads one partition.
    pub partition: String,
    /// What orders the partition. It must be unique within it (a time followed by the document's key), or pages that
    /// meet at equal values may repeat or skip one.
    pub sort: String,
    /// The lean element that lists return. Lean, because a page costs what its elements weigh.
    pub lean: Value,
    /// What lists filter by: scalars, or lists of strings for "contains". The names must be in
    /// [`View::FILTERS`](crate::View::FILTERS); others are not stored.
    pub attributes: BTreeMap<String, Value>,
}

/// A row for answers that are keyed by something else than the document, for example a restaurant under each of its zip
/// codes.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The row's partition.
    pub partition: String,
    /// Its place in the partition. Not empty, and neither `-` nor `tally`, which other items of the table use.
    pub sort: String,
    /// What it holds. An object.
    pub data: Value,
}

impl Row {
    /// Whether it can be there: its partition names something, and no other item of the table has its sort key.
    pub(crate) fn check_place(&self) -> Result<(), String> {
        let (partition, sort) = (self.partition.as_str(), self.sort.as_str());
        if partition.is_empty() || sort.is_empty() || sort == SELF || sort == TALLY {
            return Err(format!("no row can be at {partition:?}, {sort:?}"));
        }
        Ok(())
    }
}

/// A document's contribution to one counter item, for example `rst_1#2026-11-23` with `orders: 1, turnover: 6170`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The counter item.
    pub key: String,
    /// The amounts, by the name of the counter: not empty, and neither `pk` nor `sk`, which are the item's own. Names that
    /// come from clients need a prefix.
    pub amounts: BTreeMap<String, i64>,
}
