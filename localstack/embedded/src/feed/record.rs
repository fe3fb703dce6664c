//! The stream record of an inserted item, in the form that Lambda receives.

use aws_lambda_events::dynamodb::{EventRecord, StreamRecord, StreamViewType};
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// Builds the record of an `INSERT`. Sequence numbers are counted within the shard and have 21 digits as in DynamoDB.
pub(super) fn insert(table: &str, sequence: u64, item: HashMap<String, AttributeValue>) -> EventRecord {
    let keys: HashMap<String, AttributeValue> = ["pk", "sk"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), item.get(name)?.clone())))
        .collect();
    let mut change = StreamRecord::default();
    change.keys = keys.into();
    change.new_image = item.into();
    change.sequence_number = Some(format!("{sequence:021}"));
    change.stream_view_type = Some(StreamViewType::NewImage);

    let mut record = EventRecord::default();
    record.event_id = format!("{table}-{sequence}");
    record.event_name = "INSERT".to_owned();
    record.event_source = Some("aws:dynamodb".to_owned());
    record.event_version = Some("1.1".to_owned());
    record.event_source_arn = Some(format!(
        "arn:aws:dynamodb:local:000000000000:table/{table}/stream/local"
    ));
    record.aws_region = "local".to_owned();
    record.change = change;
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::dynamodb::Event;

    #[test]
    fn record_round_trips_through_lambdas_json() {
        let item = HashMap::from([
            ("pk".to_owned(), AttributeValue::S("order#ord_1".into())),
            ("sk".to_owned(), AttributeValue::N("1".into())),
            ("e".to_owned(), AttributeValue::L(vec![])),
        ]);
        let mut event = Event::default();
        event.records = vec![insert("orders-events", 7, item)];
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["Records"][0]["eventName"], "INSERT");
        assert_eq!(json["Records"][0]["dynamodb"]["Keys"]["sk"]["N"], "1");
        assert_eq!(
            json["Records"][0]["dynamodb"]["NewImage"]["pk"]["S"],
            "order#ord_1"
        );
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
    }
}
