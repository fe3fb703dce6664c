use crate::item::{Item, QUARANTINE, n, number, time};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The reason and the position of a source's quarantine in one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The version of the event that cannot be applied.
    pub(crate) version: u64,
    pub(crate) error: String,
    /// The commit time of that event; no value in a view comes from a clock (G8).
    pub(crate) time: Timestamp,
    /// The number of commits that were held back, this one included; a commit that is delivered again counts again.
    pub(crate) count: u64,
}

/// Returns the quarantine marks by source.
pub(crate) fn marks(item: &Item) -> BTreeMap<String, Mark> {
    let marks = item.get(QUARANTINE).and_then(|v| v.as_m().ok());
    marks
        .into_iter()
        .flatten()
        .filter_map(|(source, mark)| Some((source.clone(), read_mark(mark.as_m().ok()?)?)))
        .collect()
}

pub(crate) fn read_mark(fields: &Item) -> Option<Mark> {
    Some(Mark {
        version: number(fields.get("version")?)?,
        error: fields.get("error")?.as_s().ok()?.clone(),
        time: time(fields.get("time")?)?,
        count: number(fields.get("count")?)?,
    })
}

pub(crate) fn write_mark(mark: &Mark) -> Item {
    Item::from([
        ("version".to_owned(), n(mark.version)),
        ("error".to_owned(), AttributeValue::S(mark.error.clone())),
        ("time".to_owned(), n(mark.time.as_millisecond())),
        ("count".to_owned(), n(mark.count)),
    ])
}

pub(crate) fn write_marks(marks: &BTreeMap<String, Mark>) -> Option<AttributeValue> {
    let marks: Item = marks
        .iter()
        .map(|(source, mark)| (source.clone(), AttributeValue::M(write_mark(mark))))
        .collect();
    (!marks.is_empty()).then_some(AttributeValue::M(marks))
}
