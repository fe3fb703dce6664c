use crate::item::{SELF, TALLY, TALLY_SHARD};
use serde_json::Value;
use std::collections::BTreeMap;

/// The place of a document in lists, and the element that they show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Index {
    /// The partition, for example a consumer's id. A list reads one partition.
    pub partition: String,
    /// The sort key. It must be unique within the partition (a time followed by the document's key); otherwise pages
    /// that end at equal values may repeat or skip one.
    pub sort: String,
    /// The lean element that lists return. Keep it small, because the cost of a page depends on the size of its
    /// elements.
    pub lean: Value,
    /// The attributes that lists filter by: scalars, or lists of strings for "contains". The names must be in
    /// [`View::FILTERS`](crate::View::FILTERS); others are not stored.
    pub attributes: BTreeMap<String, Value>,
}

/// A row for reads that are keyed by something other than the document, for example a restaurant under each of its zip
/// codes.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The row's partition.
    pub partition: String,
    /// The sort key of the row. Not empty, and none of `-`, `tally` and `tally#`, which other items of the table use.
    pub sort: String,
    /// The data, an object.
    pub data: Value,
}

impl Row {
    /// Checks that the row has a valid place: its partition is not empty, and no other item of the table has its sort
    /// key.
    pub(crate) fn check_place(&self) -> Result<(), String> {
        let (partition, sort) = (self.partition.as_str(), self.sort.as_str());
        if partition.is_empty() || sort.is_empty() || [SELF, TALLY, TALLY_SHARD].contains(&sort) {
            return Err(format!(
                "the place {partition:?}, {sort:?} is not valid for a row"
            ));
        }
        Ok(())
    }
}

/// A document's contribution to one counter item, for example `rst_1#2026-11-23` with `orders: 1, turnover: 6170`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The counter item.
    pub key: String,
    /// The amounts, by the name of the counter: not empty, and neither `pk` nor `sk`, which are the item's keys. Names
    /// that come from clients need a prefix.
    pub amounts: BTreeMap<String, i64>,
}
