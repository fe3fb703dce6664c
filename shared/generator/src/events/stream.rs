//! Records of a table's stream.

use super::story::Commit;
use function::System;
use serde_json::{Map, Value, json};

/// Returns a batch with one commit.
pub(super) fn batch(system: &System, commit: &Commit) -> Value {
    let table = system
        .owner(&commit.category)
        .map(|table| table.name)
        .unwrap_or_default();
    let mut image = commit.whole();
    image["f"] = json!(commit.id("fingerprint"));
    let image = item(&image);
    json!({ "Records": [{
        "eventID": "c4ca4238a0b923820dcc509a6f758491",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": commit.time / 1000,
            "Keys": { "pk": image["pk"], "sk": image["sk"] },
            "NewImage": image,
            "SequenceNumber": "111000000000000000000001",
            "SizeBytes": image_size(commit),
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": format!(
            "arn:aws:dynamodb:us-east-1:000000000000:table/{table}/stream/2026-11-23T00:00:00.000"
        ),
    }] })
}

fn image_size(commit: &Commit) -> usize {
    commit.whole().to_string().len()
}

/// Converts an object to DynamoDB's JSON.
fn item(object: &Value) -> Value {
    let members = object.as_object().into_iter().flatten();
    members
        .map(|(name, value)| (name.clone(), attribute(value)))
        .collect::<Map<_, _>>()
        .into()
}

fn attribute(value: &Value) -> Value {
    match value {
        Value::Null => json!({ "NULL": true }),
        Value::Bool(value) => json!({ "BOOL": value }),
        Value::Number(number) => json!({ "N": number.to_string() }),
        Value::String(text) => json!({ "S": text }),
        Value::Array(values) => json!({ "L": values.iter().map(attribute).collect::<Vec<_>>() }),
        Value::Object(_) => json!({ "M": item(value) }),
    }
}
