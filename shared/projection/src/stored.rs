use crate::deadline::Deadlines;
use crate::derived::Index;
use crate::item::{
    DOCUMENT, FLAGS, HEADS, INDEX_PK, INDEX_SK, Item, LEAN, REVISION, SELF, TIME, VERSIONS, heads, key, n,
    number, partition, set_or_remove, time, versions,
};
use crate::journal::Journal;
use crate::ledger::Ledger;
use crate::mark::{Mark, flags, write_flags};
use crate::state::State;
use crate::subscriber::Subscriber;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::fault;
use std::collections::BTreeMap;

/// A document as it is stored, and the state read from it.
pub(crate) struct Stored<S: Subscriber> {
    /// `None` when the document does not exist yet.
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
            Some(document) => serde_dynamo::from_attribute_value(document.clone()).map_err(|e| fault(&e)),
            None => Ok(S::Document::default()),
        };
        let state = State {
            document,
            versions: versions(&raw),
            heads: heads(&raw),
            time: raw.get(TIME).and_then(time),
            // The engine reads the marks themselves when it needs them.
            marks: flags(&raw)
                .into_iter()
                .map(|(source, next)| (source, Mark::flagged(next)))
                .collect(),
            deadlines: Deadlines::read(&raw),
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

    /// Returns the item with this revision. An error is a defect of the document's code: the document cannot be written
    /// as an item.
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
            // The document as it was read; only the engine's attributes change.
            _ => self.raw.clone().unwrap_or_default(),
        };
        item.extend(self::key(partition(generation, key), SELF));
        item.insert(REVISION.to_owned(), n(revision));
        let versions = state.versions.iter().map(|(s, v)| (s.clone(), n(v)));
        item.insert(VERSIONS.to_owned(), AttributeValue::M(versions.collect()));
        let heads = state.heads.iter();
        let heads = heads.map(|(source, head)| (source.clone(), AttributeValue::S(head.to_string())));
        let heads: Item = heads.collect();
        let heads = (!heads.is_empty()).then_some(AttributeValue::M(heads));
        set_or_remove(&mut item, HEADS, heads);
        set_or_remove(&mut item, TIME, None);
        if let Some(time) = state.time {
            item.insert(TIME.to_owned(), n(time.as_millisecond()));
        }
        set_or_remove(&mut item, FLAGS, write_flags(&state.marks));
        state.deadlines.write(&mut item);
        ledger.write(&mut item);
        Ok(item)
    }

    /// Returns the item with this revision in which only the ledger is changed. It is stored between the parts of a
    /// change that is too large for one transaction.
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
