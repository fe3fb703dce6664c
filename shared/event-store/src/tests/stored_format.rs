//! Stored items outlive the code that stored them. These names and formats are stored; version them with care.

use crate::CommandContext;
use crate::tests::fixture::{Fixture, at, keyed};
use crate::tests::jar::{Command, State, add};
use aws_sdk_dynamodb::types::AttributeValue;
use commit::Metadata;
use serde_json::{Value, json};
use std::collections::HashMap;

fn context() -> CommandContext {
    let mut context = keyed("key", "body");
    context.metadata = Metadata {
        actor: Some("con_1".into()),
        correlation_id: Some("r-1".into()),
        causation_id: Some("c-1".into()),
        on_behalf_of: Some("usr_1".into()),
        traceparent: Some("00-1-2-01".into()),
    };
    context
}

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/commit-v2.json")).unwrap()
}

/// Returns a commit as it was stored before commits named the one before them.
fn golden_v1() -> Value {
    serde_json::from_str(include_str!("golden/commit-v1.json")).unwrap()
}

/// Converts a value to DynamoDB's JSON, with binary values as hexadecimal digits.
fn to_json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::B(bytes) => {
            let digits: String = bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            json!({ "B": digits })
        }
        AttributeValue::L(list) => json!({ "L": list.iter().map(to_json).collect::<Vec<_>>() }),
        AttributeValue::M(map) => json!({ "M": item_to_json(map) }),
        other => panic!("{other:?}"),
    }
}

fn item_to_json(item: &HashMap<String, AttributeValue>) -> Value {
    item.iter()
        .map(|(name, value)| (name.clone(), to_json(value)))
        .collect()
}

fn from_json(value: &Value) -> AttributeValue {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "S" => AttributeValue::S(value.as_str().unwrap().to_owned()),
        "N" => AttributeValue::N(value.as_str().unwrap().to_owned()),
        "B" => {
            let digits = value.as_str().unwrap().as_bytes();
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
            AttributeValue::B(aws_sdk_dynamodb::primitives::Blob::new(
                digits.chunks(2).map(byte).collect::<Vec<_>>(),
            ))
        }
        "L" => AttributeValue::L(value.as_array().unwrap().iter().map(from_json).collect()),
        "M" => AttributeValue::M(item_from_json(value)),
        other => panic!("{other}"),
    }
}

fn item_from_json(item: &Value) -> HashMap<String, AttributeValue> {
    let entries = item.as_object().unwrap().iter();
    entries
        .map(|(name, value)| (name.clone(), from_json(value)))
        .collect()
}

#[tokio::test]
async fn a_commit_is_stored_as_documented() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    store
        .create("jar_1", &Command::Write(3), &keyed("earlier", ""))
        .await
        .unwrap();
    store
        .execute("jar_1", &Command::Add(vec![5, 7]), &context())
        .await
        .unwrap();
    let mut item = fixture.item("jar_1", 2).await;
    assert!(item.contains_key("i"));
    item.insert("i".to_owned(), AttributeValue::S("AZmhssPUfl-AkaKzxNXm9w".into()));
    let before = fixture.item("jar_1", 1).await;
    let before = before["i"].as_s().unwrap();
    assert_eq!(item["p"].as_s().unwrap(), &before[12..]);
    item.insert("p".to_owned(), AttributeValue::S("gZGis8TV5g".into()));
    let stored = item_to_json(&item);
    assert_eq!(
        stored,
        golden(),
        "{}",
        serde_json::to_string_pretty(&stored).unwrap()
    );
}

#[tokio::test]
async fn commit_stored_by_the_first_version_loads_and_accepts_commands() {
    let fixture = Fixture::new().await;
    fixture.put(item_from_json(&golden_v1())).await;
    let loaded = fixture.cold().load("jar_1").await.unwrap();
    let expected = State {
        coins: 12,
        note: "nnn".into(),
    };
    assert_eq!(
        (loaded.state, loaded.version, loaded.time),
        (expected, 3, Some(at(0)))
    );

    let again = fixture
        .cold()
        .execute("jar_1", &Command::Add(vec![5, 7]), &context())
        .await
        .unwrap();
    assert_eq!((again.replayed, again.version), (true, 3));
    assert_eq!(
        fixture
            .cold()
            .execute("jar_1", &add(1), &keyed("next", ""))
            .await
            .unwrap()
            .version,
        4
    );
}

#[tokio::test]
async fn an_event_of_an_older_schema_is_upcast() {
    let fixture = Fixture::new().await;
    let mut item = golden_v1();
    item["sk"] = json!({ "N": "1" });
    item["s"] = json!({ "M": {} });
    for event in item["e"]["L"].as_array_mut().unwrap() {
        event["M"]["v"] = json!({ "N": "1" });
        event["M"]["d"]["M"].as_object_mut().unwrap().remove("label");
    }
    fixture.put(item_from_json(&item)).await;
    assert_eq!(fixture.cold().load("jar_1").await.unwrap().state.coins, 12);
}
