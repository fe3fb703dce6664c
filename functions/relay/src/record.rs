use aws_lambda_events::dynamodb::EventRecord;
use commit::Commit;
use serde_dynamo::{AttributeValue, Item};
use std::collections::HashMap;

/// What is private to the service: the snapshot and the body's fingerprint.
const PRIVATE: [&str; 2] = ["s", "f"];

/// The item of an `INSERT` as a commit, without its private attributes; or why it is none.
///
/// The reason names no data: it is for the log.
pub(crate) fn commit_in(record: EventRecord) -> Result<Commit, String> {
    let mut item: HashMap<String, AttributeValue> = record.change.new_image.into();
    for name in PRIVATE {
        item.remove(name);
    }
    if item.is_empty() {
        return Err("the record has no new image; the stream's view type must be NEW_IMAGE".to_owned());
    }
    let commit: Commit = serde_dynamo::from_item(Item::from(item))
        .map_err(|_| "the item has not the attributes of a commit")?;
    if commit.first == 0 || commit.count == 0 || commit.count != commit.events.len() as u64 {
        return Err("the commit's versions do not match its events".to_owned());
    }
    Ok(commit)
}

/// The table of a stream's ARN, for the metrics: `arn:aws:dynamodb:…:table/{name}/stream/…`.
pub(crate) fn table_of(record: &EventRecord) -> Option<&str> {
    let (_, rest) = record.event_source_arn.as_deref()?.split_once(":table/")?;
    rest.split('/').next()
}
