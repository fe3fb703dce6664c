use aws_lambda_events::dynamodb::EventRecord;
use commit::{Commit, Metadata, StreamId};
use serde_dynamo::{AttributeValue, Item};
use std::collections::HashMap;

/// The attributes that are private to the service: the snapshot and the body's fingerprint.
const PRIVATE: [&str; 2] = ["s", "f"];

/// Returns the item of an `INSERT` as a commit, without its private attributes, or why it is not a commit.
///
/// The reason contains no data, because it is logged.
pub(crate) fn commit_in(record: EventRecord) -> Result<Commit, String> {
    let mut item: HashMap<String, AttributeValue> = record.change.new_image.into();
    for name in PRIVATE {
        item.remove(name);
    }
    if item.is_empty() {
        return Err("the record has no new image; the stream's view type must be NEW_IMAGE".to_owned());
    }
    let commit: Commit = serde_dynamo::from_item(Item::from(item))
        .map_err(|_| "the item does not have the attributes of a commit")?;
    if commit.first == 0 || commit.count == 0 || commit.count != commit.events.len() as u64 {
        return Err("the commit's versions do not match its events".to_owned());
    }
    Ok(commit)
}

/// The caller of `DeleteItem` when DynamoDB deletes an item that expired.
const EXPIRY: &str = "dynamodb.amazonaws.com";

/// Returns whether somebody changed or deleted a commit (G16). Items that are not commits may expire or be replaced: they are
/// not at the place of one, a stream's name and a version from 1.
pub(crate) fn is_tampered(record: &EventRecord) -> bool {
    let caller = record
        .user_identity
        .as_ref()
        .map(|caller| caller.principal_id.as_str());
    let keys = &record.change.keys;
    let stream = match keys.get("pk") {
        Some(AttributeValue::S(pk)) => pk.parse::<StreamId>().is_ok(),
        _ => false,
    };
    let version = match keys.get("sk") {
        Some(AttributeValue::N(sk)) => sk.parse::<u64>().is_ok_and(|version| version > 0),
        _ => false,
    };
    caller != Some(EXPIRY) && stream && version
}

/// Returns the table of a stream's ARN, for the metrics: `arn:aws:dynamodb:…:table/{name}/stream/…`.
pub(crate) fn table_of(record: &EventRecord) -> Option<&str> {
    let (_, rest) = record.event_source_arn.as_deref()?.split_once(":table/")?;
    rest.split('/').next()
}

/// The readable fields of a record that is not a commit: its key, and the request if possible.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) stream: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) correlation_id: Option<String>,
    pub(crate) trace_id: Option<String>,
}

impl About {
    /// Returns whether the record is about the mark of a command and not about a commit.
    pub(crate) fn is_mark(&self) -> bool {
        let stream = self.stream.as_deref().map(str::parse::<StreamId>);
        stream.is_some_and(|stream| stream.is_ok_and(|stream| stream.is_mark()))
    }

    pub(crate) fn of(record: &EventRecord) -> Self {
        let (keys, image) = (&record.change.keys, &record.change.new_image);
        let text = |name: &str| match keys.get(name).or_else(|| image.get(name)) {
            Some(AttributeValue::S(text) | AttributeValue::N(text)) => Some(text.clone()),
            _ => None,
        };
        let metadata = image.get("m").cloned();
        let metadata =
            metadata.and_then(|metadata| serde_dynamo::from_attribute_value::<_, Metadata>(metadata).ok());
        let metadata = metadata.unwrap_or_default();
        Self {
            stream: text("pk"),
            version: text("sk"),
            trace_id: metadata.trace_id().map(str::to_owned),
            correlation_id: metadata.correlation_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    #[test]
    fn key_and_request_of_a_record_that_is_not_a_commit_are_read() {
        let mut record = EventRecord::default();
        let keys = HashMap::from([
            ("pk".to_owned(), text("order#ord_1")),
            ("sk".to_owned(), AttributeValue::N("7".to_owned())),
        ]);
        record.change.keys = keys.into();
        let metadata = HashMap::from([("co".to_owned(), text("shop-7"))]);
        record.change.new_image = HashMap::from([("m".to_owned(), AttributeValue::M(metadata))]).into();
        let known = About {
            stream: Some("order#ord_1".to_owned()),
            version: Some("7".to_owned()),
            correlation_id: Some("shop-7".to_owned()),
            trace_id: None,
        };
        assert_eq!(About::of(&record), known);
    }

    fn change(pk: &str, sk: &str) -> EventRecord {
        let mut record = EventRecord::default();
        record.event_name = "REMOVE".to_owned();
        let keys = [
            ("pk".to_owned(), text(pk)),
            ("sk".to_owned(), AttributeValue::N(sk.to_owned())),
        ];
        record.change.keys = HashMap::from(keys).into();
        record
    }

    #[test]
    fn f13_changed_commit_is_tampered_with_unless_it_expired_or_is_another_item() {
        assert!(is_tampered(&change("order#ord_1", "7")));
        assert!(!is_tampered(&change("order#ord_1", "0")));
        assert!(!is_tampered(&change("mark", "7")));
        let json = serde_json::json!({ "principalId": "dynamodb.amazonaws.com", "type": "Service" });
        let mut expired = change("order#ord_1", "7");
        expired.user_identity = serde_json::from_value(json).unwrap();
        assert!(!is_tampered(&expired));
    }

    #[test]
    fn empty_record_has_no_readable_fields() {
        assert_eq!(About::of(&EventRecord::default()), About::default());
    }
}
