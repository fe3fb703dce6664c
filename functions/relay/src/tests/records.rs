use aws_lambda_events::dynamodb::{Event, EventRecord};
use commit::{CommandId, Commit, CommitId, EventData, Metadata, StreamId};
use jiff::Timestamp;
use serde_dynamo::{AttributeValue, Item};
use serde_json::{Value, json};
use std::collections::HashMap;

/// The value of the private attributes of every record.
pub(crate) const SECRET: &str = "state of the service";

pub(crate) fn commit(stream: &str, first: u64, count: u64, data: &Value) -> Commit {
    let stream: StreamId = stream.parse().unwrap();
    let id = CommandId::derive(&[&stream.to_string(), &first.to_string()]);
    Commit {
        first,
        count,
        id: CommitId::from_bytes(id.bytes()),
        command_id: id,
        previous: None,
        time: Timestamp::from_millisecond(1_700_000_000_123).unwrap(),
        metadata: Metadata {
            correlation_id: Some("shop-7".into()),
            ..Metadata::default()
        },
        events: (0..count)
            .map(|_| EventData {
                kind: "Changed".into(),
                schema: 1,
                data: data.clone(),
            })
            .collect(),
        stream,
    }
}

pub(crate) fn small(stream: &str, first: u64) -> Commit {
    commit(
        stream,
        first,
        1,
        &json!({ "n": 1, "price": "12.34", "list": [true, null, -7] }),
    )
}

/// Returns the record of a commit in the stream of an event table.
pub(crate) fn record(sequence_number: usize, commit: &Commit) -> EventRecord {
    let item: Item = serde_dynamo::to_item(commit).unwrap();
    let mut item: HashMap<String, AttributeValue> = item.into();
    item.insert("f".into(), AttributeValue::S(SECRET.into()));
    item.insert(
        "s".into(),
        AttributeValue::M(HashMap::from([(
            "d".to_owned(),
            AttributeValue::S(SECRET.into()),
        )])),
    );
    raw_record(sequence_number, "INSERT", item)
}

pub(crate) fn raw_record(
    sequence_number: usize,
    name: &str,
    item: HashMap<String, AttributeValue>,
) -> EventRecord {
    let mut record = EventRecord::default();
    record.event_name = name.into();
    record.event_source_arn = Some("arn:aws:dynamodb:eu-west-1:1:table/orders-events/stream/x".into());
    record.change.sequence_number = Some(sequence_number.to_string());
    record.change.new_image = item.into();
    record
}

pub(crate) fn event(records: Vec<EventRecord>) -> Event {
    let mut event = Event::default();
    event.records = records;
    event
}

/// Returns an event with the sequence numbers 100, 101, …
pub(crate) fn event_of(commits: &[Commit]) -> Event {
    event(
        commits
            .iter()
            .enumerate()
            .map(|(n, commit)| record(100 + n, commit))
            .collect(),
    )
}
