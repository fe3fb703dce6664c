//! Events that an operator decided to leave out of one document, with the reason. They are stored outside the
//! generations, so that a rebuild leaves out the same events.

use crate::item::{Item, SK, key, n, text, time};
use crate::operations::{Skip, Skipped};
use crate::report::Meter;
use crate::table::Table;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::StreamId;
use std::collections::BTreeSet;

/// The partition of all skips.
pub(crate) const SKIPS: &str = "skips";

/// Reads the versions that are left out of a stream. This is only called when an event cannot be applied: 1 RU, one
/// Query.
pub(crate) async fn of(table: &Table, stream: &StreamId, meter: &Meter) -> Result<BTreeSet<u64>, String> {
    let items = table.beginning(SKIPS, &prefix(stream), meter).await?;
    Ok(items
        .iter()
        .filter_map(|item| Some(read(item)?.skip.version))
        .collect())
}

fn prefix(stream: &StreamId) -> String {
    format!("{stream}#")
}

/// Returns the key of a skip. Versions are padded, so that they sort.
pub(crate) fn place(stream: &StreamId, version: u64) -> Item {
    key(SKIPS, format!("{}{version:020}", prefix(stream)))
}

pub(crate) fn write(skipped: &Skipped) -> Item {
    let mut item = place(&skipped.skip.stream, skipped.skip.version);
    item.insert(
        "reason".to_owned(),
        AttributeValue::S(skipped.skip.reason.clone()),
    );
    item.insert("time".to_owned(), n(skipped.time.as_millisecond()));
    if let Some(by) = &skipped.skip.by {
        item.insert("by".to_owned(), AttributeValue::S(by.clone()));
    }
    item
}

pub(crate) fn read(item: &Item) -> Option<Skipped> {
    let place = text(item, SK)?;
    let (stream, version) = place.rsplit_once('#')?;
    Some(Skipped {
        skip: Skip {
            stream: stream.parse().ok()?,
            version: version.parse().ok()?,
            reason: text(item, "reason")?,
            by: text(item, "by"),
        },
        time: time(item.get("time")?)?,
    })
}
