//! A commit with the attributes private to its service, converted to and from an item of the event table.

use crate::StoreError;
use crate::item::{FINGERPRINT, Item, SNAPSHOT, read_commit};
use crate::snapshot::Snapshot;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::{Commit, Fingerprint};

/// A commit with the attributes private to its service.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) commit: Commit,
    pub(crate) fingerprint: Option<Fingerprint>,
    pub(crate) snapshot: Option<Snapshot>,
}

/// Converts a commit to an item without a snapshot.
pub(crate) fn to_item(commit: &Commit, fingerprint: &Fingerprint) -> Result<Item, StoreError> {
    let mut item: Item = serde_dynamo::to_item(commit).map_err(|e| StoreError::damaged(&commit.stream, e))?;
    item.insert(FINGERPRINT.to_owned(), AttributeValue::S(fingerprint.to_string()));
    Ok(item)
}

pub(crate) fn read_stored(mut item: Item) -> Result<Stored, StoreError> {
    let fingerprint = match item.remove(FINGERPRINT) {
        Some(AttributeValue::S(text)) => text.parse().ok(),
        _ => None,
    };
    let snapshot = item.remove(SNAPSHOT).and_then(Snapshot::from_value);
    Ok(Stored {
        commit: read_commit(item)?,
        fingerprint,
        snapshot,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use commit::{CommandId, CommitId, EventData, Metadata};
    use jiff::Timestamp;
    use serde_json::json;
    use std::collections::HashMap;

    fn commit() -> Commit {
        Commit {
            stream: "lamp#lmp_1".parse().unwrap(),
            first: 7,
            count: 1,
            id: CommitId::from_bytes([1; 16]),
            command_id: CommandId::derive(&["a"]),
            previous: None,
            time: Timestamp::from_millisecond(1_700_000_000_123).unwrap(),
            metadata: Metadata {
                actor: Some("me".into()),
                ..Metadata::default()
            },
            events: vec![EventData {
                kind: "SwitchedOn".into(),
                schema: 2,
                data: json!({ "watts": 40, "note": null, "level": 0.5, "tags": ["a"] }),
            }],
        }
    }

    #[test]
    fn written_item_reads_back_the_same() {
        let fingerprint = Fingerprint::of(&[b"body"]);
        let stored = read_stored(to_item(&commit(), &fingerprint).unwrap()).unwrap();
        assert_eq!(stored.commit, commit());
        assert_eq!(stored.fingerprint, Some(fingerprint));
    }

    /// These names are stored; version them with care.
    #[test]
    fn the_item_has_the_documented_attributes() {
        let item = to_item(&commit(), &Fingerprint::of(&[b"body"])).unwrap();
        let n = |text: &str| AttributeValue::N(text.to_owned());
        let s = |text: &str| AttributeValue::S(text.to_owned());
        let m = |entries: &[(&str, AttributeValue)]| {
            AttributeValue::M(
                entries
                    .iter()
                    .map(|(k, v)| ((*k).to_owned(), v.clone()))
                    .collect(),
            )
        };
        let data = m(&[
            ("watts", n("40")),
            ("note", AttributeValue::Null(true)),
            ("level", n("0.5")),
            ("tags", AttributeValue::L(vec![s("a")])),
        ]);
        let event = m(&[("t", s("SwitchedOn")), ("v", n("2")), ("d", data)]);
        let expected = HashMap::from([
            ("pk".to_owned(), s("lamp#lmp_1")),
            ("sk".to_owned(), n("7")),
            ("n".to_owned(), n("1")),
            ("i".to_owned(), s("AQEBAQEBAQEBAQEBAQEBAQ")),
            ("c".to_owned(), s(&CommandId::derive(&["a"]).to_string())),
            ("f".to_owned(), s(&Fingerprint::of(&[b"body"]).to_string())),
            ("t".to_owned(), n("1700000000123")),
            ("m".to_owned(), m(&[("a", s("me"))])),
            ("e".to_owned(), AttributeValue::L(vec![event])),
        ]);
        assert_eq!(item, expected);
    }

    #[test]
    fn error_for_an_invalid_item_contains_its_place() {
        let mut item = to_item(&commit(), &Fingerprint::of(&[])).unwrap();
        item.insert("n".to_owned(), AttributeValue::N("3".into()));
        let error = read_stored(item).unwrap_err().to_string();
        assert_eq!(
            error,
            "lamp#lmp_1 at version 7 is damaged: `n` is 3 and there are 1 events"
        );
    }
}
