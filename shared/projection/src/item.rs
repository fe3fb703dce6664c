//! The items of a view's table. The names are stored; version them with care.
//!
//! | item | pk | sk |
//! | --- | --- | --- |
//! | document | `g{generation}#{key}` | `-` |
//! | derived row, journal row | `g{generation}#{row partition}` | the row's sort |
//! | tally | `g{generation}#{tally}` | `tally` |
//! | quarantine row | `quarantine#g{generation}` | `{source}#{key}` |
//! | registry | `registry` | `-` |
//! | rebuild, sweep, clearing | `registry` | `rebuild#{generation}`, `sweep#{number}`, `clear#{generation}` |
//! | segment of one of them | `rebuild#{generation}`, … | `{phase}#{source}#{segment}` |
//! | event that is left out | `skips` | `{stream}#{version}` |

use crate::derived::Index;
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::state::{Mark, State};
use crate::subscriber::Subscriber;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) const PK: &str = "pk";
pub(crate) const SK: &str = "sk";
/// The sort key of documents and of the registry.
pub(crate) const SELF: &str = "-";
/// The sort key of tallies: of their own, so that a counter may carry the name of a document.
pub(crate) const TALLY: &str = "tally";
pub(crate) const REVISION: &str = "r";
pub(crate) const VERSIONS: &str = "v";
pub(crate) const TIME: &str = "t";
pub(crate) const DOCUMENT: &str = "doc";
pub(crate) const LEAN: &str = "l";
/// What a row holds.
pub(crate) const DATA: &str = "data";
/// The key of the document that a derived row follows from. Journal rows have none: they never go away.
pub(crate) const OWNER: &str = "d";
pub(crate) const ROWS: &str = "rows";
pub(crate) const TALLIES: &str = "tallies";
pub(crate) const QUARANTINE: &str = "q";
pub(crate) const INDEX: &str = "lists";
pub(crate) const INDEX_PK: &str = "g1pk";
pub(crate) const INDEX_SK: &str = "g1sk";

/// Names that a view's filter attributes cannot have.
pub(crate) const RESERVED: [&str; 12] = [
    PK, SK, REVISION, VERSIONS, TIME, DOCUMENT, LEAN, ROWS, TALLIES, QUARANTINE, INDEX_PK, INDEX_SK,
];

pub(crate) fn partition(generation: u64, key: &str) -> String {
    format!("g{generation}#{key}")
}

/// Whether a partition key is short enough for DynamoDB: what is not there cannot be asked for.
pub(crate) fn fits(pk: &str) -> bool {
    pk.len() <= 2048
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

/// A document as it is stored, and the state to go on from.
pub(crate) struct Stored<S: Subscriber> {
    /// None: there is no such document yet.
    pub(crate) raw: Option<Item>,
    pub(crate) revision: u64,
    pub(crate) ledger: Ledger,
    pub(crate) state: State<S>,
}

impl<S: Subscriber> Stored<S> {
    pub(crate) fn read(raw: Option<Item>) -> Self {
        let Some(raw) = raw else {
            return Self {
                raw: None,
                revision: 0,
                ledger: Ledger::default(),
                state: State::default(),
            };
        };
        let document = match raw.get(DOCUMENT) {
            Some(document) => serde_dynamo::from_attribute_value(document.clone()).map_err(|e| e.to_string()),
            None => Ok(S::Document::default()),
        };
        let state = State {
            document,
            versions: versions(&raw),
            time: raw.get(TIME).and_then(time),
            quarantine: marks(&raw),
            derived: None,
            journal: Journal::default(),
            skips: BTreeMap::new(),
        };
        Self {
            revision: raw.get(REVISION).and_then(number).unwrap_or(0),
            ledger: Ledger::read(&raw),
            state,
            raw: Some(raw),
        }
    }

    /// The item of this revision. An error is one of the document's code: it cannot be written as an item.
    pub(crate) fn next(
        &self,
        generation: u64,
        key: &str,
        revision: u64,
        state: &State<S>,
        ledger: &Ledger,
    ) -> Result<Item, String> {
        let mut item = match (&state.derived, &state.document) {
            (Some(derived), Ok(document)) => {
                let mut item = match &derived.index {
                    Some(index) => index_attributes(generation, index, S::FILTERS)?,
                    None => Item::new(),
                };
                let document = serde_dynamo::to_attribute_value(document).map_err(|e| e.to_string())?;
                item.insert(DOCUMENT.to_owned(), document);
                item
            }
            // As it was read; only what the engine notes beside it changes.
            _ => self.raw.clone().unwrap_or_default(),
        };
        item.extend(self::key(partition(generation, key), SELF));
        item.insert(REVISION.to_owned(), n(revision));
        let versions = state.versions.iter().map(|(s, v)| (s.clone(), n(v)));
        item.insert(VERSIONS.to_owned(), AttributeValue::M(versions.collect()));
        if let Some(time) = state.time {
            item.insert(TIME.to_owned(), n(time.as_millisecond()));
        }
        set_or_remove(&mut item, QUARANTINE, write_marks(&state.quarantine));
        ledger.write(&mut item);
        Ok(item)
    }

    /// The item of this revision with nothing changed but the ledger: what stands between the parts of a change
    /// that is too large for one transaction.
    pub(crate) fn between(&self, generation: u64, key: &str, revision: u64, ledger: &Ledger) -> Item {
        let mut item = self.raw.clone().unwrap_or_default();
        item.extend(self::key(partition(generation, key), SELF));
        item.insert(REVISION.to_owned(), n(revision));
        ledger.write(&mut item);
        item
    }
}

fn index_attributes(generation: u64, index: &Index, filters: &[&str]) -> Result<Item, String> {
    let mut item = Item::new();
    for name in filters {
        if let Some(value) = index.attributes.get(*name) {
            let value = serde_dynamo::to_attribute_value(value).map_err(|e| e.to_string())?;
            item.insert((*name).to_owned(), value);
        }
    }
    let lean = serde_dynamo::to_attribute_value(&index.lean).map_err(|e| e.to_string())?;
    item.insert(LEAN.to_owned(), lean);
    item.insert(
        INDEX_PK.to_owned(),
        AttributeValue::S(partition(generation, &index.partition)),
    );
    item.insert(INDEX_SK.to_owned(), AttributeValue::S(index.sort.clone()));
    Ok(item)
}

/// The last applied version by source.
pub(crate) fn versions(item: &Item) -> BTreeMap<String, u64> {
    let versions = item.get(VERSIONS).and_then(|v| v.as_m().ok());
    versions
        .into_iter()
        .flatten()
        .filter_map(|(source, version)| Some((source.clone(), number(version)?)))
        .collect()
}

/// The quarantine marks by source.
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

fn write_marks(marks: &BTreeMap<String, Mark>) -> Option<AttributeValue> {
    let marks: Item = marks
        .iter()
        .map(|(source, mark)| (source.clone(), AttributeValue::M(write_mark(mark))))
        .collect();
    (!marks.is_empty()).then_some(AttributeValue::M(marks))
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
