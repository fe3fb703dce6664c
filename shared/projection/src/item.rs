//! The items of a view's table. The names are stored; version them with care.
//!
//! | item | pk | sk |
//! | --- | --- | --- |
//! | document | `g{generation}#{key}` | `-` |
//! | derived row, journal row | `g{generation}#{row partition}` | the row's sort |
//! | tally | `g{generation}#{tally}` | `tally` |
//! | further shard of a tally | `g{generation}#{tally}#{shard}` | `tally#` |
//! | mark of the quarantine | `quarantine#g{generation}` | `{source}#{key}` |
//! | mark with a next try | `due` | `{time}#g{generation}#{source}#{key}` |
//! | deadline of a reactor's document | `deadlines` | `{time}#{name}#{key}` |
//! | registry | `registry` | `-` |
//! | rebuild, sweep, clearing | `registry` | `rebuild#{generation}`, `sweep#{number}`, `clear#{generation}` |
//! | segment of one of them | `rebuild#{generation}`, … | `{phase}#{source}#{segment}` |
//! | event that is left out | `skips` | `{stream}#{version}` |

use crate::deadline::DEADLINES;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::Head;
use event_store::item_size;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) const PK: &str = "pk";
pub(crate) const SK: &str = "sk";
/// The sort key of documents and of the registry.
pub(crate) const SELF: &str = "-";
/// The sort key of tallies. It differs from the documents', so that a counter may have the key of a document.
pub(crate) const TALLY: &str = "tally";
/// The sort key of the second and further shards of tallies.
pub(crate) const TALLY_SHARD: &str = "tally#";
pub(crate) const REVISION: &str = "r";
pub(crate) const VERSIONS: &str = "v";
/// The last applied commit by source.
pub(crate) const HEADS: &str = "h";
pub(crate) const TIME: &str = "t";
pub(crate) const DOCUMENT: &str = "doc";
pub(crate) const LEAN: &str = "l";
/// The data of a row.
pub(crate) const DATA: &str = "data";
/// The key of the document from which a derived row is derived. Journal rows have none: they are never deleted.
pub(crate) const OWNER: &str = "d";
pub(crate) const ROWS: &str = "rows";
pub(crate) const TALLIES: &str = "tallies";
/// The flags of a document: its sources with marks ([`crate::mark`]).
pub(crate) const FLAGS: &str = "q";
pub(crate) const INDEX: &str = "lists";
pub(crate) const INDEX_PK: &str = "g1pk";
pub(crate) const INDEX_SK: &str = "g1sk";

/// The names that a view's filter attributes must not have.
pub(crate) const RESERVED: [&str; 14] = [
    PK, SK, REVISION, VERSIONS, HEADS, TIME, DOCUMENT, LEAN, ROWS, TALLIES, FLAGS, DEADLINES, INDEX_PK,
    INDEX_SK,
];

/// The maximum size of a document's item without its flags, in bytes: DynamoDB's limit of 400 KB, less [`FLAG_ROOM`].
const DOCUMENT_ROOM: usize = 400 * 1024 - FLAG_ROOM;

/// The room for flags in every document, in bytes: a flag takes the name of its source and 12 bytes more, so it is
/// enough for a dozen of sources with long names.
pub(crate) const FLAG_ROOM: usize = 1024;

/// Checks that a document's item has room for flags. An error is a defect of the document's code: the document grows
/// without limit.
pub(crate) fn has_room(item: &Item) -> Result<(), String> {
    let flags = item.get_key_value(FLAGS);
    let flags = flags.map(|(name, flags)| Item::from([(name.clone(), flags.clone())]));
    let size = item_size(item) - flags.as_ref().map_or(0, item_size);
    if size > DOCUMENT_ROOM {
        return Err(format!(
            "the document has {size} bytes, and at most {DOCUMENT_ROOM} can be stored"
        ));
    }
    Ok(())
}

pub(crate) fn partition(generation: u64, key: &str) -> String {
    format!("g{generation}#{key}")
}

/// Returns the place of a shard of a counter. Shard 0 is where the counter is that is not spread.
pub(crate) fn tally_place(generation: u64, tally: &str, shard: u32) -> (String, String) {
    match shard {
        0 => (partition(generation, tally), TALLY.to_owned()),
        _ => (
            partition(generation, &format!("{tally}#{shard}")),
            TALLY_SHARD.to_owned(),
        ),
    }
}

/// Returns whether a partition key is short enough for DynamoDB. A longer one cannot exist, and DynamoDB refuses to
/// read it.
pub(crate) fn fits(pk: &str) -> bool {
    pk.len() <= 2048
}

/// Returns whether a sort key is one that DynamoDB takes: 1 to 1,024 bytes.
pub(crate) fn is_sort_key(sk: &str) -> bool {
    (1..=1024).contains(&sk.len())
}

pub(crate) fn quarantine_partition(generation: u64) -> String {
    format!("quarantine#g{generation}")
}

pub(crate) fn key(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    Item::from([
        (PK.to_owned(), AttributeValue::S(pk.into())),
        (SK.to_owned(), AttributeValue::S(sk.into())),
    ])
}

/// Returns the last applied version by source.
pub(crate) fn versions(item: &Item) -> BTreeMap<String, u64> {
    let versions = item.get(VERSIONS).and_then(|v| v.as_m().ok());
    versions
        .into_iter()
        .flatten()
        .filter_map(|(source, version)| Some((source.clone(), number(version)?)))
        .collect()
}

/// Returns the last applied commit by source.
pub(crate) fn heads(item: &Item) -> BTreeMap<String, Head> {
    let heads = item.get(HEADS).and_then(|v| v.as_m().ok());
    heads
        .into_iter()
        .flatten()
        .filter_map(|(source, head)| Some((source.clone(), head.as_s().ok()?.parse().ok()?)))
        .collect()
}

pub(crate) fn set_or_remove(item: &mut Item, name: &str, value: Option<AttributeValue>) {
    match value {
        Some(value) => item.insert(name.to_owned(), value),
        None => item.remove(name),
    };
}

pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(crate) fn number<T: FromStr>(value: &AttributeValue) -> Option<T> {
    value.as_n().ok()?.parse().ok()
}

pub(crate) fn time(value: &AttributeValue) -> Option<Timestamp> {
    Timestamp::from_millisecond(number(value)?).ok()
}

pub(crate) fn text(item: &Item, name: &str) -> Option<String> {
    item.get(name)?.as_s().ok().cloned()
}
